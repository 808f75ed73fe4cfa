//! The speed that was not measured: physics fitted to the catalog, and how far measured rows lie
//! from it, with the error that such predictions were seen to have.
//!
//! seconds per token = physics of the file on the Mac                        `physics`
//!                     x factor of its class, model and file                 `pool`
//!                     + KV bytes read at this depth / (share x bandwidth)   [`super::depth`]
//!
//! Never faster than the largest share of the bandwidth that was ever seen allows, nor than a better
//! Mac was measured to be with the same file or a smaller one of the model; never slower than a
//! lesser Mac was with the same file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::decode::Speed;
use super::depth::{DepthClass, DepthModel, kv_bytes_read};
use super::physics::Physics;
use super::pool::{Errors, Nearest, Target, factor};
use super::predicted::Predicted;
use super::rows;
use super::rows::{Engine, Job, Row, most_cores};
use crate::catalog::Catalog;
use crate::catalog::schema::{Model, Variant};
use crate::machine::Machine;
use crate::machine::profile::Chip;

/// Steps of the fit; it settles well before.
const STEPS: usize = 40;

/// One class of the model: what was fitted, on how much, and how well.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SpeedClass {
    /// Shape of the architecture.
    pub shape: String,
    /// The engine.
    pub engine: String,
    /// Variants, each measured on a chip, in the class.
    pub rows: usize,
    /// Time per layer beside the reading of weights, on a third generation chip with 40 GPU cores,
    /// for a model 3072 wide.
    pub milliseconds_per_layer: f64,
    /// By how much the class takes longer than the constants of all classes say, as a factor.
    pub times: f64,
    /// Relative error that about four of five predictions keep to where nothing of the model was
    /// measured, each model predicted from the others.
    pub error: f64,
    /// Where another file of the model was measured in the engine.
    pub error_of_model: f64,
    /// Where the same file was measured on another Mac.
    pub error_of_file: f64,
}

/// The constants that all classes share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct SpeedConstants {
    /// Share of the bandwidth that llama.cpp reads weights at.
    pub llama_cpp_bandwidth_share: f64,
    /// Share of the bandwidth that MLX reads weights at.
    pub mlx_bandwidth_share: f64,
    /// The largest share that any row reached, all of its time counted: the bound.
    pub largest_bandwidth_share: f64,
    /// Part of the time per layer that a generation of chips saves.
    pub saved_per_generation: f64,
    /// The time per layer falls with the GPU cores to this power.
    pub cores_exponent: f64,
    /// The time per layer grows with the model's width to this power.
    pub width_exponent: f64,
}

/// The fitted model.
#[derive(Debug, Clone, Default)]
pub struct Predictor {
    rows: Vec<Row>,
    physics: Physics,
    errors: Errors,
    depth: DepthModel,
    /// GPU cores of each chip's largest bin, for machines that don't say.
    cores: BTreeMap<String, u32>,
    /// Predictions come out at the high end alone: to see what a measurement could bring.
    high_end: bool,
}

