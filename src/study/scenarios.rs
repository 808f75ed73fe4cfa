//! The scenarios of a report, each answered by the planner.

use std::collections::BTreeSet;

use super::document::{NamedVariant, Scenario};
use super::inputs::{Inputs, ScenarioRequest};
use crate::advise::recommend;
use crate::memory::limits::{Demand, Limits};
use crate::plan::Request;
use crate::scenario;
use crate::scenario::error::RecommendError;

/// The scenarios of a report, unless others are asked for: id, tasks, models at once.
pub const SCENARIOS: [(&str, &[&str], usize); 6] = [
    ("code", &["code"], 1),
    ("general", &["general"], 1),
    ("long-form", &["long-form"], 1),
    ("constrained", &["constrained"], 1),
    ("double", &["code", "general"], 2),
    ("triple", &["code", "general", "quality"], 3),
];

/// Asks the planner for each scenario.
pub(super) fn answer(inputs: &Inputs<'_>) -> Result<Vec<Scenario>, RecommendError> {
    inputs.scenarios.iter().map(|s| one(inputs, s)).collect()
}

fn one(inputs: &Inputs<'_>, scenario: &ScenarioRequest) -> Result<Scenario, RecommendError> {
    let request = Request {
        max_models: scenario.max_models,
        campaign: inputs.campaign.map(str::to_owned),
        pareto: true,
        ..Request::new(scenario.tasks.clone())
    };
    // The time of the solve is no part of a report: the same data give the same file.
    let asked = scenario::Scenario::new(inputs.catalog, inputs.machine, inputs.speed, &request);
    let plan = recommend(&asked, &|| 0.0)?;
    let limits = Limits::of(inputs.machine);
    let (gpu_room_bytes, physical_room_bytes) = limits.room(Demand::from(&plan.totals));
    Ok(Scenario {
        id: scenario.id.clone(),
        tasks: scenario.tasks.iter().map(|(t, _)| t.id.clone()).collect(),
        max_models: scenario.max_models,
        loadout: plan.loadout,
        totals: plan.totals,
        gpu_room_bytes,
        physical_room_bytes,
        binding: plan.binding,
        headroom_bytes: plan.headroom_bytes,
        picks: plan.picks,
        objective: plan.optimality.objective,
        alternatives: plan.alternatives,
        pareto: plan.pareto,
    })
}

/// What the variants on the fronts and of the picks are called; many of them stand in no other list of
/// a study.
pub(super) fn front_variants(inputs: &Inputs<'_>, scenarios: &[Scenario]) -> Vec<NamedVariant> {
    let points = scenarios.iter().flat_map(|s| &s.pareto);
    let members = points.flat_map(|p| &p.members);
    let picked = scenarios.iter().flat_map(|s| &s.picks);
    let picked = picked.flat_map(|pick| &pick.loadout);
    let ids: BTreeSet<String> = (members.map(|m| m.variant.clone()))
        .chain(picked.map(|c| format!("{}/{}", c.model, c.variant)))
        .collect();
    ids.iter()
        .filter_map(|id| {
            let (model, variant) = id.split_once('/')?;
            let model = inputs.catalog.model(model)?;
            let variant = model.variant(variant)?;
            Some(NamedVariant {
                model: model.id.clone(),
                variant: variant.id.clone(),
                name: model.name.clone(),
                engine: variant.engine.clone(),
                quantization: variant.quantization.clone(),
            })
        })
        .collect()
}
