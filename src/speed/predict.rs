//! The speed that was not measured: a two-term model, fitted from the catalog, with its error.
//!
//! seconds per token = layers x tau + active weight bytes / (0.85 x bandwidth)
//!
//! The second term is the memory traffic of the weights; the first is everything that each layer
//! costs whatever its size (kernel launches, routing, small matrices). tau is fitted per class of
//! chip, engine and architecture; its error is what the model misses when it predicts each of its
//! own measurements from the others.

use std::collections::BTreeMap;

use super::{SHALLOW_DEPTH, measured, median};
use crate::catalog::Catalog;
use crate::catalog::schema::{Model, Variant};
use crate::machine::profile::Chip;
use crate::machine::{ChipFigures, Machine};
use crate::model::{Architecture, CacheShape};

/// Share of the bandwidth that weights are read at.
pub(super) const BANDWIDTH_SHARE: f64 = 0.85;
/// The least error to admit, however well the few rows of a class agree.
const LEAST_ERROR: f64 = 0.10;
/// The error to admit where a class has a single measurement.
const SINGLE_ROW_ERROR: f64 = 0.30;
/// The error to admit where a class borrows from a neighbouring one.
const BORROWED_ERROR: f64 = 0.40;

/// A decode speed from the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    /// The figure, tokens per second at an (almost) empty context.
    pub decode_tokens_per_second: f64,
    /// Low end of the range.
    pub low: f64,
    /// High end, never above what the bandwidth allows.
    pub high: f64,
    /// The class that it was fitted in.
    pub class: String,
    /// Relative error that the range stands for.
    pub error: f64,
    /// How many measurements the class rests on.
    pub rows: usize,
    /// In words.
    pub source: String,
}

/// What the time per layer depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Class {
    tier: String,
    shape: &'static str,
    engine: String,
}

/// The fitted model.
#[derive(Debug, Clone, Default)]
pub struct Predictor {
    rows: BTreeMap<Class, Vec<Row>>,
}

/// One measurement as the fit sees it.
#[derive(Debug, Clone, Copy)]
struct Row {
    tau: f64,
    layers: f64,
    weights: f64,
}

impl Row {
    fn predicted(self, tau: f64) -> f64 {
        1.0 / (self.layers * tau + self.weights)
    }

    /// Relative error of the prediction with `tau` against what was measured.
    fn miss(self, tau: f64) -> f64 {
        (self.predicted(tau) / self.predicted(self.tau) - 1.0).abs()
    }
}

/// Dense, mixture of experts, with a recurrent part, with latent attention.
fn shape(arch: &Architecture) -> &'static str {
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

impl Predictor {
    /// Fits the model to every usable measurement of the catalog.
    #[must_use]
    pub fn fit(catalog: &Catalog, chips: &[Chip]) -> Self {
        let mut rows: BTreeMap<Class, Vec<Row>> = BTreeMap::new();
        for model in &catalog.models {
            let Some(arch) = &model.architecture else {
                continue;
            };
            for m in &model.measurements {
                let usable = m.concurrency == 1
                    && m.suspect.is_none()
                    && m.depth_tokens.unwrap_or(0) <= SHALLOW_DEPTH;
                let chip = chips.iter().find(|c| c.id == m.chip);
                let (true, Some(chip), Some(variant)) = (usable, chip, model.variant(&m.variant))
                else {
                    continue;
                };
                let figures = ChipFigures::of(chip, m.gpu_cores);
                if m.engine != variant.engine {
                    continue;
                }
                let (Some(bandwidth), Some(tps)) = (figures.bandwidth, measured::run_decode(m))
                else {
                    continue;
                };
                let layers = f64::from(arch.layers);
                let weights = model.active_bytes(variant) / (BANDWIDTH_SHARE * bandwidth);
                let tau = (1.0 / tps - weights) / layers;
                // Faster than its own weights can be read: active parameters or bytes are off.
                if tau > 0.0 {
                    let class = Class {
                        tier: chip.tier.clone(),
                        shape: shape(arch),
                        engine: m.engine.clone(),
                    };
                    rows.entry(class).or_default().push(Row {
                        tau,
                        layers,
                        weights,
                    });
                }
            }
        }
        Self { rows }
    }

