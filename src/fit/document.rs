//! The answer to `fit` as a document. Field order and names are a contract (`schemas/fit.json`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::basis::Basis;
use crate::memory::limits::{Binding, Demand, Limits};
use crate::memory::{KvType, Line, Settings};
use crate::plan::document::{Advice, ExpectedQuality, Memory, SpeedSummary};
use crate::plan::refusal::Refusal;
use crate::units::Bytes;

/// Version of this document's shape.
///
/// 2: advice is of closed kinds, with figures, and flags apart from commands. 1: the first.
pub(super) const SCHEMA: u32 = 2;

/// The answer to `fit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fit {
    /// Version of this shape.
    pub schema: u32,
    /// The day of the catalog that was looked into, where that is known.
    pub catalog_date: Option<String>,
    /// What was asked about.
    pub model: String,
    /// The machine.
    pub machine: String,
    /// The answer.
    pub verdict: Verdict,
    /// Why the answer is `unknown`, where it is.
    pub reason: Option<String>,
    /// Why LM Studio's engine was seen not to load these files, where it was: then no memory helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fails_to_load: Option<String>,
    /// How comfortably it fits, where it does.
    pub comfort: Option<Comfort>,
    /// The settings that it holds for.
    pub settings: Settings,
    /// The layers that lie on the GPU, the output matrix counted as one, where not all of them do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_layers: Option<u32>,
    /// Of so many layers, the first ones, the experts are left to the processor, where of any they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_expert_layers: Option<u32>,
    /// Its memory by kind.
    pub memory: Memory,
    /// Its memory line by line.
    pub ledger: Vec<Line>,
    /// What is loaded besides.
    pub beside: Vec<Neighbour>,
    /// Memory of all of it: what the limits are held against.
    pub together: Memory,
    /// What the machine can hold.
    pub limits: BoundLimits,
    /// Bytes left under the binding limit; negative where it does not fit.
    pub headroom_bytes: i64,
    /// The largest context that fits, up to the model's own; absent where none does or it is not
    /// known.
    pub largest_context: Option<u32>,
    /// The context that the model was trained for, where known.
    pub context_length: Option<u32>,
    /// How fast it decodes alone on the machine; absent where that is not known, or where it does
    /// not fit at any context.
    pub speed: Option<SpeedSummary>,
    /// The quality expected of it for the tasks whose turns are told, asked as these say; none where
    /// the catalog does not have the model.
    #[serde(default)]
    pub quality: Vec<ExpectedQuality>,
    /// Turns that take longer, or are written slower, than was asked for.
    #[serde(default)]
    pub too_slow: Vec<SlowTurn>,
    /// Where only the size of a model is known: between what and what its memory lies.
    pub range: Option<Range>,
    /// Memory by context and KV cache type, where asked for.
    pub table: Option<Vec<TableRow>>,
    /// What to know, and what would change the answer: each computed.
    pub advice: Vec<Advice>,
}

/// A turn that is slower than was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SlowTurn {
    /// Id of the task.
    pub task: String,
    /// In words, with figures.
    pub reason: String,
    /// The same as figures.
    pub why: Refusal,
}

/// Whether it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Under both limits.
    Fits,
    /// Under physical memory, and under the GPU's limit once that is raised.
    FitsIfWiredLimitRaised,
    /// Not on this machine.
    DoesNotFit,
    /// Something that decides it is not known.
    Unknown,
}

impl Fit {
    /// The largest context that fits, where the one asked for does not and is not just unknown.
    #[must_use]
    pub fn shorter_context(&self) -> Option<u32> {
        let no = matches!(
            self.verdict,
            Verdict::FitsIfWiredLimitRaised | Verdict::DoesNotFit
        );
        self.largest_context.filter(|_| no)
    }

    /// Whether it fits at some context.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.verdict == Verdict::Fits || self.shorter_context().is_some()
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Fits => "fits",
            Self::FitsIfWiredLimitRaised => "fits if the GPU's limit is raised",
            Self::DoesNotFit => "does not fit",
            Self::Unknown => "unknown",
        })
    }
}

/// How comfortably something fits, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comfort {
    /// The mark.
    pub level: ComfortLevel,
    /// The figures that give it.
    pub reason: String,
    /// What the rule rests on.
    pub source: String,
}

/// How comfortably something fits, best first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ComfortLevel {
    /// With room for everything else that a machine does.
    Comfortable,
    /// With little room.
    Tight,
    /// By the figures only: a machine this full has been seen to swap.
    AtTheEdge,
}

impl std::fmt::Display for ComfortLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Comfortable => "comfortable",
            Self::Tight => "tight",
            Self::AtTheEdge => "at the edge",
        })
    }
}

/// Something that is loaded besides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Neighbour {
    /// Its name.
    pub name: String,
    /// What it is loaded with, where known.
    pub settings: Option<Settings>,
    /// Its memory.
    pub memory: Memory,
    /// How well that is known.
    pub basis: Basis,
    /// Where it comes from.
    pub source: String,
}

impl Neighbour {
    /// How much of both limits it takes.
    #[must_use]
    pub fn demand(&self) -> Demand {
        Demand::from(&self.memory)
    }
}

/// What a machine can hold, and which of its limits has least room left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BoundLimits {
    /// What the machine can hold.
    #[serde(flatten)]
    pub limits: Limits,
    /// The limit with least room left.
    pub binding: Binding,
}

/// Between what and what the memory of a model lies of which only the size is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// The known architecture of such a size that takes least.
    pub low: Case,
    /// The one that takes most.
    pub high: Case,
    /// All that were computed.
    pub considered: Vec<String>,
}

/// The memory of one known architecture with weights of the given size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// Id of the model that has the architecture.
    pub like: String,
    /// What it would take of the GPU working set.
    pub gpu_total_bytes: Bytes,
    /// What it would take of physical memory.
    pub total_bytes: Bytes,
    /// Bytes left under the binding limit; negative where it does not fit.
    pub headroom_bytes: i64,
}

/// Memory at one context with one KV cache type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableRow {
    /// Context in tokens.
    pub context: u32,
    /// Type of keys and values.
    pub kv_type: KvType,
    /// KV cache and recurrent state.
    pub context_bytes: Bytes,
    /// All that counts against the GPU working set, without what is loaded besides.
    pub gpu_total_bytes: Bytes,
    /// All that counts against physical memory, without what is loaded besides.
    pub total_bytes: Bytes,
    /// Bytes left under the binding limit with what is loaded besides; negative where it does not
    /// fit.
    pub headroom_bytes: i64,
}
