//! Sizes: bytes against parameters and bits, one size for one file, peaks against files.

use std::collections::BTreeMap;

use crate::audit::finding::{Finding, finding, subject};
use crate::catalog::Catalog;
use crate::catalog::schema::{Measurement, Model, Variant};
use crate::units::Bytes;

/// Bits per weight that a quantization's name promises: least and most.
///
/// K-quants mix types by layer, small models keep large embeddings in more bits, and MLX adds half
/// a bit of scales at group size 64: the ranges are wide enough for those and for nothing else.
const NOMINAL_BITS: [(&str, f64, f64); 26] = [
    ("IQ1_S", 1.5, 2.3),
    ("IQ2_XXS", 1.9, 2.7),
    ("IQ2_M", 2.4, 3.1),
    ("Q2_K", 2.5, 3.6),
    ("IQ3_XXS", 2.8, 3.6),
    ("Q3_K_S", 3.2, 4.0),
    ("Q3_K_M", 3.4, 4.4),
    ("IQ4_XS", 4.1, 4.8),
    ("Q4_0", 4.3, 5.4),
    ("Q4_K_S", 4.4, 5.1),
    ("Q4_K_M", 4.5, 5.6),
    ("Q5_K_S", 5.3, 6.1),
    ("Q5_K_M", 5.4, 7.2),
    ("Q6_K", 6.4, 7.3),
    ("Q8_0", 8.3, 9.0),
    ("BF16", 15.5, 16.6),
    ("F16", 15.5, 16.6),
    ("bf16", 15.5, 16.8),
    ("fp16", 15.5, 16.8),
    ("MXFP4", 4.1, 5.0),
    ("mxfp4", 4.1, 5.0),
    ("3bit", 3.3, 4.2),
    ("4bit", 4.2, 5.4),
    ("5bit", 5.3, 6.3),
    ("6bit", 6.3, 7.4),
    ("8bit", 8.3, 9.4),
];

/// Sizes of one file closer than this are one size, rounded.
const SAME_SIZE: f64 = 0.002;

/// Two quantizations closer in size than this are one file under two names.
const ONE_FILE: f64 = 0.0025;
/// A GiB in GB, as if bytes had been counted in the wrong one.
const GIB_IN_GB: f64 = 1.073_741_824;
/// Bits per weight of quantizations that store every matrix alike: MLX with half a bit of scales
/// at group size 64, and llama.cpp's 8-bit blocks.
const UNIFORM_BITS: [(&str, f64); 6] = [
    ("3bit", 3.5),
    ("4bit", 4.5),
    ("5bit", 5.5),
    ("6bit", 6.5),
    ("8bit", 8.5),
    ("Q8_0", 8.5),
];

pub(super) fn check(model: &Model) -> Vec<Finding> {
    let mut findings: Vec<Finding> = model
        .variants
        .iter()
        .filter_map(|v| bits(model, v))
        .collect();
    findings.extend(one_size_for_two_quantizations(model));
    findings.extend(peaks(model));
    findings.extend(model.measurements.iter().filter_map(|m| paged(model, m)));
    findings.extend(
        model
            .measurements
            .iter()
            .filter_map(|m| larger_than_memory(model, m)),
    );
    findings
}

/// Bytes that do not fit parameters x bits; and whether they would in the other unit.
fn bits(model: &Model, variant: &Variant) -> Option<Finding> {
    let (_, least, most) = NOMINAL_BITS
        .iter()
        .find(|(name, _, _)| *name == variant.quantization)?;
    let bits = model.bits_per_weight(variant);
    let outside = bits < *least || bits > *most;
    let other_unit = in_the_other_unit(&variant.quantization, bits, outside);
    if !outside && !other_unit {
        return None;
    }
    let mut evidence = format!(
        "{} over {} parameters are {bits:.2} bits per weight; {} promises {least} to {most}",
        variant.weights_bytes.both(),
        crate::units::thousands(model.parameters_total),
        variant.quantization
    );
    let figures = vec![
        ("weights", variant.weights_bytes.both()),
        (
            "parameters",
            crate::units::thousands(model.parameters_total),
        ),
        ("bits", format!("{bits:.2}")),
        ("quantization", variant.quantization.clone()),
        ("least", least.to_string()),
        ("most", most.to_string()),
    ];
    let (rule, remedy) = if other_unit {
        evidence.push_str("; counted in the other of GB and GiB it would be what it says");
        (
            "mixed-units",
            "the number was read in the wrong unit: 1 GiB is 1.074 GB",
        )
    } else {
        (
            "bits-per-weight",
            "look the file's size up again: it may be another quantization's",
        )
    };
    let subject = format!("{}/{}", model.id, variant.id);
    Some(finding(rule, subject, (evidence, figures), remedy))
}

/// Whether these bits would be a uniform quantization's own, had GB been counted as GiB or the
/// other way round. Within the promised range only a close match tells.
fn in_the_other_unit(quantization: &str, bits: f64, outside: bool) -> bool {
    let spread = if outside { 0.01 } else { 0.003 };
    UNIFORM_BITS
        .iter()
        .filter(|(name, _)| *name == quantization)
        .any(|(_, own)| {
            let near = |bits: f64| (bits / own - 1.0).abs() < spread;
            near(bits * GIB_IN_GB) || near(bits / GIB_IN_GB)
        })
}

