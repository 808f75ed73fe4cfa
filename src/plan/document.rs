//! The plan as a document: what `recommend` answers, prints and saves.
//!
//! Everything after it (reports, files for LM Studio, applying, checking) works from this alone.
//! Field order and names are a contract (`schemas/plan.json`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::advice::{Advice, AdviceKind};
pub use super::choices::{
    Chosen, ChosenEffort, DecidedBy, Doubt, KEPT, Pick, PickKind, Room, RoomKind, Tie,
};
pub use super::disk::{DiskLimit, Downloads};
pub use super::document_answers::{
    Change, Concurrency, Contexts, Idle, Infeasible, Member, Pace, ParetoPoint, Scope, SpeedFigure,
    Stream, TurnTime,
};
pub use super::expected_quality::ExpectedQuality;
pub use super::load_settings::LoadSettings;
pub use super::refusal::{Refusal, Rejected, RejectionKind, Shortfall};
pub use super::taken::Memory;
pub use super::task_effort::{OtherEffort, TaskEffort};
pub use super::turn::{Ranged, Turn};
use crate::basis::Basis;
use crate::catalog::effort::Setting;
use crate::catalog::roles::Embedding;
use crate::machine::{Kind, Macos, System};
use crate::memory::Line;
use crate::memory::limits::{Binding, Limits};
use crate::memory::{Engine, Settings};
use crate::solve::{Method, Solver};
use crate::task::{Sampling, TaskProfile, Utility};
use crate::units::Bytes;

/// Version of this document's shape.
///
/// 3: `quality` is what is expected of each entry; the utilities `precision`, `specialty`,
/// `efficiency` and `load_time` are gone from scores and profiles. 2: reasons are of closed kinds with figures (`rejected`,
/// `advice`, `infeasible.conflict`); `contribution` is weight x value, with `share` beside it;
/// `optimality.method` is one of a closed set. 1: the first.
pub const SCHEMA: u32 = 3;

/// The answer to `recommend`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Version of this shape.
    pub schema: u32,
    /// Which program made it.
    pub generator: String,
    /// The day of the catalog that it rests on, where that is known.
    #[serde(default)]
    pub catalog_date: Option<String>,
    /// The machine that it is for.
    pub machine: MachineSummary,
    /// What was asked for.
    pub request: RequestSummary,
    /// What to keep loaded; empty where nothing can be.
    pub loadout: Vec<Entry>,
    /// Sums over the loadout.
    pub totals: Memory,
    /// What the machine can hold.
    pub limits: Limits,
    /// What of it has to be downloaded; absent where that is not limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub downloads: Option<Downloads>,
    /// The limit with least room left.
    pub binding: Binding,
    /// Bytes left under it.
    pub headroom_bytes: i64,
    /// How sure it is that nothing is better.
    pub optimality: Optimality,
    /// What happens when its models generate at once; absent for a single model.
    #[serde(default)]
    pub concurrency: Option<Concurrency>,
    /// The next best loadouts, distinct in their models.
    pub alternatives: Vec<Alternative>,
    /// The best, the fastest and the smallest of nearly its quality; empty where nothing fits.
    #[serde(default)]
    pub picks: Vec<Pick>,
    /// Runners-up that what is known does not tell from the best.
    #[serde(default)]
    pub ties: Vec<Tie>,
    /// What the free memory could hold besides.
    #[serde(default)]
    pub room: Vec<Room>,
    /// The front of score, memory and speed, where it was asked for.
    #[serde(default)]
    pub pareto: Vec<ParetoPoint>,
    /// Variants that were no candidates.
    pub rejected: Vec<Rejected>,
    /// What to do, and what to know.
    pub advice: Vec<Advice>,
    /// Why there is no loadout, and what would give one; absent where there is one.
    #[serde(default)]
    pub infeasible: Option<Infeasible>,
}

/// The machine, as far as the plan depends on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MachineSummary {
    /// Id of the profile, or `this-machine`.
    pub id: String,
    /// The name people use.
    pub name: String,
    /// The chip; absent where it is not one we know.
    pub chip: Option<String>,
    /// Physical memory.
    pub memory_bytes: Bytes,
    /// The GPU's limit that the plan counts on, where it is not the stock one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wired_limit_bytes: Option<Bytes>,
    /// Memory bandwidth in bytes per second, where known.
    pub bandwidth_bytes_per_second: Option<f64>,
    /// Id of the chip in `profiles/chips.toml`, where it is one we know.
    #[serde(default)]
    pub chip_id: Option<String>,
    /// GPU cores of this machine's bin, where known.
    #[serde(default)]
    pub gpu_cores: Option<u32>,
    /// Runs macOS on Apple silicon, and so MLX.
    #[serde(default)]
    pub apple_silicon: bool,
    /// What sort of machine it is; absent of a Mac, and where it is none that planner knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Its operating system; absent of a Mac, and where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<System>,
    /// The version of macOS that the limits are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub macos: Option<Macos>,
    /// Nobody said which version it runs: it is the newest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub macos_assumed: bool,
}

