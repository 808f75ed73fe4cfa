//! The answer to `explain` as a document (`schemas/explain.json`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::advise::unfinished::Unfinished;
use crate::advise::why_not::WhyNot;
use crate::machine::GpuMemory;
use crate::memory::limits::Binding;
use crate::plan::document::{Member, TaskEffort};
use crate::task::Utility;

/// Version of this document's shape.
///
/// 2: why-not tells standing, refusals and flips by closed kinds. 1: the first.
pub(super) const SCHEMA: u32 = 2;

/// What holds a plan up, and what would change it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// Version of this shape.
    pub schema: u32,
    /// The day of the catalog that it rests on, where that is known.
    pub catalog_date: Option<String>,
    /// The plan's loadout: `model/variant` of each, sorted.
    pub loadout: Vec<String>,
    /// Its score when solved again.
    pub objective: f64,
    /// Solving again gives the plan's loadout. Where not, the catalog has changed since, and
    /// everything here is about the new answer.
    pub unchanged: bool,
    /// Which limit binds, and whether it decides; absent where the time limit came first.
    pub memory: Option<MemoryAnswer>,
    /// What the server of each task has to be asked for, and what other efforts would give: of models
    /// whose reasoning efforts are known.
    #[serde(default)]
    pub efforts: Vec<TaskEffort>,
    /// How far each task's share and each utility's weight may go before the answer changes.
    pub weights: Vec<WeightRange>,
    /// What the stated error of predicted speeds means for the answer.
    pub speeds: Vec<SpeedAnswer>,
    /// The answer if every prediction came true at the high end of its range; absent where the time
    /// limit came first.
    pub hopeful_loadout: Option<Vec<String>>,
    /// Why a model that was asked about is not in the loadout.
    pub why_not: Option<WhyNot>,
    /// What the time limit left undone.
    #[serde(default)]
    pub unfinished: Vec<Unfinished>,
}

/// Whether memory decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryAnswer {
    /// The limit with least room left.
    pub binding: Binding,
    /// How the GPU comes by its memory: macOS's working set unless stated.
    #[serde(default, skip_serializing_if = "GpuMemory::is_working_set")]
    pub gpu_memory: GpuMemory,
    /// Bytes left under it.
    pub headroom_bytes: i64,
    /// The answer without any limit of memory.
    pub unlimited_loadout: Vec<String>,
    /// Its score.
    pub unlimited_objective: f64,
    /// Another loadout would win without the limit.
    pub decides: bool,
    /// Models that stay without the limit, but at another context.
    #[serde(default)]
    pub contexts: Vec<ContextAnswer>,
}

/// A model whose context the limit decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContextAnswer {
    /// `model/variant`.
    pub variant: String,
    /// Its context in the answer.
    pub context: u32,
    /// Its context without the limit.
    pub unlimited_context: u32,
}

/// How far a weight may go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WeightRange {
    /// Id of the task.
    pub task: String,
    /// The utility; absent for the task's own share.
    pub utility: Option<Utility>,
    /// The weight as it is.
    pub weight: f64,
    /// The lowest weight that keeps the answer, its contexts and tasks included; so does every
    /// weight from here to `high`. The others keep their proportions.
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// The weight below `low` at which the answer was seen to be another.
    pub below_at: Option<f64>,
    /// The answer there; absent where the answer holds down to 0.01.
    pub below: Option<Vec<Member>>,
    /// The weight above `high` at which the answer was seen to be another.
    pub above_at: Option<f64>,
    /// The answer there; absent where it holds up to 0.99.
    pub above: Option<Vec<Member>>,
}

/// What a predicted speed could change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpeedAnswer {
    /// `model/variant`.
    pub variant: String,
    /// Whether it is in the loadout.
    pub in_loadout: bool,
    /// Low end of the predicted range, which decides, in tokens per second.
    pub low: f64,
    /// The middle of it.
    #[serde(default)]
    pub expected: f64,
    /// High end.
    pub high: f64,
    /// The speed at which the answer changes: below it for a model of the loadout, from it on for
    /// another. The middle itself where a run as fast as expected would change it already, since
    /// what is measured needs no caution. Absent where a model of the loadout stays at any speed.
    pub changes_at_tokens_per_second: Option<f64>,
    /// The answer there.
    pub loadout: Vec<String>,
}