    /// The speed of a variant on a machine, where the machine's bandwidth and the model's
    /// architecture are known and some class is near enough.
    #[must_use]
    pub fn predict(
        &self,
        model: &Model,
        variant: &Variant,
        machine: &Machine,
    ) -> Option<Predicted> {
        let chip = machine.chip.as_ref()?;
        let bandwidth = chip.bandwidth?;
        let arch = model.architecture.as_ref()?;
        let wanted = Class {
            tier: chip.tier.clone(),
            shape: shape(arch),
            engine: variant.engine.clone(),
        };
        let (rows, borrowed) = self.rows_for(&wanted)?;
        let tau = median(rows.iter().map(|r| r.tau).collect())?;
        let this = Row {
            tau,
            layers: f64::from(arch.layers),
            weights: model.active_bytes(variant) / (BANDWIDTH_SHARE * bandwidth),
        };
        let tps = this.predicted(tau);
        let own_error = leave_one_out_error(&rows);
        let error = if borrowed.is_some() {
            own_error.max(BORROWED_ERROR)
        } else {
            own_error
        };
        let ceiling = bandwidth / model.active_bytes(variant);
        let class = format!(
            "{} on {} chips, {}",
            wanted.shape, wanted.tier, wanted.engine
        );
        let whose = borrowed.map_or_else(String::new, |from| format!(", borrowed from {from}"));
        Some(Predicted {
            decode_tokens_per_second: tps,
            low: tps * (1.0 - error),
            high: (tps * (1.0 + error)).min(ceiling),
            source: format!(
                "two-term model, {class}: {} measurements{whose}, error {:.0} %",
                rows.len(),
                error * 100.0
            ),
            class,
            error,
            rows: rows.len(),
        })
    }

    /// The rows of the class; else of the same tier and shape on the other engine; else of the
    /// same shape on other tiers, and then whose they are.
    fn rows_for(&self, wanted: &Class) -> Option<(Vec<Row>, Option<String>)> {
        if let Some(rows) = self.rows.get(wanted) {
            return Some((rows.clone(), None));
        }
        let near = |keep: &dyn Fn(&Class) -> bool| -> Vec<Row> {
            self.rows
                .iter()
                .filter(|(c, _)| keep(c))
                .flat_map(|(_, r)| r.iter().copied())
                .collect()
        };
        let other_engine = near(&|c| c.tier == wanted.tier && c.shape == wanted.shape);
        if !other_engine.is_empty() {
            return Some((other_engine, Some("the other engine".to_owned())));
        }
        let other_tiers = near(&|c| c.shape == wanted.shape);
        (!other_tiers.is_empty()).then(|| (other_tiers, Some("other chips".to_owned())))
    }
}

/// The relative error that nine of ten rows keep to when each is predicted from the others.
fn leave_one_out_error(rows: &[Row]) -> f64 {
    if rows.len() < 2 {
        return SINGLE_ROW_ERROR;
    }
    let mut misses: Vec<f64> = (0..rows.len())
        .filter_map(|left_out| {
            let others = rows
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != left_out)
                .map(|(_, r)| r.tau);
            median(others.collect()).map(|tau| rows[left_out].miss(tau))
        })
        .collect();
    misses.sort_by(f64::total_cmp);
    // Nine of ten predictions fall within it; a lone outlier does not set it.
    let rank = (misses.len() * 9).div_ceil(10).saturating_sub(1);
    misses
        .get(rank)
        .copied()
        .unwrap_or(SINGLE_ROW_ERROR)
        .clamp(LEAST_ERROR, 0.9)
}
