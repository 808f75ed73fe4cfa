//! The memory ledger of one loaded model: named lines in bytes, each with its basis and source.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::settings::{Engine, Settings};
use super::{llama_cpp, mlx};
use crate::basis::Basis;
use crate::model::Architecture;
use crate::units::Bytes;

/// What a line of the ledger stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// The model's weights.
    Weights,
    /// Keys and values of the context.
    KvCache,
    /// Fixed state of recurrent layers.
    RecurrentState,
    /// Work space of the engine.
    Compute,
    /// What the engine keeps free for what it can't count.
    EngineReserve,
}

impl std::fmt::Display for LineKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Weights => "weights",
            Self::KvCache => "KV cache",
            Self::RecurrentState => "recurrent state",
            Self::Compute => "compute",
            Self::EngineReserve => "engine reserve",
        })
    }
}

/// Which limit a line counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The GPU working set, and physical memory.
    Gpu,
    /// Physical memory only.
    Cpu,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// What it is.
    pub line: LineKind,
    /// Where it lies.
    pub place: Place,
    /// How much.
    pub bytes: Bytes,
    /// How the figure came to be.
    pub basis: Basis,
    /// The rule or the file behind it.
    pub source: String,
}

/// The weights of a variant and how well their size is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    /// On the GPU.
    pub gpu: Bytes,
    /// In ordinary memory.
    pub cpu: Bytes,
    /// How the figures came to be.
    pub basis: Basis,
    /// Where they come from.
    pub source: String,
}

/// All lines of one loaded model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Ledger {
    lines: Vec<Line>,
}

impl Ledger {
    /// The ledger of a model at these settings.
    #[must_use]
    pub fn of(arch: &Architecture, weights: &Weights, settings: &Settings) -> Self {
        let mut lines = weight_lines(weights);
        lines.extend(match settings.engine {
            Engine::LlamaCpp => llama_cpp_lines(arch, settings),
            Engine::Mlx => mlx_lines(arch, settings),
        });
        lines.retain(|line| line.bytes > Bytes::ZERO);
        Self { lines }
    }

    /// The lines, in reading order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Bytes of the lines that `keep` accepts.
    fn sum(&self, keep: impl Fn(&Line) -> bool) -> Bytes {
        self.lines.iter().filter(|l| keep(l)).map(|l| l.bytes).sum()
    }

    /// Bytes of one kind, in both places.
    #[must_use]
    pub fn of_kind(&self, kind: LineKind) -> Bytes {
        self.sum(|l| l.line == kind)
    }

    /// Bytes of one kind in one place.
    #[must_use]
    pub fn at(&self, kind: LineKind, place: Place) -> Bytes {
        self.sum(|l| l.line == kind && l.place == place)
    }

    /// What counts against the GPU working set.
    #[must_use]
    pub fn gpu_total(&self) -> Bytes {
        self.sum(|l| l.place == Place::Gpu)
    }

    /// What counts against physical memory.
    #[must_use]
    pub fn total(&self) -> Bytes {
        self.sum(|_| true)
    }
}

fn weight_lines(weights: &Weights) -> Vec<Line> {
    [(Place::Gpu, weights.gpu), (Place::Cpu, weights.cpu)]
        .into_iter()
        .map(|(place, bytes)| Line {
            line: LineKind::Weights,
            place,
            bytes,
            basis: weights.basis,
            source: weights.source.clone(),
        })
        .collect()
}

fn line(line: LineKind, place: Place, bytes: Bytes, basis: Basis, source: &str) -> Line {
    Line {
        line,
        place,
        bytes,
        basis,
        source: source.to_owned(),
    }
}

fn llama_cpp_lines(arch: &Architecture, settings: &Settings) -> Vec<Line> {
    let exact = "llama.cpp's own allocation rule, byte-exact";
    let bound = "llama.cpp's Metal allocator, bounded from above";
    vec![
        line(
            LineKind::KvCache,
            Place::Gpu,
            llama_cpp::kv_cache(arch, settings),
            Basis::Computed,
            exact,
        ),
        line(
            LineKind::RecurrentState,
            Place::Gpu,
            llama_cpp::recurrent_state(arch, settings),
            Basis::Computed,
            exact,
        ),
        line(
            LineKind::Compute,
            Place::Gpu,
            llama_cpp::gpu_compute(arch, settings),
            Basis::Predicted,
            bound,
        ),
        line(
            LineKind::Compute,
            Place::Cpu,
            llama_cpp::cpu_compute(arch, settings),
            Basis::Predicted,
            bound,
        ),
    ]
}

fn mlx_lines(arch: &Architecture, settings: &Settings) -> Vec<Line> {
    let caches = "mlx-lm's cache shapes at a full context";
    let prefill = "mlx-engine's context-fit rule: prompt embeddings and unfused scores of a chunk";
    let reserve = "mlx-engine keeps 3 GiB for peaks it can't count";
    vec![
        line(
            LineKind::KvCache,
            Place::Gpu,
            mlx::kv_cache(arch, settings),
            Basis::Computed,
            caches,
        ),
        line(
            LineKind::RecurrentState,
            Place::Gpu,
            mlx::recurrent_state(arch, settings),
            Basis::Computed,
            caches,
        ),
        line(
            LineKind::Compute,
            Place::Gpu,
            mlx::prefill(arch, settings),
            Basis::Predicted,
            prefill,
        ),
        line(
            LineKind::EngineReserve,
            Place::Gpu,
            mlx::ENGINE_RESERVE,
            Basis::Assumed,
            reserve,
        ),
    ]
}
