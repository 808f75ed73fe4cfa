//! The scenarios of a report, each answered by the planner.

use super::document::Scenario;
use super::gather::Inputs;
use crate::memory::limits::{Demand, Limits};
use crate::plan::error::RecommendError;
use crate::plan::task::TaskProfile;
use crate::plan::{Request, recommend};

/// The scenarios of a report, unless others are asked for: id, tasks, models at once.
pub const SCENARIOS: [(&str, &[&str], usize); 6] = [
    ("code", &["code"], 1),
    ("general", &["general"], 1),
    ("long-form", &["long-form"], 1),
    ("constrained", &["constrained"], 1),
    ("double", &["code", "general"], 2),
    ("triple", &["code", "general", "quality"], 3),
];

/// A scenario to answer.
#[derive(Debug, Clone)]
pub struct ScenarioRequest {
    /// Its id.
    pub id: String,
    /// The tasks with their weights.
    pub tasks: Vec<(TaskProfile, f64)>,
    /// Models at once, at most.
    pub max_models: usize,
}

/// Asks the planner for each scenario.
pub(super) fn answer(inputs: &Inputs<'_>) -> Result<Vec<Scenario>, RecommendError> {
    inputs.scenarios.iter().map(|s| one(inputs, s)).collect()
}

fn one(inputs: &Inputs<'_>, scenario: &ScenarioRequest) -> Result<Scenario, RecommendError> {
    let request = Request {
        max_models: scenario.max_models,
        campaign: inputs.campaign.map(str::to_owned),
        ..Request::new(scenario.tasks.clone())
    };
    // The time of the solve is no part of a report: the same data give the same file.
    let plan = recommend(
        inputs.catalog,
        inputs.machine,
        inputs.predictor,
        &request,
        &|| 0.0,
    )?;
    let limits = Limits::of(inputs.machine);
    let (gpu_room_bytes, physical_room_bytes) = limits.room(Demand {
        gpu: plan.totals.gpu_total_bytes,
        total: plan.totals.total_bytes,
    });
    Ok(Scenario {
        id: scenario.id.clone(),
        tasks: scenario.tasks.iter().map(|(t, _)| t.id.clone()).collect(),
        max_models: scenario.max_models,
        loadout: plan.loadout,
        totals: plan.totals,
        gpu_room_bytes,
        physical_room_bytes,
        binding: plan.binding,
        objective: plan.optimality.objective,
        alternatives: plan.alternatives,
    })
}
