//! Sizes: bytes against parameters and bits, one size for one file, peaks against files.

use std::collections::BTreeMap;

use super::{Finding, finding, subject};
use crate::catalog::Catalog;
use crate::catalog::schema::{Model, Variant};
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

pub(super) fn check(model: &Model) -> Vec<Finding> {
    let mut findings: Vec<Finding> = model
        .variants
        .iter()
        .filter_map(|v| bits(model, v))
        .collect();
    findings.extend(peaks(model));
    findings
}

/// Bytes that do not fit parameters x bits.
fn bits(model: &Model, variant: &Variant) -> Option<Finding> {
    let (_, least, most) = NOMINAL_BITS
        .iter()
        .find(|(name, _, _)| *name == variant.quantization)?;
    let seen = model.bits_per_weight(variant);
    (seen < *least || seen > *most).then(|| {
        let evidence = format!(
            "{} over {} parameters are {seen:.2} bits per weight; {} promises {least} to {most}",
            variant.weights_bytes.both(),
            crate::units::thousands(model.parameters_total),
            variant.quantization
        );
        let remedy = "look the file's size up again: GB and GiB may be mixed, or it is another quantization's";
        finding("bits-per-weight", format!("{}/{}", model.id, variant.id), evidence, remedy)
    })
}

/// A process cannot peak below the weights that it holds.
fn peaks(model: &Model) -> Vec<Finding> {
    let low = model.measurements.iter().filter_map(|m| {
        let variant = model.variant(&m.variant)?;
        let peak = m.peak_memory_bytes?;
        let least = Bytes(variant.weights_bytes.0 / 100 * 97);
        (peak < least && m.suspect.is_none()).then_some((m, variant, peak))
    });
    low.map(|(m, variant, peak)| {
        let evidence = format!("a peak of {} is below the weights of {}", peak.both(), variant.weights_bytes.both());
        let remedy = "GB and GiB may be mixed, parts of the file may not be loaded, or the peak is another process's";
        finding("peak-below-weights", subject(model, m), evidence, remedy)
    })
    .collect()
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
            #[expect(clippy::cast_precision_loss, reason = "a ratio")]
            let apart = |b: Bytes| (b.0 as f64 / first.1.0 as f64 - 1.0).abs() > SAME_SIZE;
            let other = rest.iter().find(|(_, b)| apart(*b))?;
            let evidence = format!(
                "{repository} {pattern} has {} there and {} here",
                first.1.both(),
                other.1.both()
            );
            Some(finding(
                "two-sizes",
                other.0.clone(),
                evidence,
                "one of the two is wrong: count the file's bytes",
            ))
        })
        .collect()
}
