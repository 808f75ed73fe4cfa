//! What a speed is asked of: a file, in an engine's kernels, on a GPU.
//!
//! Everything here comes from the catalog and the chip table. Nothing is fitted.

use std::borrow::Cow;

use super::kernels::{Coding, Kernels};
use super::weights::Weights;
use crate::catalog::schema::{Model, Variant};
use crate::machine::profile::Chip;
use crate::machine::{ChipFigures, Kind};
use crate::model::{Architecture, AttentionLayers, CacheShape, Experts};

/// Architectures that spend alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Every weight works on every token.
    Dense,
    /// Dense, with recurrent layers.
    HybridDense,
    /// A mixture of experts.
    Mixture,
    /// A mixture with recurrent layers.
    HybridMixture,
    /// Multi-head latent attention.
    Latent,
    /// Compressed attention (DeepSeek V4).
    Compressed,
}

impl Shape {
    /// The class's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::HybridDense => "hybrid dense",
            Self::Mixture => "mixture",
            Self::HybridMixture => "hybrid mixture",
            Self::Latent => "latent attention",
            Self::Compressed => "compressed attention",
        }
    }

    /// The class of an architecture.
    #[must_use]
    pub fn of(arch: &Architecture) -> Self {
        let any = |keep: fn(&CacheShape) -> bool| arch.attention.iter().any(|g| keep(&g.cache));
        // What waits to be compressed is entered as a state, and no layer is recurrent for it.
        if any(|cache| matches!(cache, CacheShape::Compressed { .. })) {
            return Self::Compressed;
        }
        // Where most layers are recurrent, those are what takes the time.
        if any(|cache| matches!(cache, CacheShape::Latent { .. })) && arch.recurrent.is_empty() {
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

/// A GPU, as far as speed goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gpu {
    /// The kind of machine that has it: only those of one kind are compared.
    pub kind: Kind,
    /// Bytes per second.
    pub bandwidth: f64,
    /// Cores.
    pub cores: f64,
    /// 3 of an M3 Ultra.
    pub generation: f64,
    /// Two dies as one.
    pub ultra: bool,
}

impl Gpu {
    /// The GPU of a chip in one of its bins; the largest where the cores are not known. None where
    /// the bandwidth is not.
    #[must_use]
    pub fn of(chip: &ChipFigures, most_cores: u32) -> Option<Self> {
        Some(Self {
            kind: chip.kind,
            bandwidth: chip.bandwidth?,
            cores: f64::from(chip.gpu_cores.unwrap_or(most_cores)),
            generation: generation(chip.kind, &chip.id)?,
            ultra: chip.tier == "ultra",
        })
    }

    /// Every bin of a chip whose bandwidth is known.
    pub fn bins(chip: &Chip) -> impl Iterator<Item = Self> + '_ {
        chip.bins.iter().filter_map(|bin| {
            Some(Self {
                kind: chip.kind,
                bandwidth: bin.bandwidth_gb_per_second? * 1e9,
                cores: f64::from(bin.gpu_cores),
                generation: generation(chip.kind, &chip.id)?,
                ultra: chip.tier == "ultra",
            })
        })
    }

    /// As much of everything as the other.
    #[must_use]
    pub fn no_less_than(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.bandwidth >= other.bandwidth
            && self.generation >= other.generation
            && self.cores >= other.cores
    }
}

/// 3 of `m3-ultra`; the one that constants are told for of chips that are not Apple's.
fn generation(kind: Kind, chip: &str) -> Option<f64> {
    if !kind.is_mac() {
        return Some(3.0);
    }
    chip.strip_prefix('m')?.split('-').next()?.parse().ok()
}

/// The GPU cores of a chip's largest bin: what a run is taken to have been made on whose cores are
/// not stated.
pub(super) fn most_cores(chip: &Chip) -> u32 {
    chip.bins.iter().map(|b| b.gpu_cores).max().unwrap_or(1)
}

/// A file in an engine's kernels.
#[derive(Debug, Clone)]
pub struct Job<'a> {
    /// Whose kernels.
    pub kernels: Kernels,
    /// The class of the architecture.
    pub shape: Shape,
    /// How the weights are stored.
    pub coding: Coding,
    /// Layers that are launched one after the other.
    pub layers: f64,
    /// What is read and computed per token.
    pub weights: Weights,
    /// The architecture, or a stand-in of its size.
    pub arch: Cow<'a, Architecture>,
    /// The architecture is a stand-in: nobody published it.
    pub guessed: bool,
}

impl<'a> Job<'a> {
    /// None where no kernels are known for the engine.
    #[must_use]
    pub fn of(model: &'a Model, variant: &Variant) -> Option<Self> {
        let kernels = Kernels::of_engine(&variant.engine)?;
        let arch = model.architecture.as_ref();
        let guessed = arch.is_none();
        let arch = arch.map_or_else(|| Cow::Owned(stand_in(model)), Cow::Borrowed);
        let shape = Shape::of(&arch);
        let coding = Coding::of(&variant.quantization, kernels);
        Some(Self {
            kernels,
            shape,
            coding,
            layers: launched_layers(&arch, shape),
            weights: Weights::new(model, variant, &arch, coding),
            arch,
            guessed,
        })
    }
}

/// Where a model's mixers and experts are layers of their own, a mixer and an expert count as one.
fn launched_layers(arch: &Architecture, shape: Shape) -> f64 {
    let mixers = arch
        .attention
        .iter()
        .filter(|g| !matches!(g.cache, CacheShape::Indexer { .. }))
        .map(|g| g.layers)
        .chain(arch.recurrent.iter().map(|g| g.layers))
        .sum::<u32>();
    let apart = shape == Shape::HybridMixture && mixers * 5 < arch.layers * 4;
    f64::from(if apart { mixers } else { arch.layers })
}

/// The usual shape of a model of this size, where its own was not published.
fn stand_in(model: &Model) -> Architecture {
    let mixture = model.parameters_active < model.parameters_total;
    let layers = match model.parameters_total {
        0..10_000_000_000 => 32,
        10_000_000_000..50_000_000_000 => 48,
        _ => 60,
    };
    Architecture {
        name: String::new(),
        layers,
        embedding_length: 4096,
        vocabulary: 0,
        query_heads: 32,
        tied_embeddings: false,
        experts: mixture.then_some(Experts {
            total: 256,
            used: 8,
        }),
        attention: vec![AttentionLayers {
            layers,
            cache: CacheShape::Full {
                kv_heads: 4,
                key_length: 128,
                value_length: 128,
            },
        }],
        recurrent: Vec::new(),
    }
}