/// Two quantizations in one engine do not come out at one size: one of them is the other's.
fn one_size_for_two_quantizations(model: &Model) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (n, a) in model.variants.iter().enumerate() {
        for b in &model.variants[n + 1..] {
            let differ = a.engine == b.engine
                && NOMINAL_BITS.iter().any(|(q, ..)| *q == a.quantization)
                && NOMINAL_BITS.iter().any(|(q, ..)| *q == b.quantization)
                && !a.quantization.eq_ignore_ascii_case(&b.quantization);
            if differ && apart(a.weights_bytes, b.weights_bytes) < ONE_FILE {
                let evidence = format!(
                    "{} is {} and {} is {}: two quantizations, one size",
                    a.quantization,
                    a.weights_bytes.both(),
                    b.quantization,
                    b.weights_bytes.both()
                );
                let figures = vec![
                    ("quantization", a.quantization.clone()),
                    ("weights", a.weights_bytes.both()),
                    ("other_quantization", b.quantization.clone()),
                    ("other_weights", b.weights_bytes.both()),
                ];
                let subject = format!("{}/{}", model.id, a.id);
                let remedy = "one of the two carries the other's size: count the files' bytes";
                findings.push(finding(
                    "one-size-for-two",
                    subject,
                    (evidence, figures),
                    remedy,
                ));
            }
        }
    }
    findings
}

/// How far two sizes are apart, as a share.
#[expect(clippy::cast_precision_loss, reason = "a ratio")]
fn apart(a: Bytes, b: Bytes) -> f64 {
    (b.0 as f64 / a.0 as f64 - 1.0).abs()
}

/// Whether a peak is the whole system's, which holds more than the model.
fn of_system(m: &Measurement) -> bool {
    m.peak_memory_of.as_deref() == Some("system")
}

/// A process cannot peak below the weights that it holds.
fn peaks(model: &Model) -> Vec<Finding> {
    let low = model.measurements.iter().filter_map(|m| {
        let variant = model.variant(&m.variant)?;
        let peak = m.peak_memory_bytes.filter(|_| !of_system(m))?;
        let least = Bytes(variant.weights_bytes.0 / 100 * 97);
        (peak < least && m.suspect.is_none()).then_some((m, variant, peak))
    });
    low.map(|(m, variant, peak)| {
        let evidence = format!("a peak of {} is below the weights of {}", peak.both(), variant.weights_bytes.both());
        let figures = vec![("peak", peak.both()), ("weights", variant.weights_bytes.both())];
        let remedy = "GB and GiB may be mixed, parts of the file may not be loaded, or the peak is another process's";
        finding("peak-below-weights", subject(model, m), (evidence, figures), remedy)
    })
    .collect()
}

/// All that a whole system uses is not less than one model's weights, unless these were never in
/// memory together: the machine was paging.
fn paged(model: &Model, m: &Measurement) -> Option<Finding> {
    let variant = model.variant(&m.variant)?;
    let peak = m
        .peak_memory_bytes
        .filter(|p| of_system(m) && *p < variant.weights_bytes)?;
    let evidence = format!(
        "the whole system used {} at its peak, less than the weights alone ({}): they were never in memory together, and the machine was paging",
        peak.both(),
        variant.weights_bytes.both()
    );
    let figures = vec![
        ("peak", peak.both()),
        ("weights", variant.weights_bytes.both()),
    ];
    let remedy = "the model does not run on this machine at a usable speed: take a smaller quantization, and no speed from this run";
    Some(finding(
        "not-resident",
        subject(model, m),
        (evidence, figures),
        remedy,
    ))
}

/// Weights that are larger than the machine's memory do not decode from it.
fn larger_than_memory(model: &Model, m: &Measurement) -> Option<Finding> {
    let variant = model.variant(&m.variant)?;
    let memory = Bytes::from_gib(u64::from(m.memory_gib?));
    (variant.weights_bytes >= memory && m.suspect.is_none()).then(|| {
        let evidence = format!(
            "weights of {} on a machine with {}",
            variant.weights_bytes.both(),
            memory.both()
        );
        let figures = vec![("weights", variant.weights_bytes.both()), ("memory", memory.both())];
        let remedy = "it was another quantization, several machines, or streamed from the SSD: find out which";
        finding("larger-than-memory", subject(model, m), (evidence, figures), remedy)
    })
}

/// One file has one size.
pub(super) fn two_sizes_for_one_file(catalog: &Catalog) -> Vec<Finding> {
    let mut files: BTreeMap<(&str, &str), Vec<(String, Bytes)>> = BTreeMap::new();
    for model in &catalog.models {
        for v in &model.variants {
            // A repository of GGUF files holds many; only a file pattern names one of them.
            let whole_repository = (v.engine == "mlx").then_some("");
            if let (Some(repository), Some(pattern)) =
                (&v.repository, v.files.as_deref().or(whole_repository))
            {
                let name = format!("{}/{}", model.id, v.id);
                files
                    .entry((repository, pattern))
                    .or_default()
                    .push((name, v.weights_bytes));
            }
        }
    }
    files
        .into_iter()
        .filter_map(|((repository, pattern), sizes)| {
            let (first, rest) = sizes.split_first()?;
            let other = rest.iter().find(|(_, b)| apart(first.1, *b) > SAME_SIZE)?;
            let evidence = format!(
                "{repository} {pattern} has {} there and {} here",
                first.1.both(),
                other.1.both()
            );
            let figures = vec![
                ("file", format!("{repository} {pattern}")),
                ("weights", first.1.both()),
                ("other_weights", other.1.both()),
            ];
            Some(finding(
                "two-sizes",
                other.0.clone(),
                (evidence, figures),
                "one of the two is wrong: count the file's bytes",
            ))
        })
        .collect()
}
