//! The answer to `whatif` as a document (`schemas/whatif.json`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::advise::needed::ScoreNeeded;
use crate::advise::unfinished::Unfinished;
use crate::advise::why_not::WhyNot;
use crate::plan::document::{Infeasible, Member, SpeedFigure};
use crate::units::Bytes;

/// Version of this document's shape.
///
/// 3: machines stand in order of rank, the best first, with what they come to. 2: what conflicts is
/// of closed kinds, with figures. 1: the first.
pub(super) const SCHEMA: u32 = 3;

/// What each change would do to a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WhatIf {
    /// Version of this shape.
    pub schema: u32,
    /// The day of the catalog that it rests on, where that is known.
    #[serde(default)]
    pub catalog_date: Option<String>,
    /// The plan as it is, solved again.
    pub current: Loadout,
    /// Each change alone, in the order asked, or all of them together.
    pub scenarios: Vec<Outcome>,
    /// Machines by what they give, the highest score first; of equal ones the least memory. Empty
    /// unless asked for.
    pub machines: Vec<MachineRow>,
    /// Id of the machine whose answer the others are held against: the plan's, this one, or where
    /// neither is a Mac the best of all. Absent where machines were not asked for.
    #[serde(default)]
    pub held_against: Option<String>,
    /// That machine is the plan's or this one: a step up starts from it. Else it is the best of all,
    /// and a step starts from the least.
    #[serde(default)]
    pub owned: bool,
    /// Id of the machine with least memory that keeps the answer; absent where none does or
    /// machines were not asked for.
    pub smallest_machine: Option<String>,
    /// The machine that gives most of what can be gained for least; absent where nothing can be
    /// gained or machines were not asked for.
    #[serde(default)]
    pub step_up: Option<StepUp>,
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
    /// Expected points out of 100, less the profiles' caution, by the tasks' shares; absent where a
    /// task has no benchmark to tell it by.
    #[serde(default)]
    pub quality: Option<f64>,
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
    /// `model/variant`; the model alone where several files of it are there.
    pub variant: String,
    /// Its place in each task that it may serve.
    pub tasks: Vec<Place>,
    /// Whether it serves a task, and what would make it.
    pub why_not: WhyNot,
    /// What it would have to score to serve one; empty where it does, or where no score helps.
    #[serde(default)]
    pub needed: Vec<ScoreNeeded>,
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
    /// The loadout that machines are held against fits there as it is.
    pub runs_the_loadout: bool,
    /// It fits, and each of its models is as fast there as its tasks demand.
    #[serde(default)]
    pub keeps_the_answer: bool,
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
    /// Id of a machine that scores higher with no more memory, or no less with less, and costs no
    /// more where both prices are given; absent where there is none.
    #[serde(default)]
    pub beaten_by: Option<String>,
}

impl MachineRow {
    /// Whether it gives an answer that no machine beats.
    #[must_use]
    pub const fn is_useful(&self) -> bool {
        self.beaten_by.is_none() && self.answer.objective.is_some()
    }
}

/// A machine that gives most of what can be gained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepUp {
    /// Id of its profile.
    pub id: String,
    /// Its score less that of the machine that it is held against; where that is the best of all,
    /// less that of the least.
    pub gain: f64,
    /// The same of the best machine.
    pub greatest_gain: f64,
    /// What it was chosen by.
    pub rule: StepRule,
}

/// What a step up is chosen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepRule {
    /// The least memory that gives three quarters of the greatest gain.
    LeastMemory,
    /// The highest gain for its price, among the machines whose prices are given.
    GainPerPrice,
}