/// What was asked for, in full: the plan can be made again from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestSummary {
    /// Tasks with their weights.
    pub tasks: Vec<WeightedTask>,
    /// Models at once, at most.
    pub max_models: usize,
    /// A fixed context.
    pub context: Option<u32>,
    /// The campaign that it keeps to.
    pub campaign: Option<String>,
    /// Predictions left out.
    pub measured_only: bool,
    /// Memory may be filled beyond the share that was seen to fail.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fill: bool,
    /// What every model is loaded with.
    pub settings: LoadSettings,
    /// The number of slots was asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub slots_asked: bool,
    /// Tokens in the context of a turn, where not as the tasks' profiles say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth_tokens: Option<u32>,
    /// Conversations at once, where not as the tasks' profiles say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<u32>,
    /// The reasoning effort of every model that thinks, where not left to the solver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<Setting>,
    /// Slowest decode speed to accept.
    pub min_tokens_per_second: Option<f64>,
    /// Most seconds to the first token of a turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_first_token_seconds: Option<f64>,
    /// Most seconds of a turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_turn_seconds: Option<f64>,
    /// Only this engine.
    pub engine: Option<Engine>,
    /// Models or variants that must be resident.
    pub pins: Vec<String>,
    /// Models or variants that must not be.
    pub excludes: Vec<String>,
    /// The variants that were on the disk (`model/variant`), where only those were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed: Option<Vec<String>>,
    /// What was to be downloaded at most, and what was on the disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<DiskLimit>,
    /// Scores count the speeds of models that generate at once.
    pub concurrent: bool,
    /// How many runners-up were asked for.
    pub alternatives: usize,
    /// The front of score, memory and speed was asked for.
    #[serde(default)]
    pub pareto: bool,
    /// Which method was to solve.
    pub method: Method,
    /// When the search was to stop, in seconds.
    pub time_limit_seconds: Option<f64>,
}

/// A task and its weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WeightedTask {
    /// Id of the task.
    pub id: String,
    /// Its share of all tasks, 0 to 1.
    pub share: f64,
    /// Sampling settings that its clients should use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// Its weight as given.
    pub weight: f64,
    /// The profile that scored it.
    pub profile: TaskProfile,
}

/// One model of the loadout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Id of the model.
    pub model: String,
    /// Its name.
    pub name: String,
    /// Id of the variant within the model.
    pub variant: String,
    /// The name that clients ask for once it is loaded.
    pub identifier: String,
    /// The engine.
    pub engine: Engine,
    /// The quantization.
    pub quantization: String,
    /// The repository that holds the files.
    pub repository: Option<String>,
    /// Which files of it.
    pub files: Option<String>,
    /// Ids of the tasks that it serves.
    pub tasks: Vec<String>,
    /// The node of the fleet that it is loaded on, and that clients ask; absent in the plan of one
    /// machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Its layers on each node, where no node holds all of them: in the order in which a token goes
    /// through them, `node` last. Memory and ledger are those of all parts then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<Shard>,
    /// Ids of the tasks that it is to serve where another node of the fleet is lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stands_by_for: Vec<String>,
    /// What to load it with.
    pub settings: Settings,
    /// Its memory.
    pub memory: Memory,
    /// Its memory line by line.
    pub ledger: Vec<Line>,
    /// Its speed; absent where it is not known.
    pub speed: Option<SpeedSummary>,
    /// The quality expected of it for each task that it serves.
    #[serde(default)]
    pub quality: Vec<ExpectedQuality>,
    /// What it has to be asked for, by task: of a model whose reasoning efforts are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub efforts: Vec<TaskEffort>,
    /// How it embeds, where it is an embedding model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<Embedding>,
    /// The tasks of those that it serves which have it complete code at the cursor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub completes: Vec<String>,
    /// Its score over the tasks that it serves.
    pub score: Score,
    /// Why it serves none, where it is pinned and idles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle: Option<Idle>,
    /// Sampling settings: the task profile's, else what the publisher recommends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
}

