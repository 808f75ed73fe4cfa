//! Prefill: against what the GPU computes.

use crate::audit::finding::{Finding, finding, subject};
use crate::catalog::schema::{Measurement, Model};
use crate::machine::ChipFigures;
use crate::machine::profile::Chip;

/// Floating-point operations per second and GPU core that no prefill exceeds, by generation.
///
/// Dense models in 8 bits are read at 0.222, 0.268, 0.283, 0.334 and 0.762 T operations per second
/// and core on the generations from M1 to M5 (a fit on 291 published rows), which leaves half of
/// that again free; on the M5, whose tensor units the engines use in different degrees, 1.25 times.
const PER_CORE: [(&str, f64); 5] = [
    ("m1", 0.333e12),
    ("m2", 0.402e12),
    ("m3", 0.425e12),
    ("m4", 0.501e12),
    ("m5", 1.715e12),
];

pub(super) fn check(model: &Model, chips: &[Chip]) -> Vec<Finding> {
    let rows = model.measurements.iter().filter(|m| m.suspect.is_none());
    rows.filter_map(|m| above_compute(model, m, chips))
        .collect()
}

/// A prompt costs two operations for each token and each parameter of a matrix, attention not
/// counted; nothing does more of them than the cores can.
fn above_compute(model: &Model, m: &Measurement, chips: &[Chip]) -> Option<Finding> {
    let speed = m.prefill_tokens_per_second?;
    let chip = chips.iter().find(|c| c.id == m.chip)?;
    let cores = ChipFigures::of(chip, m.gpu_cores)
        .gpu_cores
        .or_else(|| chip.bins.iter().map(|b| b.gpu_cores).max())?;
    let generation = chip.id.split('-').next()?;
    let (_, per_core) = PER_CORE.iter().find(|(g, _)| *g == generation)?;
    let needed = 2.0 * matrix_parameters(model)? * speed;
    let most = per_core * f64::from(cores);
    (needed > most).then(|| {
        let (needed, most) = (format!("{:.1}", needed / 1e12), format!("{:.1}", most / 1e12));
        let evidence = format!(
            "{speed:.0} t/s of prefill would take {needed} T operations per second; {cores} cores of this chip do {most} at most"
        );
        let figures = vec![
            ("speed", format!("{speed:.0}")),
            ("needed", needed),
            ("cores", cores.to_string()),
            ("most", most),
        ];
        let remedy = "a part of the prompt came from a cache or was skipped, the model is another, or the speed is a sum over machines: find out which";
        finding("above-compute", subject(model, m), (evidence, figures), remedy)
    })
}

/// Parameters that every token of a prompt is multiplied with: the embedding is a look-up, and the
/// output matrix sees the last token alone.
#[expect(clippy::cast_precision_loss, reason = "a bound with a wide margin")]
fn matrix_parameters(model: &Model) -> Option<f64> {
    let arch = model.architecture.as_ref()?;
    // The active parameters of a mixture leave the look-up out already.
    let tables = if arch.experts.is_some() || arch.tied_embeddings {
        1
    } else {
        2
    };
    let tables = tables * arch.vocabulary * arch.embedding_length;
    Some(model.parameters_active.saturating_sub(tables) as f64)
}
