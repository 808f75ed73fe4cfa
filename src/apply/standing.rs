//! What is loaded beside the best plan, task by task, in the figures of both.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::advise::present::{Beside, Unserved};
use crate::plan::Plan;
use crate::plan::document::{Entry, ExpectedQuality, Turn};

/// Scores are counted in steps of this: below it there is no difference.
const STEP: f64 = 1e-5;

/// What to make of what is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is the answer already: no plan scores higher.
    Best,
    /// It scores lower than the plan, by no more than the error of the difference.
    Tied,
    /// The plan is better, or what is loaded takes more than it may.
    Worse,
    /// There is no plan to compare with.
    NoPlan,
}

/// What is loaded beside a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// The machine that the plan is for, as it was named; absent where it is this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// What to make of it.
    pub verdict: Verdict,
    /// The score of what is loaded by the tasks' shares, 0 to 1; what is not served counts nothing.
    pub objective: f64,
    /// The plan's score.
    pub best_objective: f64,
    /// How much higher the plan's score is.
    pub difference: f64,
    /// Standard error of that; absent where a task is not served by both.
    pub error: Option<f64>,
    /// What is loaded keeps to the limits that plans keep to.
    pub within_limits: bool,
    /// Each task with both.
    pub tasks: Vec<TaskBeside>,
    /// The tasks that nothing loaded serves, with the reasons.
    pub unserved: Vec<Unserved>,
    /// Names of loaded models that serve none of the tasks.
    pub idle: Vec<String>,
    /// Names of loaded models that the catalog does not know, so that they have no score.
    pub unknown: Vec<String>,
}

/// A task as it is served now and as it would be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskBeside {
    /// Id of the task.
    pub task: String,
    /// Its share of all tasks, 0 to 1.
    pub share: f64,
    /// As it is; absent where nothing loaded serves it.
    pub now: Option<Served>,
    /// As the plan has it; absent without one.
    pub best: Option<Served>,
}

/// How a task is served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Served {
    /// `model/variant`.
    pub variant: String,
    /// The name of the model.
    pub name: String,
    /// The quantization.
    pub quantization: String,
    /// Tokens of context.
    pub context: u32,
    /// The quality expected of it; absent where no benchmark tells.
    pub quality: Option<ExpectedQuality>,
    /// How long a turn takes; absent where its speed is not known.
    pub turn: Option<Turn>,
    /// Its score for the task, 0 to 1.
    pub score: f64,
}

impl Served {
    /// What serves a task among some entries.
    fn among(entries: &[Entry], task: &str) -> Option<Self> {
        let e = entries.iter().find(|e| e.tasks.iter().any(|t| t == task))?;
        let turns = e.speed.iter().flat_map(|s| &s.turns);
        let parts = e.score.parts.iter().filter(|p| p.task == task);
        Some(Self {
            variant: e.full_name(),
            name: e.name.clone(),
            quantization: e.quantization.clone(),
            context: e.settings.context,
            quality: e.quality.iter().find(|q| q.task == task).cloned(),
            turn: turns.into_iter().find(|t| t.task == task).cloned(),
            score: parts.map(|p| p.contribution).sum(),
        })
    }
}

impl Standing {
    /// What is loaded beside a plan; `unknown` has no score.
    #[must_use]
    pub fn of(beside: &Beside, plan: &Plan, unknown: Vec<String>) -> Self {
        let now = &beside.present;
        let tasks = plan.request.tasks.iter().map(|t| TaskBeside {
            task: t.id.clone(),
            share: t.share,
            now: Served::among(&now.loadout, &t.id),
            best: Served::among(&plan.loadout, &t.id),
        });
        let idle = now.loadout.iter().filter(|e| e.tasks.is_empty());
        Self {
            machine: None,
            verdict: verdict(beside, plan),
            objective: now.objective,
            best_objective: plan.optimality.objective,
            difference: beside.difference,
            error: beside.error,
            within_limits: beside.within_limits,
            tasks: tasks.collect(),
            unserved: now.unserved.clone(),
            idle: idle.map(|e| e.identifier.clone()).collect(),
            unknown,
        }
    }

    /// Whether there is nothing to gain by a change.
    #[must_use]
    pub const fn stays(&self) -> bool {
        matches!(self.verdict, Verdict::Best | Verdict::Tied)
    }
}

fn verdict(beside: &Beside, plan: &Plan) -> Verdict {
    if plan.loadout.is_empty() {
        return Verdict::NoPlan;
    }
    let serves_all = beside.present.unserved.is_empty() && beside.within_limits;
    match beside.error.filter(|_| serves_all) {
        Some(_) if beside.difference < STEP => Verdict::Best,
        Some(error) if beside.difference <= error => Verdict::Tied,
        _ => Verdict::Worse,
    }
}
