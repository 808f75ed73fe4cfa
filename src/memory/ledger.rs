//! The memory ledger of one loaded model: named lines in bytes, each with its basis and source.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::line::{BUFFERS, Line, LineKind, Part, Place, growing, line};
use super::settings::{Engine, Settings};
use super::{growth, llama_cpp, llama_cpp_gpu, mlx};
use crate::basis::Basis;
use crate::model::Architecture;
use crate::units::Bytes;

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
        let mut ledger = Self::loaded(arch, weights, settings);
        let growing = match settings.engine {
            Engine::LlamaCpp => llama_cpp_growth(arch, settings),
            Engine::Mlx => mlx_growth(arch, settings),
        };
        let something = growing.into_iter().filter(Line::is_something);
        ledger.lines.extend(something);
        ledger
    }

    /// The same without what grows with use: what the solver asks for thousands of times.
    #[must_use]
    pub fn loaded(arch: &Architecture, weights: &Weights, settings: &Settings) -> Self {
        let mut lines = weight_lines(weights);
        lines.extend(match settings.engine {
            Engine::LlamaCpp => llama_cpp_lines(arch, settings),
            Engine::Mlx => mlx_lines(arch, settings),
        });
        lines.retain(Line::is_something);
        Self { lines }
    }

    /// The ledger of a part of a model on one of several machines, with its KV cache and recurrent
    /// state; what grows with use lies with the head.
    pub(super) fn shard(
        arch: &Architecture,
        weights: &Weights,
        settings: &Settings,
        (kv, recurrent): (Bytes, Bytes),
        is_head: bool,
    ) -> Self {
        let whole = match is_head {
            true => Self::of(arch, weights, settings),
            false => Self::loaded(arch, weights, settings),
        };
        let kept = |line: &Line| is_head || line.place == Place::Gpu;
        let own = |line: Line| match line.line {
            LineKind::KvCache => line.of_bytes(kv),
            LineKind::RecurrentState => line.of_bytes(recurrent),
            _ => line,
        };
        let mut lines: Vec<Line> = whole.lines.into_iter().filter(kept).map(own).collect();
        lines.retain(Line::is_something);
        Self { lines }
    }

    /// The ledger of weights alone: what is certain where the architecture is not known.
    #[must_use]
    pub fn of_weights(weights: &Weights) -> Self {
        let mut lines = weight_lines(weights);
        lines.retain(Line::is_something);
        Self { lines }
    }

    /// The same, its lines of one kind told to rest on this.
    pub(super) fn resting(mut self, kind: LineKind, basis: Basis, source: &str) -> Self {
        let own = self.lines.iter_mut().filter(|line| line.line == kind);
        own.for_each(|line| {
            line.basis = basis;
            source.clone_into(&mut line.source);
        });
        self
    }

    /// Adds the lines of another ledger as those of a part.
    pub(super) fn add(&mut self, part: Part, lines: impl IntoIterator<Item = Line>) {
        let own = lines.into_iter().filter(Line::is_something);
        self.lines.extend(own.map(|line| Line { part, ..line }));
    }

    /// The same ledger without what an engine keeps once, whatever it loads.
    pub(super) fn into_lines_of_its_own(self) -> impl Iterator<Item = Line> {
        self.lines
            .into_iter()
            .filter(|line| line.line != LineKind::EngineReserve && line.bounded_by.is_none())
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

    /// What may grow with use, in one place.
    #[must_use]
    pub fn growth(&self, place: Place) -> Bytes {
        let own = self.lines.iter().filter(|l| l.place == place);
        own.map(Line::growth).sum()
    }
}

fn weight_lines(weights: &Weights) -> Vec<Line> {
    let both = [(Place::Gpu, weights.gpu), (Place::Cpu, weights.cpu)];
    let of = |(place, bytes)| {
        line(
            LineKind::Weights,
            place,
            bytes,
            weights.basis,
            &weights.source,
        )
    };
    both.into_iter().map(of).collect()
}

/// What bounds a line: a setting, or the engine's own figure.
fn bound(setting: &str, set: Option<u32>, own: u32) -> String {
    match set {
        Some(n) => format!("{setting} {n}"),
        None => format!("{setting} {own}, llama.cpp's own"),
    }
}

fn llama_cpp_lines(arch: &Architecture, settings: &Settings) -> Vec<Line> {
    let exact = "llama.cpp's own allocation rule, byte-exact";
    let buffers = BUFFERS;
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
            llama_cpp_gpu::gpu_compute(arch, settings),
            Basis::Predicted,
            buffers,
        ),
        line(
            LineKind::Compute,
            Place::Cpu,
            llama_cpp::cpu_compute(arch, settings),
            Basis::Predicted,
            buffers,
        ),
    ]
}

fn llama_cpp_growth(arch: &Architecture, settings: &Settings) -> Vec<Line> {
    vec![
        growing(
            LineKind::ContextCheckpoints,
            Place::Cpu,
            growth::checkpoints(arch, settings),
            bound("ctx-checkpoints", settings.checkpoints, growth::CHECKPOINTS),
            "states to return to, of recurrent and sliding-window layers, for each slot",
        ),
        growing(
            LineKind::PromptCache,
            Place::Cpu,
            growth::prompt_cache(settings),
            bound("cache-ram", settings.cache_ram_mib, growth::CACHE_RAM_MIB),
            "finished prompts that llama.cpp's server keeps in ordinary memory",
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
        Line {
            passing: true,
            ..line(
                LineKind::Compute,
                Place::Gpu,
                mlx::prefill(arch, settings),
                Basis::Predicted,
                prefill,
            )
        },
        line(
            LineKind::EngineReserve,
            Place::Gpu,
            mlx::ENGINE_RESERVE,
            Basis::Assumed,
            reserve,
        ),
    ]
}

fn mlx_growth(arch: &Architecture, settings: &Settings) -> Vec<Line> {
    vec![
        growing(
            LineKind::BatchCaches,
            Place::Gpu,
            growth::batch_caches(arch, settings),
            format!("{} slots, each at its full context", settings.slots),
            "mlx-engine's batched kit: a cache of its own for each sequence",
        ),
        growing(
            LineKind::PromptCache,
            Place::Gpu,
            growth::kept_conversations(arch, settings),
            if settings.slots > 1 {
                "one finished conversation".to_owned()
            } else {
                "ten finished conversations".to_owned()
            },
            "finished conversations that mlx-engine keeps, each at most a full context",
        ),
    ]
}
