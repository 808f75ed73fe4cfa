//! The answer to `whatif` as a document (`schemas/whatif.json`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::advise::unfinished::Unfinished;
use crate::advise::why_not::WhyNot;
use crate::plan::document::{Infeasible, Member, SpeedFigure};
use crate::units::Bytes;

/// Version of this document's shape.
///
/// 2: what conflicts is of closed kinds, with figures. 1: the first.
pub(super) const SCHEMA: u32 = 2;

/// What each change would do to a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WhatIf {
    /// Version of this shape.
    pub schema: u32,
    /// The plan as it is, solved again.
    pub current: Loadout,
    /// Each change alone, in the order asked, or all of them together.
    pub scenarios: Vec<Outcome>,
    /// Machines to buy, the least memory first; empty unless asked for.
    pub machines: Vec<MachineRow>,
    /// Id of the machine with least memory that runs the plan's loadout as it is; absent where none
    /// does or machines were not asked for.
    pub smallest_machine: Option<String>,
    /// What the time limit left undone.
    #[serde(default)]
    pub unfinished: Vec<Unfinished>,
}

/// A loadout in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Loadout {
    /// Its models; none where nothing is feasible.
    pub members: Vec<Member>,
    /// Its score; absent where nothing is feasible.
    pub objective: Option<f64>,
    /// What it takes of the GPU working set.
    pub gpu_total_bytes: Bytes,
    /// Bytes left under the tighter limit.
    pub headroom_bytes: i64,
}

/// One change and the difference that it makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The change, in words.
    pub change: String,
    /// What the answer would be.
    pub answer: Loadout,
    /// Its score less the present one; absent where one of them has none.
    pub difference: Option<f64>,
    /// `model/variant` that comes in.
    pub added: Vec<String>,
    /// `model/variant` that goes out.
    pub removed: Vec<String>,
    /// `model/variant` that stays at another context.
    pub other_context: Vec<String>,
    /// Why nothing meets the request then, and what would; absent where something does.
    #[serde(default)]
    pub infeasible: Option<Infeasible>,
    /// Where a new model stands; absent where none was given.
    #[serde(default)]
    pub new_model: Option<NewStanding>,
}

/// Where a new model stands among those that were candidates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NewStanding {
    /// `model/variant`.
    pub variant: String,
    /// Its place in each task that it may serve.
    pub tasks: Vec<Place>,
    /// Whether it serves a task, and what would make it.
    pub why_not: WhyNot,
}

/// A model's place in a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Id of the task.
    pub task: String,
    /// Its best score there, 0 to 1.
    pub score: f64,
    /// 1 for the best.
    pub place: usize,
    /// How many models may serve the task.
    pub of: usize,
}

/// What a machine would give.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MachineRow {
    /// Id of its profile.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Physical memory.
    pub memory_bytes: Bytes,
    /// Memory bandwidth in bytes per second, where known.
    pub bandwidth_bytes_per_second: Option<f64>,
    /// The plan's loadout fits there as it is.
    pub runs_the_loadout: bool,
    /// Speed of the loadout's slowest model there that counts in decisions: of a prediction, the low
    /// end. Absent where a speed is not known.
    pub slowest_tokens_per_second: Option<f64>,
    /// That model's speed in full.
    #[serde(default)]
    pub slowest: Option<SpeedFigure>,
    /// The best loadout there.
    pub answer: Loadout,
    /// Its score less the plan's.
    pub difference: Option<f64>,
    /// The price that was given for it.
    pub price: Option<f64>,
}
