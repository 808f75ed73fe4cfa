//! What the fit of the speed model sees: one row for each variant on a chip, and how much it counts.
//!
//! The rules by which a measurement is left out or counts for less stand here and nowhere else.

use std::collections::BTreeMap;

use super::measured;
use super::statistics::{SHALLOW_DEPTH, median};
use crate::catalog::Catalog;
use crate::catalog::schema::{Measurement, Model, Variant};
use crate::machine::ChipFigures;
use crate::machine::profile::Chip;
use crate::model::{Architecture, CacheShape};

/// Programs that decode with the kernels of another engine, and that engine: their figure for a
/// file says nearly what the engine's own would.
const BUILT_UPON: [(&str, &str); 5] = [
    ("ollama", "llama.cpp"),
    ("rapid-mlx", "mlx"),
    ("vllm-mlx", "mlx"),
    ("mlxcel", "mlx"),
    ("omlx", "mlx"),
];
/// What a row of such a program counts: it has a loop and a sampler of its own.
const BUILT_UPON_WEIGHT: f64 = 0.5;
/// What a row counts whose depth of context is not stated: it may be deep, which slows it by a
/// third and more ("long prompt (length not in file)").
const UNKNOWN_DEPTH_WEIGHT: f64 = 0.25;
/// What a row counts that the catalog itself trusts little: a claim without a method.
const LOW_CONFIDENCE_WEIGHT: f64 = 0.5;

/// llama.cpp fused the kernels of recurrent layers in March 2026 (pull requests 20091 and 20244: a
/// tenth to a quarter faster on an M4 Max): what a run from before counts.
const UNFUSED_BEFORE: &str = "2026-03";
const UNFUSED_WEIGHT: f64 = 0.25;

/// Architectures that spend alike: dense or mixture, with recurrent layers or without, with latent
/// or compressed attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    Dense,
    HybridDense,
    Mixture,
    HybridMixture,
    Latent,
    Compressed,
}

impl Shape {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::HybridDense => "hybrid dense",
            Self::Mixture => "mixture",
            Self::HybridMixture => "hybrid mixture",
            Self::Latent => "latent-attention",
            Self::Compressed => "compressed-attention",
        }
    }

    fn of(arch: &Architecture) -> Self {
        let any = |keep: fn(&CacheShape) -> bool| arch.attention.iter().any(|g| keep(&g.cache));
        // What waits to be compressed is entered as a state, and no layer is recurrent for it.
        if any(|cache| matches!(cache, CacheShape::Compressed { .. })) {
            return Self::Compressed;
        }
        if any(|cache| matches!(cache, CacheShape::Latent { .. })) {
            return Self::Latent;
        }
        match (arch.experts.is_some(), !arch.recurrent.is_empty()) {
            (true, true) => Self::HybridMixture,
            (true, false) => Self::Mixture,
            (false, true) => Self::HybridDense,
            (false, false) => Self::Dense,
        }
    }
}

/// The engines whose speed is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Engine {
    LlamaCpp,
    Mlx,
}

impl Engine {
    fn of(id: &str) -> Option<Self> {
        match id {
            "llama.cpp" => Some(Self::LlamaCpp),
            "mlx" => Some(Self::Mlx),
            _ => None,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llama.cpp",
            Self::Mlx => "mlx",
        }
    }
}

/// What decoding one token takes, as far as files and published figures of chips tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) engine: Engine,
    pub(super) shape: Shape,
    pub(super) layers: f64,
    /// Numbers in a layer's input.
    pub(super) width: f64,
    /// Bytes of weights that a token reads.
    pub(super) active_bytes: f64,
    /// Bytes per second.
    pub(super) bandwidth: f64,
    /// 3 of an M3 Ultra.
    pub(super) generation: f64,
    /// Of the GPU.
    pub(super) cores: f64,
}

impl Job {
    /// None where the architecture, the bandwidth, the generation or the engine is not known.
    #[expect(clippy::cast_precision_loss, reason = "an input of a speed prediction")]
    pub(super) fn of(
        model: &Model,
        variant: &Variant,
        chip: &ChipFigures,
        cores: u32,
    ) -> Option<Self> {
        let arch = model.architecture.as_ref()?;
        Some(Self {
            engine: Engine::of(&variant.engine)?,
            shape: Shape::of(arch),
            layers: f64::from(arch.layers),
            width: arch.embedding_length as f64,
            active_bytes: model.active_bytes(variant),
            bandwidth: chip.bandwidth?,
            generation: generation(&chip.id)?,
            cores: f64::from(cores),
        })
    }

    /// Share of the bandwidth that reading the weights at this speed takes.
    pub(super) fn share(&self, seconds: f64) -> f64 {
        self.active_bytes / (seconds * self.bandwidth)
    }

