//! Speeds: against the memory bandwidth, and against the other quantizations of the same model.

use crate::audit::finding::{Finding, finding, place, subject};
use crate::catalog::schema::{Measurement, Model, Variant};
use crate::machine::ChipFigures;
use crate::machine::profile::Chip;
use crate::speed::{SHALLOW_DEPTH, measured};

/// A smaller file may be this much slower than a larger one before it is strange.
const TOLERANCE: f64 = 0.90;
/// Files closer in size than this are not a smaller and a larger one.
const CLEARLY_SMALLER: f64 = 0.92;

pub(super) fn check(model: &Model, chips: &[Chip]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = model
        .measurements
        .iter()
        .filter_map(|m| above_bandwidth(model, m, chips))
        .collect();
    findings.extend(smaller_but_slower(model));
    findings
}

/// Decoding reads the active weights once per token; nothing does so faster than the memory.
fn above_bandwidth(model: &Model, m: &Measurement, chips: &[Chip]) -> Option<Finding> {
    let variant = model.variant(&m.variant)?;
    let chip = chips.iter().find(|c| c.id == m.chip)?;
    let figures = ChipFigures::of(chip, m.gpu_cores);
    let best_bin = chip
        .bins
        .iter()
        .filter_map(|b| b.bandwidth_gb_per_second)
        .fold(0.0, f64::max)
        * 1e9;
    let bandwidth = figures.bandwidth.unwrap_or(best_bin);
    let tps = measured::run_decode(m).filter(|_| m.concurrency == 1)?;
    let ceiling = bandwidth / model.active_bytes(variant);
    (bandwidth > 0.0 && tps > ceiling).then(|| {
        let evidence = format!(
            "{tps:.1} t/s would read {:.0} GB/s of active weights; the chip has {:.0} GB/s",
            tps * model.active_bytes(variant) / 1e9,
            bandwidth / 1e9
        );
        let remedy = "speculative decoding, another quantization, a batch, or a wrong number of active parameters: find out which";
        let figures = vec![
            ("speed", format!("{tps:.1}")),
            (
                "needed",
                format!("{:.0}", tps * model.active_bytes(variant) / 1e9),
            ),
            ("bandwidth", format!("{:.0}", bandwidth / 1e9)),
        ];
        finding(
            "above-bandwidth",
            subject(model, m),
            (evidence, figures),
            remedy,
        )
    })
}

/// What a measurement says of the speed, by whichever method.
fn rate(m: &Measurement) -> Option<f64> {
    measured::wall_clock_mean(m)
        .or_else(|| measured::run_decode(m))
        .or(m.reported_mean_tokens_per_second)
}

/// A smaller quantization reads less per token, and so should not be slower. Compared within one
/// engine, one chip and one method; of each pair of variants the strangest pair of rows is named.
fn smaller_but_slower(model: &Model) -> Vec<Finding> {
    let mut findings = Vec::new();
    for small in &model.variants {
        for large in &model.variants {
            let smaller = small.weights_bytes.gb() < large.weights_bytes.gb() * CLEARLY_SMALLER;
            if smaller && let Some(f) = strangest_pair(model, small, large) {
                findings.push(f);
            }
        }
    }
    findings
}

fn strangest_pair(model: &Model, small: &Variant, large: &Variant) -> Option<Finding> {
    let rows = |v: &Variant| -> Vec<(&Measurement, f64)> {
        let shallow =
            |m: &&Measurement| m.concurrency == 1 && m.depth_tokens.unwrap_or(0) <= SHALLOW_DEPTH;
        model
            .measurements
            .iter()
            .filter(|m| m.variant == v.id)
            .filter(shallow)
            .filter_map(|m| rate(m).map(|r| (m, r)))
            .collect()
    };
    let fast = rows(large);
    let pairs = rows(small)
        .into_iter()
        .flat_map(|a| fast.iter().map(move |b| (a, *b)));
    let comparable = pairs.filter(|((a, _), (b, _))| {
        a.engine == b.engine
            && a.chip == b.chip
            && a.gpu_cores == b.gpu_cores
            && a.method == b.method
    });
    let ((a, slow), (b, quick)) = comparable
        .filter(|((_, slow), (_, quick))| *slow < quick * TOLERANCE)
        .min_by(|((_, s), (_, q)), ((_, t), (_, r))| (s / q).total_cmp(&(t / r)))?;
    let evidence = format!(
        "{slow:.1} t/s with {}, though {} with {} runs at {quick:.1} t/s ({})",
        small.weights_bytes.both(),
        b.variant,
        large.weights_bytes.both(),
        place(&b.source)
    );
    let figures = vec![
        ("slow", format!("{slow:.1}")),
        ("weights", small.weights_bytes.both()),
        ("other", b.variant.clone()),
        ("other_weights", large.weights_bytes.both()),
        ("quick", format!("{quick:.1}")),
        ("other_run", place(&b.source).to_owned()),
    ];
    let remedy = "one of the two is not what it says: a cold run, another mode of the engine, or a miscounted speed; measure both again";
    Some(finding(
        "smaller-but-slower",
        subject(model, a),
        (evidence, figures),
        remedy,
    ))
}
