//! Why a model is not in an answer, as a document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::document::Member;
use crate::plan::refusal::Rejected;
use crate::task::Utility;

/// Why a model does not serve a task, and what would make it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WhyNot {
    /// What was asked about.
    pub model: String,
    /// How it stands.
    pub standing: Standing,
    /// Its variants that are no candidates, each with its reason, the nearest to being one first;
    /// empty where it could serve.
    #[serde(default)]
    pub variants: Vec<Rejected>,
    /// Its best for each task that it may serve, beside what serves it.
    pub tasks: Vec<ForTask>,
    /// The best loadout in which it serves a task; empty where there is none.
    pub best_with: Vec<Member>,
    /// Its score.
    pub best_with_objective: Option<f64>,
    /// Single changes after which it serves a task, each tried by solving again.
    pub flips: Vec<Flip>,
}

/// How a model stands in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Standing {
    /// It serves a task of the answer.
    Serves,
    /// It is loaded because it is pinned, and serves none.
    Idles,
    /// It could serve, at a lower score.
    WorthLess {
        /// Score of the best loadout in which it serves, less that of the answer.
        difference: f64,
    },
    /// It is below a floor of every task: it could be loaded, but only idle.
    OnlyIdle,
    /// It could serve alone, but no loadout in which it does meets the request.
    NoLoadout,
    /// It can't be loaded here: it takes too much.
    TooLarge,
    /// It is no candidate for other reasons.
    NoCandidate,
}

/// A model's best for one task beside what serves it in the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForTask {
    /// Id of the task.
    pub task: String,
    /// What serves it.
    pub chosen: Member,
    /// Its score.
    pub chosen_score: f64,
    /// The best of the model that was asked about.
    pub other: Member,
    /// Its score.
    pub other_score: f64,
    /// Whether that fits the machine on its own.
    pub other_fits: bool,
    /// Nobody reported that LM Studio's engine loads its architecture: what its quality, speed and
    /// reliability add counts nine tenths.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_unreported: bool,
    /// Score parts side by side.
    pub parts: Vec<SideBySide>,
}

/// One part of a score beside the same part of another candidate's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SideBySide {
    /// The utility.
    pub utility: Utility,
    /// Its weight.
    pub weight: f64,
    /// What the part adds to the score of what serves the task.
    pub chosen_contribution: f64,
    /// What it adds to the other's.
    pub other_contribution: f64,
}

/// A change after which the model serves a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flip {
    /// What is changed.
    pub kind: FlipKind,
    /// In words.
    pub text: String,
    /// The figure as it is, where it is one and known.
    pub from: Option<f64>,
    /// The figure that brings it in, where it is one.
    pub to: Option<f64>,
    /// The flags of `recommend` that make it; empty where no flag does.
    #[serde(default)]
    pub flags: Vec<String>,
    /// The answer then.
    pub loadout: Vec<Member>,
}

/// What is changed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FlipKind {
    /// The weight of a utility.
    Weight,
    /// The share of a task.
    Share,
    /// The speed of a variant.
    Speed,
    /// The memory that it takes.
    Size,
    /// More memory under both limits.
    Room,
    /// The GPU's limit.
    WiredLimit,
    /// The guard put aside.
    Fill,
    /// One model more.
    Models,
}
