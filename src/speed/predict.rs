//! The speed that was not measured: a two-term model, fitted from the catalog, with its error.
//!
//! seconds per token = layers x tau + active weight bytes / (0.85 x bandwidth)
//!                     + KV bytes read at this depth / (share x bandwidth)      [`super::depth`]
//!
//! The second term is the memory traffic of the weights; the first is everything that each layer
//! costs whatever its size (kernel launches, routing, small matrices). tau is fitted per class of
//! chip, engine and architecture; its error is what the model misses when it predicts each of its
//! own measurements from the others.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::depth::{DepthClass, DepthModel, kv_bytes_read};
use super::fit::{
    BANDWIDTH_SHARE, Class, Row, leave_one_out_error, observed, shape, sibling_error,
};
use super::{Speed, median};
use crate::catalog::Catalog;
use crate::catalog::schema::{Model, Variant};
use crate::machine::Machine;
use crate::machine::profile::Chip;

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
    /// How many variants, each measured on a chip, the class rests on.
    pub rows: usize,
    /// In words.
    pub source: String,
}

/// One class of the model: what was fitted, on how much, and how well.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SpeedClass {
    /// Tier of the chips: `Ultra`, `Max`, ...
    pub tier: String,
    /// Shape of the architecture.
    pub shape: String,
    /// The engine.
    pub engine: String,
    /// Variants, each measured on a chip, that it rests on.
    pub rows: usize,
    /// Time per layer beside the reading of weights.
    pub milliseconds_per_layer: f64,
    /// Relative error that nine of ten of them keep to when each is predicted from the others.
    pub error: f64,
}

/// How well a variant is predicted from other quantizations of the same model on the same class of
/// chip and engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct SiblingError {
    /// Variants that were predicted so, each with its own measurement left out.
    pub rows: usize,
    /// Relative error that nine of ten of them keep to.
    pub error: f64,
}

/// The fitted model.
#[derive(Debug, Clone, Default)]
pub struct Predictor {
    rows: BTreeMap<Class, Vec<Row>>,
    depth: DepthModel,
    siblings: SiblingError,
    /// Predictions come out at the high end alone: to see what a measurement could bring.
    high_end: bool,
}

impl Predictor {
    /// Fits the model to every usable measurement of the catalog. However often a variant was run
    /// on a chip, it is one row: else the error of a class would be that of repeating a run.
    #[must_use]
    pub fn fit(catalog: &Catalog, chips: &[Chip]) -> Self {
        let mut rows: BTreeMap<Class, Vec<Row>> = BTreeMap::new();
        for model in &catalog.models {
            let mut variants: BTreeMap<_, Vec<(Class, Row)>> = BTreeMap::new();
            for m in &model.measurements {
                if let Some(row) = observed(model, m, chips) {
                    let key = (&m.variant, &m.chip, m.gpu_cores);
                    variants.entry(key).or_default().push(row);
                }
            }
            for runs in variants.into_values() {
                let tau = median(runs.iter().map(|(_, r)| r.tau).collect());
                if let (Some(tau), Some((class, first))) = (tau, runs.into_iter().next()) {
                    rows.entry(class).or_default().push(Row { tau, ..first });
                }
            }
        }
        Self {
            siblings: sibling_error(&rows),
            rows,
            depth: DepthModel::fit(catalog, chips),
            high_end: false,
        }
    }

    /// The same model, whose predictions all come out at the high end of their range.
    #[must_use]
    pub fn at_high_end(self) -> Self {
        Self {
            high_end: true,
            ..self
        }
    }

    /// How well a variant is predicted from its model's other quantizations.
    #[must_use]
    pub const fn siblings(&self) -> SiblingError {
        self.siblings
    }

    /// The classes of the third term: how speed falls with depth.
    #[must_use]
    pub fn depth_classes(&self) -> Vec<DepthClass> {
        self.depth.classes()
    }