impl Predictor {
    /// Fits the model to every usable measurement of the catalog.
    #[must_use]
    pub fn fit(catalog: &Catalog, chips: &[Chip]) -> Self {
        let rows = rows::of(catalog, chips);
        let physics = Physics::default().fitted(rows.iter(), STEPS);
        Self {
            errors: Errors::of(&rows, &physics),
            rows,
            physics,
            depth: DepthModel::fit(catalog, chips),
            cores: chips
                .iter()
                .map(|c| (c.id.clone(), most_cores(c)))
                .collect(),
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

    /// The constants that all classes share.
    #[must_use]
    pub fn constants(&self) -> SpeedConstants {
        SpeedConstants {
            llama_cpp_bandwidth_share: self.physics.share(Engine::LlamaCpp),
            mlx_bandwidth_share: self.physics.share(Engine::Mlx),
            largest_bandwidth_share: self.largest_share(),
            saved_per_generation: 1.0 - (-self.physics.generation_gain()).exp(),
            cores_exponent: self.physics.cores_exponent(),
            width_exponent: self.physics.width_exponent(),
        }
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
        let mut classes: Vec<_> = self.rows.iter().map(Row::class).collect();
        classes.sort_unstable();
        classes.dedup();
        let told = |class @ (engine, shape): (Engine, rows::Shape)| {
            let target = Target {
                class,
                model: "",
                variant: "",
            };
            let error = |nearest| self.errors.error(class, nearest);
            SpeedClass {
                shape: shape.name().to_owned(),
                engine: engine.name().to_owned(),
                rows: self.rows.iter().filter(|r| r.class() == class).count(),
                milliseconds_per_layer: self.physics.tau(engine, shape) * 1e3,
                times: factor(&self.physics, self.rows.iter(), target).exp(),
                error: error(Nearest::Class),
                error_of_model: error(Nearest::Model),
                error_of_file: error(Nearest::File),
            }
        };
        classes.into_iter().map(told).collect()
    }

    /// The speed of a variant on a machine, where the machine's bandwidth and the model's
    /// architecture are known, the engine is one that the model is for, and anything was measured.
    #[must_use]
    pub fn predict(
        &self,
        model: &Model,
        variant: &Variant,
        machine: &Machine,
    ) -> Option<Predicted> {
        let chip = machine.chip.as_ref()?;
        let cores = chip
            .gpu_cores
            .or_else(|| self.cores.get(&chip.id).copied())?;
        let job = Job::of(model, variant, chip, cores)?;
        let target = Target {
            class: (job.engine, job.shape),
            model: &model.id,
            variant: &variant.id,
        };
        let nearest = (!self.rows.is_empty()).then(|| target.nearest(self.rows.iter()))?;
        let slower = factor(&self.physics, self.rows.iter(), target).exp();
        let error = self.errors.error(target.class, nearest);
        let (floor, ceiling) = self.bounds(&job, model, variant);
        let bounded = |tps: f64| tps.min(ceiling).max(floor);
        let tps = bounded(1.0 / (self.physics.seconds(&job) * slower));
        let high = bounded(tps * (1.0 + error));
        let class = format!("{} in {}", job.shape.name(), job.engine.name());
        let rows = self.rows.iter().filter(|r| target.has(r, nearest)).count();
        Some(Predicted {
            decode_tokens_per_second: tps,
            low: if self.high_end {
                high
            } else {
                bounded(tps / (1.0 + error))
            },
            high,
            source: source(&class, nearest, rows, error),
            class,
            error,
            rows,
        })
    }

    /// What the speed lies between: not below what the file was measured at on a lesser Mac; not
    /// above what it, or a smaller one of the model, was on a better Mac; within the bandwidth.
    fn bounds(&self, job: &Job, model: &Model, variant: &Variant) -> (f64, f64) {
        let mut floor = 0.0_f64;
        let mut ceiling = self.largest_share() * job.bandwidth / job.active_bytes;
        let of_model = |r: &&Row| r.sound && r.model == model.id && r.job.engine == job.engine;
        for row in self.rows.iter().filter(of_model) {
            let tps = 1.0 / row.seconds;
            if row.variant == variant.id && job.on_no_less_than(&row.job) {
                floor = floor.max(tps);
            }
            if row.job.active_bytes <= job.active_bytes && row.job.on_no_less_than(job) {
                ceiling = ceiling.min(tps);
            }
        }
        (floor, ceiling.max(floor))
    }

    /// The largest share of the bandwidth that any row of an engine's own reached.
    fn largest_share(&self) -> f64 {
        let shares = self
            .rows
            .iter()
            .filter(|r| r.own_engine)
            .map(|r| r.job.share(r.seconds));
        shares.fold(self.physics.share(Engine::Mlx), f64::max)
    }
}

fn source(class: &str, nearest: Nearest, rows: usize, error: f64) -> String {
    let on = match (nearest, rows) {
        (Nearest::File, 1) => "this file, measured once elsewhere".to_owned(),
        (Nearest::File, _) => format!("this file, measured {rows} times elsewhere"),
        (Nearest::Model, 1) => "another measured variant of this model".to_owned(),
        (Nearest::Model, _) => format!("{rows} measured variants of this model"),
        (Nearest::Class, 0) => "all classes, none measured in its own".to_owned(),
        (Nearest::Class, _) => format!("{rows} measured variants of its class"),
    };
    format!(
        "speed model, {class}: from {on}; four of five such predictions are within {:.0} %",
        error * 100.0
    )
}