/// A part of a model on a node of the fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// The node.
    pub node: String,
    /// How many of the model's layers lie there; the output matrix lies on the last node.
    pub layers: u32,
    /// The memory of this part.
    pub memory: Memory,
    /// The same line by line.
    pub ledger: Vec<Line>,
}

impl Plan {
    /// What its limits leave to other models: nothing where it takes more than they allow.
    #[must_use]
    pub fn free(&self) -> Bytes {
        Bytes(u64::try_from(self.headroom_bytes).unwrap_or(0))
    }

    /// What is known of loading its models in LM Studio, where that is not only good.
    #[must_use]
    pub fn doubts_of_loading(&self) -> Vec<String> {
        let doubts = self.advice.iter().filter(|a| a.kind.doubts_loading());
        doubts.map(|a| a.text.clone()).collect()
    }
}

impl Entry {
    /// `model/variant`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.model, self.variant)
    }

    /// `Qwen3.8 27B 4bit`: the model's name and the quantization.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.name, self.quantization)
    }

    /// What it is asked for at a task.
    #[must_use]
    pub fn effort(&self, task: &str) -> Setting {
        let known = self.efforts.iter().find(|t| t.task == task);
        known.map_or_else(Setting::default, |t| t.effort)
    }

    /// Whether losing a node of the fleet takes it down.
    #[must_use]
    pub fn is_on(&self, node: &str) -> bool {
        self.memory_on(node).is_some()
    }

    /// Its memory on a node of the fleet; none where nothing of it is there.
    #[must_use]
    pub fn memory_on(&self, node: &str) -> Option<Memory> {
        let part = self.shards.iter().find(|shard| shard.node == node);
        let whole = self.shards.is_empty() && self.node.as_deref() == Some(node);
        part.map(|shard| shard.memory)
            .or(whole.then_some(self.memory))
    }
}

/// A score as the sum of its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// Sum of share x contribution, 0 to 1: the mean over the tasks served, by their shares.
    pub total: f64,
    /// The parts of every task served.
    pub parts: Vec<ScorePart>,
}

/// One part of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScorePart {
    /// Id of the task.
    pub task: String,
    /// Which utility.
    pub utility: Utility,
    /// Its weight in the task.
    pub weight: f64,
    /// The figure, on its own scale; absent where it is not known.
    pub figure: Option<f64>,
    /// The figure as a number from 0 to 1.
    pub value: f64,
    /// Weight x value: what it adds to the task's score.
    pub contribution: f64,
    /// The task's share among the tasks that the model serves, 0 to 1.
    pub share: f64,
    /// What the figure is, or why it is missing.
    pub note: String,
}

/// A speed with its basis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpeedSummary {
    /// Tokens per second at an (almost) empty context.
    pub decode_tokens_per_second: f64,
    /// Measured or predicted.
    pub basis: Basis,
    /// Where it comes from.
    pub source: String,
    /// Low end of the range.
    pub low: f64,
    /// High end of the range.
    pub high: f64,
    /// Tokens by the whole request's time, prompt included, where such runs are known.
    pub wall_clock_tokens_per_second: Option<f64>,
    /// Depth of the measurement, where it is not shallow.
    pub depth_tokens: Option<u32>,
    /// How long a turn of each task takes that the model serves; empty where that is not known.
    #[serde(default)]
    pub turns: Vec<Turn>,
}

/// What was proven of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptimalityStatus {
    /// Nothing is better.
    Optimal,
    /// The time limit came first: at most `gap` below the best.
    BestFound,
    /// Nothing meets every requirement.
    Infeasible,
    /// The time limit came before anything was found.
    NothingFound,
}

/// How sure it is that nothing is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Optimality {
    /// What was proven.
    pub status: OptimalityStatus,
    /// What answered.
    pub method: Solver,
    /// The loadout's score: each task's best score, weighted.
    pub objective: f64,
    /// What no loadout can exceed.
    pub bound: f64,
    /// `bound` less `objective`.
    pub gap: f64,
    /// Over which contexts, and under which rule, that holds.
    #[serde(default)]
    pub scope: Scope,
    /// Candidates before presolve.
    pub candidates: usize,
    /// Candidates after it.
    pub after_presolve: usize,
    /// Time of the solve.
    pub seconds: f64,
}

/// A runner-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alternative {
    /// What it would keep loaded.
    pub members: Vec<Member>,
    /// Its score.
    pub objective: f64,
    /// What it takes of the GPU working set.
    pub gpu_total_bytes: Bytes,
    /// It is proven to be the next best; false where the time limit came first.
    #[serde(default = "proven")]
    pub proven: bool,
}

const fn proven() -> bool {
    true
}