    /// Whether the Mac of this job has as much of everything as that of another.
    pub(super) fn on_no_less_than(&self, other: &Self) -> bool {
        self.bandwidth >= other.bandwidth
            && self.generation >= other.generation
            && self.cores >= other.cores
    }
}

/// 3 of `m3-ultra`.
fn generation(chip: &str) -> Option<f64> {
    chip.strip_prefix('m')?.split('-').next()?.parse().ok()
}

/// The GPU cores of a chip's largest bin: what a run is taken to have been made on whose cores are
/// not stated.
pub(super) fn most_cores(chip: &Chip) -> u32 {
    chip.bins.iter().map(|b| b.gpu_cores).max().unwrap_or(1)
}

/// A variant on a chip: the median of its runs that count most.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) model: String,
    pub(super) variant: String,
    pub(super) chip: String,
    pub(super) job: Job,
    /// Per token.
    pub(super) seconds: f64,
    /// 1 of a sound run with the engine itself at an (almost) empty context.
    pub(super) weight: f64,
    /// Run by the engine itself.
    pub(super) own_engine: bool,
    /// Run by the engine itself at a known depth, by a source that is trusted: what other Macs are
    /// held to.
    pub(super) sound: bool,
}

impl Row {
    /// Engine and architecture: what the rows of a class share.
    pub(super) const fn class(&self) -> (Engine, Shape) {
        (self.job.engine, self.job.shape)
    }
}

/// Every usable variant on a chip. However often it was run there, it is one row: else an error
/// would be that of repeating a run.
pub(super) fn of(catalog: &Catalog, chips: &[Chip]) -> Vec<Row> {
    let mut groups: BTreeMap<(&str, &str, &str, u32), Vec<Row>> = BTreeMap::new();
    for model in &catalog.models {
        for m in &model.measurements {
            let Some(chip) = chips.iter().find(|c| c.id == m.chip) else {
                continue;
            };
            let cores = m.gpu_cores.unwrap_or_else(|| most_cores(chip));
            let key = (
                model.id.as_str(),
                m.variant.as_str(),
                m.chip.as_str(),
                cores,
            );
            if let Some(row) = row(model, m, chip, cores) {
                groups.entry(key).or_default().push(row);
            }
        }
    }
    groups.into_values().filter_map(merged).collect()
}

fn row(model: &Model, m: &Measurement, chip: &Chip, cores: u32) -> Option<Row> {
    let variant = model.variant(&m.variant)?;
    let own_engine = m.engine == variant.engine;
    let related = BUILT_UPON.contains(&(m.engine.as_str(), variant.engine.as_str()));
    let shallow = m.depth_tokens.unwrap_or(0) <= SHALLOW_DEPTH;
    if !(own_engine || related) || !shallow || m.concurrency != 1 || m.suspect.is_some() {
        return None;
    }
    let job = Job::of(model, variant, &ChipFigures::of(chip, m.gpu_cores), cores)?;
    let seconds = 1.0 / measured::run_decode(m)?;
    let doubtful = m.confidence.as_deref() == Some("low");
    let off = [
        (!own_engine, BUILT_UPON_WEIGHT),
        (m.depth_tokens.is_none(), UNKNOWN_DEPTH_WEIGHT),
        (doubtful, LOW_CONFIDENCE_WEIGHT),
        (unfused(&job, m), UNFUSED_WEIGHT),
    ];
    let row = Row {
        model: model.id.clone(),
        variant: variant.id.clone(),
        chip: chip.id.clone(),
        job,
        seconds,
        weight: off.iter().filter(|(is, _)| *is).map(|(_, w)| w).product(),
        own_engine,
        sound: own_engine && m.depth_tokens.is_some() && !doubtful,
    };
    // Faster than its own weights can be read: active parameters or bytes are off.
    (job.share(seconds) < 1.0).then_some(row)
}

/// Whether a model with recurrent layers was run before; a date of a year alone does not tell.
fn unfused(job: &Job, m: &Measurement) -> bool {
    let recurrent = matches!(job.shape, Shape::HybridDense | Shape::HybridMixture);
    let dated = m
        .date
        .as_deref()
        .filter(|d| d.len() >= UNFUSED_BEFORE.len());
    recurrent && job.engine == Engine::LlamaCpp && dated.is_some_and(|d| d < UNFUSED_BEFORE)
}

fn merged(mut runs: Vec<Row>) -> Option<Row> {
    let most = runs.iter().map(|r| r.weight).fold(0.0, f64::max);
    runs.retain(|r| r.weight >= most);
    let seconds = median(runs.iter().map(|r| r.seconds).collect())?;
    runs.into_iter()
        .next()
        .map(|first| Row { seconds, ..first })
}
