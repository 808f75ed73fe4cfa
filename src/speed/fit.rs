//! Fitting: what each measurement says of the time per layer, and how far such rows agree.

use std::collections::BTreeMap;

use super::predict::SiblingError;
use super::{SHALLOW_DEPTH, measured, median};
use crate::catalog::schema::{Measurement, Model};
use crate::machine::ChipFigures;
use crate::machine::profile::Chip;
use crate::model::{Architecture, CacheShape};

/// Share of the bandwidth that weights are read at.
pub const BANDWIDTH_SHARE: f64 = 0.85;
/// The least error to admit, however well the few rows of a class agree.
const LEAST_ERROR: f64 = 0.10;
/// The error to admit where a class has a single measurement.
const SINGLE_ROW_ERROR: f64 = 0.30;

/// What the time per layer depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Class {
    pub(super) tier: String,
    pub(super) shape: &'static str,
    pub(super) engine: String,
}

/// One measurement as the fit sees it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) model: String,
    pub(super) tau: f64,
    pub(super) layers: f64,
    pub(super) weights: f64,
}

impl Row {
    pub(super) fn predicted(&self, tau: f64) -> f64 {
        1.0 / (self.layers * tau + self.weights)
    }

    /// Relative error of the prediction with `tau` against what was measured.
    pub(super) fn miss(&self, tau: f64) -> f64 {
        (self.predicted(tau) / self.predicted(self.tau) - 1.0).abs()
    }
}

/// Dense, mixture of experts, with a recurrent part, with latent attention.
pub(super) fn shape(arch: &Architecture) -> &'static str {
    let latent = arch
        .attention
        .iter()
        .any(|g| matches!(g.cache, CacheShape::Latent { .. }));
    match (arch.experts.is_some(), latent, !arch.recurrent.is_empty()) {
        (_, true, _) => "latent-attention",
        (true, false, true) => "hybrid mixture",
        (true, false, false) => "mixture",
        (false, false, true) => "hybrid dense",
        (false, false, false) => "dense",
    }
}

/// What one measurement says of the time per layer, where it is usable for that.
pub(super) fn observed(model: &Model, m: &Measurement, chips: &[Chip]) -> Option<(Class, Row)> {
    let arch = model.architecture.as_ref()?;
    let chip = chips.iter().find(|c| c.id == m.chip)?;
    let variant = model.variant(&m.variant)?;
    let usable = m.concurrency == 1
        && m.suspect.is_none()
        && m.engine == variant.engine
        && m.depth_tokens.unwrap_or(0) <= SHALLOW_DEPTH;
    let tps = measured::run_decode(m).filter(|_| usable)?;
    let bandwidth = ChipFigures::of(chip, m.gpu_cores).bandwidth?;
    let layers = f64::from(arch.layers);
    let weights = model.active_bytes(variant) / (BANDWIDTH_SHARE * bandwidth);
    let tau = (1.0 / tps - weights) / layers;
    let class = Class {
        tier: chip.tier.clone(),
        shape: shape(arch),
        engine: m.engine.clone(),
    };
    let row = Row {
        model: model.id.clone(),
        tau,
        layers,
        weights,
    };
    // Faster than its own weights can be read: active parameters or bytes are off.
    (tau > 0.0).then_some((class, row))
}

/// Each variant of a model with several in one class, predicted from the others of that model.
pub(super) fn sibling_error(rows: &BTreeMap<Class, Vec<Row>>) -> SiblingError {
    let mut misses = Vec::new();
    for class in rows.values() {
        for (n, row) in class.iter().enumerate() {
            let others = class
                .iter()
                .enumerate()
                .filter(|(i, r)| *i != n && r.model == row.model)
                .map(|(_, r)| r.tau);
            misses.extend(median(others.collect()).map(|tau| row.miss(tau)));
        }
    }
    SiblingError {
        rows: misses.len(),
        error: nine_of_ten(misses),
    }
}

/// The error that nine of ten misses keep to, never less than is to be admitted.
pub(super) fn nine_of_ten(mut misses: Vec<f64>) -> f64 {
    misses.sort_by(f64::total_cmp);
    // A lone outlier does not set it.
    let rank = (misses.len() * 9).div_ceil(10).saturating_sub(1);
    misses
        .get(rank)
        .copied()
        .unwrap_or(SINGLE_ROW_ERROR)
        .clamp(LEAST_ERROR, 0.9)
}

/// The relative error that nine of ten rows keep to when each is predicted from the others.
pub(super) fn leave_one_out_error(rows: &[Row]) -> f64 {
    if rows.len() < 2 {
        return SINGLE_ROW_ERROR;
    }
    let misses = (0..rows.len()).filter_map(|left_out| {
        let others = rows
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != left_out)
            .map(|(_, r)| r.tau);
        median(others.collect()).map(|tau| rows[left_out].miss(tau))
    });
    nine_of_ten(misses.collect())
}
