//! Rows that came from elsewhere, held against what is known without them: what can't be, what is
//! far from the speed model's band, what is there twice.

use super::finding::{Finding, finding, subject};
use super::{compute, speeds};
use crate::catalog::schema::{Measurement, Model, Variant};
use crate::catalog::{Catalog, same_run};
use crate::machine::profile::Chip;
use crate::machine::{ChipFigures, Machine};
use crate::speed::{Figure, Filter, SpeedModel, measured};
use crate::units::Bytes;

/// How many times the width of the band a figure may lie off before it is not believed. The band
/// holds four of five; of figures that differ as those of the catalog do, one in a hundred is further
/// off.
const FAR: f64 = 2.5;

/// Why a stranger's row must not decide, where it must not.
#[must_use]
pub fn doubt(model: &Model, m: &Measurement, speed: &SpeedModel, chips: &[Chip]) -> Option<String> {
    impossible(model, m, chips).or_else(|| outlier(model, m, speed, chips))
}

/// What the rules of the check say of the row alone.
fn impossible(model: &Model, m: &Measurement, chips: &[Chip]) -> Option<String> {
    let alone = Model {
        measurements: vec![m.clone()],
        ..model.clone()
    };
    let mut findings = speeds::check(&alone, chips).into_iter();
    let found = findings.next();
    let found = found.or_else(|| compute::check(&alone, chips).into_iter().next());
    found.map(|f| format!("it can't be: {}", f.evidence))
}

/// What lies far outside the band that is expected.
fn outlier(model: &Model, m: &Measurement, speed: &SpeedModel, chips: &[Chip]) -> Option<String> {
    let variant = model.variant(&m.variant)?;
    if m.concurrency != 1 || m.engine != variant.engine {
        return None;
    }
    let chip = chips.iter().find(|c| c.id == m.chip)?;
    let machine = bare(chip, m);
    let of = (model, variant);
    decode(of, m, speed, &machine).or_else(|| prefill(of, m, speed, &machine))
}

type Of<'a> = (&'a Model, &'a Variant);

fn decode(
    (model, variant): Of<'_>,
    m: &Measurement,
    speed: &SpeedModel,
    on: &Machine,
) -> Option<String> {
    let seen = measured::run_decode(m)?;
    let depth = m.depth_tokens.unwrap_or(0);
    let expected = speed.decode(model, variant, on, depth, Filter::default());
    far("decoding", seen, &expected.ok()?)
}

fn prefill(
    (model, variant): Of<'_>,
    m: &Measurement,
    speed: &SpeedModel,
    on: &Machine,
) -> Option<String> {
    let seen = m.prefill_tokens_per_second?;
    if m.prefill_after_tokens.is_some_and(|after| after > 0) {
        return None;
    }
    let tokens = m.prefill_tokens.or(m.depth_tokens).filter(|n| *n > 0)?;
    let expected = speed.prefill(model, variant, on, tokens, Filter::default());
    far("reading the prompt", seen, &expected.ok()?)
}

fn far(what: &str, seen: f64, expected: &Figure) -> Option<String> {
    let (value, (low, high)) = (expected.value(), expected.range());
    let off = (seen / value).ln().abs();
    (off > FAR * (high / value).ln()).then(|| {
        format!(
            "{seen:.1} tokens per second {what}, where {value:.1} ({low:.1} to {high:.1}) are expected"
        )
    })
}

/// A machine of which only the chip is known.
fn bare(chip: &Chip, m: &Measurement) -> Machine {
    Machine {
        id: chip.id.clone(),
        name: chip.brand.clone(),
        chip: Some(ChipFigures::of(chip, m.gpu_cores)),
        kind: chip.kind,
        system: None,
        gpu_memory: chip.kind.gpu_memory(),
        macos: None,
        memory: Bytes(u64::from(m.memory_gib.unwrap_or(0)) << 30),
        wired_limit: None,
        gpu_working_set: None,
        reserve: Bytes::ZERO,
        reserve_source: String::new(),
    }
}

/// What is wrong with the rows that a catalog has on top of another, and which of them an import
/// held back.
#[must_use]
pub fn check(base: &Catalog, whole: &Catalog, speed: &SpeedModel, chips: &[Chip]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for model in &whole.models {
        let below = base.model(&model.id);
        let is_new = |m: &Measurement| below.is_none_or(|b| !b.measurements.contains(m));
        for (n, m) in model
            .measurements
            .iter()
            .enumerate()
            .filter(|(_, m)| is_new(m))
        {
            findings.extend(held_back(model, m));
            if m.suspect.is_some() {
                continue;
            }
            findings.extend(twice(model, n, m));
            let stranger = below.filter(|_| !m.own);
            // Against what is known without the user's rows, this one among them.
            let far = stranger.and_then(|below| outlier(below, m, speed, chips));
            findings.extend(far.map(|evidence| {
                let evidence = format!("{evidence} [{}]", m.source);
                finding(
                    "outlier",
                    subject(model, m),
                    (evidence, Vec::new()),
                    "measure again, or mark it as `suspect` with the reason; it decides until then",
                )
            }));
        }
    }
    findings
}

/// A row that an import, or its owner, marked as not to decide: its reason explains it.
fn held_back(model: &Model, m: &Measurement) -> Option<Finding> {
    let reason = m.suspect.clone()?;
    let seen = (
        "it is held back, and decides nothing".to_owned(),
        Vec::new(),
    );
    let found = finding(
        "held-back",
        subject(model, m),
        seen,
        "take `suspect` out if it is right",
    );
    Some(Finding {
        explanation: Some(reason),
        ..found
    })
}

/// The same run under another source, before it in the catalog.
fn twice(model: &Model, n: usize, m: &Measurement) -> Option<Finding> {
    let mut before = model.measurements[..n].iter();
    let other = before.find(|other| {
        other.variant == m.variant
            && other.chip == m.chip
            && other.engine == m.engine
            && same_run(other, m)
    })?;
    let evidence = format!("the same day and figures as {}", subject(model, other));
    let figures = vec![("other", subject(model, other))];
    Some(finding(
        "duplicate",
        subject(model, m),
        (evidence, figures),
        "take one of the two out: a run counts once",
    ))
}