    /// A speed at a depth of the context, from the speed at an (almost) empty one: always
    /// predicted, with the errors of both. None where the class of the third term is not known.
    #[must_use]
    pub fn at_depth(
        &self,
        model: &Model,
        variant: &Variant,
        machine: &Machine,
        shallow: &Speed,
        depth: u32,
    ) -> Option<Predicted> {
        let arch = model.architecture.as_ref()?;
        let bandwidth = machine.bandwidth()?;
        let class = self.depth.class_of(arch, &variant.engine)?;
        let from = match shallow {
            Speed::Measured(m) => m.depth_tokens.unwrap_or(0),
            Speed::Predicted(_) => 0,
        };
        let read = kv_bytes_read(arch, depth) - kv_bytes_read(arch, from);
        let slowed = |tps: f64, share: f64| 1.0 / (1.0 / tps + read.max(0.0) / (share * bandwidth));
        let (low, high) = shallow.range();
        Some(Predicted {
            decode_tokens_per_second: slowed(shallow.decode(), class.bandwidth_share),
            low: slowed(low, class.share_low),
            high: slowed(high, class.share_high),
            class: format!("{} attention, {}", class.attention, class.engine),
            error: class.error,
            rows: class.rows,
            source: format!(
                "third term, {} attention in {}: the cache is read at {:.2} of the bandwidth ({})",
                class.attention, class.engine, class.bandwidth_share, class.basis
            ),
        })
    }

    /// The classes with what was fitted in each, in a fixed order.
    #[must_use]
    pub fn classes(&self) -> Vec<SpeedClass> {
        self.rows
            .iter()
            .filter_map(|(class, rows)| {
                let tau = median(rows.iter().map(|r| r.tau).collect())?;
                Some(SpeedClass {
                    tier: class.tier.clone(),
                    shape: class.shape.to_owned(),
                    engine: class.engine.clone(),
                    rows: rows.len(),
                    milliseconds_per_layer: tau * 1e3,
                    error: leave_one_out_error(rows),
                })
            })
            .collect()
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
        let Basis { rows, error, whose } = self.basis(&wanted, &model.id)?;
        let tau = median(rows.iter().map(|r| r.tau).collect())?;
        let this = Row {
            model: model.id.clone(),
            tau,
            layers: f64::from(arch.layers),
            weights: model.active_bytes(variant) / (BANDWIDTH_SHARE * bandwidth),
        };
        let tps = this.predicted(tau);
        let ceiling = bandwidth / model.active_bytes(variant);
        let class = format!(
            "{} on {} chips, {}",
            wanted.shape, wanted.tier, wanted.engine
        );
        let high = (tps * (1.0 + error)).min(ceiling);
        Some(Predicted {
            decode_tokens_per_second: tps,
            low: if self.high_end {
                high
            } else {
                tps * (1.0 - error)
            },
            high,
            source: format!(
                "two-term model, {class}: {} measured variants{whose}, error {:.0} %",
                rows.len(),
                error * 100.0
            ),
            class,
            error,
            rows: rows.len(),
        })
    }

    /// What a prediction rests on: other quantizations of the same model in the class; else the
    /// class; else the same tier and shape on the other engine; else the same shape on other tiers.
    fn basis(&self, wanted: &Class, model: &str) -> Option<Basis> {
        let own = self.rows.get(wanted).cloned().unwrap_or_default();
        let siblings: Vec<Row> = own.iter().filter(|r| r.model == model).cloned().collect();
        if !siblings.is_empty() {
            return Some(Basis {
                rows: siblings,
                error: self.siblings.error,
                whose: " of this model",
            });
        }
        if !own.is_empty() {
            return Some(Basis {
                error: leave_one_out_error(&own),
                rows: own,
                whose: "",
            });
        }
        let near = |keep: &dyn Fn(&Class) -> bool| -> Vec<Row> {
            self.rows
                .iter()
                .filter(|(c, _)| keep(c))
                .flat_map(|(_, r)| r.iter().cloned())
                .collect()
        };
        let borrowed = |rows: Vec<Row>, whose| Basis {
            error: leave_one_out_error(&rows).max(BORROWED_ERROR),
            rows,
            whose,
        };
        let other_engine = near(&|c| c.tier == wanted.tier && c.shape == wanted.shape);
        if !other_engine.is_empty() {
            return Some(borrowed(other_engine, ", borrowed from the other engine"));
        }
        let other_tiers = near(&|c| c.shape == wanted.shape);
        (!other_tiers.is_empty()).then(|| borrowed(other_tiers, ", borrowed from other chips"))
    }
}

/// The rows that a prediction rests on, its error, and whose they are in words.
struct Basis {
    rows: Vec<Row>,
    error: f64,
    whose: &'static str,
}
