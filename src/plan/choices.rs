//! What else could be chosen, as documents hold it: picks, ties, and what the free memory could hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::taken::Memory;
use crate::catalog::effort::Setting;
use crate::memory::CpuExperts;
use crate::units::Bytes;

/// One model of a loadout that could be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Chosen {
    /// Id of the model.
    pub model: String,
    /// Id of the variant within the model.
    pub variant: String,
    /// `Qwen3.8 27B 4bit`: the model's name and the quantization; absent in older plans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Tokens of context.
    pub context: u32,
    /// What of its experts would lie in ordinary memory beside the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_experts: Option<CpuExperts>,
    /// Ids of the tasks that it would serve.
    pub tasks: Vec<String>,
    /// What it would have to be asked for, where that is not its own default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub efforts: Vec<ChosenEffort>,
    /// Nobody reported that LM Studio's engine loads its architecture, so that it counts less.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreported: bool,
    /// Nobody published a score of a model that would serve tasks: its quality is estimated from
    /// size, date and maker alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unscored: bool,
}

/// A reasoning effort that has to be set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChosenEffort {
    /// Id of the task.
    pub task: String,
    /// The effort.
    pub effort: Setting,
}

/// The share of the best loadout's quality that the other picks keep, task by task, and from which
/// another is called as good.
pub const KEPT: f64 = 0.95;

/// Which of three picks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PickKind {
    /// The highest score: the plan's own loadout.
    Best,
    /// The shortest turns, each task at 95 % of the best loadout's quality or more; the best itself
    /// where they are not expected to be shorter than its own.
    Faster,
    /// The least memory, each task at 95 % of the best loadout's quality or more.
    Smaller,
}

/// One of three loadouts to pick from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pick {
    /// Which.
    pub kind: PickKind,
    /// What it keeps loaded.
    pub loadout: Vec<Chosen>,
    /// Sums over it.
    pub totals: Memory,
    /// Expected points out of 100 of the files that serve the tasks, less the profiles' caution, by
    /// the tasks' shares; absent where a task has no benchmark to tell it by.
    pub quality: Option<f64>,
    /// Seconds of a turn by the tasks' shares: of predictions the high end, which is what counts in
    /// decisions. Absent where a speed is not known.
    pub seconds_per_turn: Option<f64>,
    /// The same as they are expected; absent where a speed is not known, and in older plans.
    #[serde(default)]
    pub expected_seconds_per_turn: Option<f64>,
    /// The score.
    pub objective: f64,
    /// The pick before it that loads the very same; absent where it is one of its own.
    pub same_as: Option<PickKind>,
    /// Nothing is faster, or smaller: false where the time limit came first, or a speed is not
    /// known.
    pub proven: bool,
}

/// What the difference between two loadouts hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The quality of a model for a task.
    Quality,
    /// The seconds of a turn.
    Speed,
}

/// What would tell two loadouts apart: the figure whose error weighs most in their difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecidedBy {
    /// Which figure.
    pub figure: Doubt,
    /// `model/variant` that it is of.
    pub variant: String,
    /// Id of the task.
    pub task: String,
    /// In words, with what to do.
    pub text: String,
}

/// A loadout that what is known does not tell from the best.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tie {
    /// What it keeps loaded.
    pub loadout: Vec<Chosen>,
    /// How much lower its score is.
    pub difference: f64,
    /// Standard error of that difference: no smaller than the difference.
    pub error: f64,
    /// Sums over it; absent in older plans.
    #[serde(default)]
    pub totals: Option<Memory>,
    /// As of a pick; absent where it is not known, and in older plans.
    #[serde(default)]
    pub quality: Option<f64>,
    /// Seconds of a turn by the tasks' shares, as expected; absent where a speed is not known, and
    /// in older plans.
    #[serde(default)]
    pub expected_seconds_per_turn: Option<f64>,
    /// What would decide.
    pub decided_by: DecidedBy,
}

/// What free memory could be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// The best server of a task that was not asked for, where what is loaded serves it less well.
    OtherTask,
    /// A model of another publisher for a task that was asked for.
    SecondOpinion,
    /// More conversations at once at the task's depth.
    MoreAgents,
}

/// Something that would fit besides the loadout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Room {
    /// What it is.
    pub kind: RoomKind,
    /// Id of the model.
    pub model: String,
    /// Id of the variant within the model.
    pub variant: String,
    /// As of what could be chosen; absent in older plans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Tokens of context.
    pub context: u32,
    /// In words: `chat`, `second opinion on code`, `6 agents on code`.
    #[serde(rename = "for")]
    pub used_for: String,
    /// What it would take besides.
    pub bytes: Bytes,
    /// Seconds of a turn then, of more conversations at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_per_turn: Option<f64>,
}
