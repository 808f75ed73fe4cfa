//! A line of the memory ledger: bytes now and at most, where they lie, and what they rest on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::basis::Basis;
use crate::machine::GpuMemory;
use crate::units::Bytes;

/// What the bound of compute buffers rests on.
pub(super) const BUFFERS: &str = "llama.cpp's Metal allocator, bounded from above";

/// The same where the backend is another.
const BUFFERS_ELSEWHERE: &str = "llama.cpp's allocator, bounded from above as it plans for Metal; a buffer that HIP printed, which shares CUDA's code, lies below, and of Vulkan none is known";

/// What a line of the ledger stands for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
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
    /// States of a sequence to return to.
    ContextCheckpoints,
    /// Finished prompts and conversations.
    PromptCache,
    /// Caches of further sequences of a batch.
    BatchCaches,
}

impl std::fmt::Display for LineKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Weights => "weights",
            Self::KvCache => "KV cache",
            Self::RecurrentState => "recurrent state",
            Self::Compute => "compute",
            Self::EngineReserve => "engine reserve",
            Self::ContextCheckpoints => "context checkpoints",
            Self::PromptCache => "prompt cache",
            Self::BatchCaches => "batch caches",
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

/// Which part of what is loaded a line belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The model itself.
    #[default]
    Model,
    /// What sees or hears, and hands its findings to the model.
    Vision,
    /// A smaller model that drafts tokens for it.
    Draft,
    /// The model's own layers for multi-token prediction.
    Prediction,
}

impl Part {
    /// Whether it is the model itself, which goes without saying.
    #[must_use]
    pub fn is_model(&self) -> bool {
        *self == Self::Model
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Model => "model",
            Self::Vision => "vision",
            Self::Draft => "draft",
            Self::Prediction => "prediction",
        })
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// What it is.
    pub line: LineKind,
    /// What it is of; absent for the model itself.
    #[serde(default, skip_serializing_if = "Part::is_model")]
    pub part: Part,
    /// Where it lies.
    pub place: Place,
    /// How much once it is loaded and its context is full.
    pub bytes: Bytes,
    /// How much at most, with use; in documents of earlier versions absent, and no more than `bytes`.
    #[serde(default)]
    pub worst_bytes: Bytes,
    /// It is given back after each prompt.
    #[serde(default)]
    pub passing: bool,
    /// What bounds the growth, where it grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounded_by: Option<String>,
    /// How the figure came to be.
    pub basis: Basis,
    /// The rule or the file behind it.
    pub source: String,
}

impl Line {
    /// The same line as it is told where the GPU has its memory so: the bound of compute buffers was
    /// found for Metal's allocator.
    #[must_use]
    pub fn told_on(&self, gpu: GpuMemory) -> Self {
        let metal = self.source == BUFFERS && !gpu.is_working_set();
        let source = match metal {
            true => BUFFERS_ELSEWHERE.to_owned(),
            false => self.source.clone(),
        };
        Self {
            source,
            ..self.clone()
        }
    }

    /// What it takes at most.
    #[must_use]
    pub fn worst(&self) -> Bytes {
        self.bytes.max(self.worst_bytes)
    }

    /// What it may still grow by.
    #[must_use]
    pub fn growth(&self) -> Bytes {
        self.worst().saturating_sub(self.bytes)
    }

    /// The same line of so many bytes, which do not grow.
    pub(super) fn of_bytes(self, bytes: Bytes) -> Self {
        Self {
            bytes,
            worst_bytes: bytes,
            ..self
        }
    }

    pub(super) fn is_something(&self) -> bool {
        self.worst() > Bytes::ZERO
    }
}

/// A line that does not grow.
pub(super) fn line(line: LineKind, place: Place, bytes: Bytes, basis: Basis, source: &str) -> Line {
    Line {
        line,
        part: Part::Model,
        place,
        bytes,
        worst_bytes: bytes,
        passing: false,
        bounded_by: None,
        basis,
        source: source.to_owned(),
    }
}

/// A line that is nothing after loading, and grows up to a bound.
pub(super) fn growing(
    kind: LineKind,
    place: Place,
    most: Bytes,
    bounded_by: String,
    source: &str,
) -> Line {
    Line {
        worst_bytes: most,
        bounded_by: Some(bounded_by),
        ..line(kind, place, Bytes::ZERO, Basis::Computed, source)
    }
}
