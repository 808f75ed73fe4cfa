//! Why this answer, why not another, and what would change it: each statement found by solving again.
//!
//! A weight, a share or a speed is moved while everything else stands.

mod document;
mod speeds;
mod weights;

pub use document::{ContextAnswer, Explanation, MemoryAnswer, SpeedAnswer, WeightRange};

use crate::advise::efforts;
use crate::advise::loadouts::Loadout;
use crate::advise::unfinished::{Unfinished, in_time};
use crate::advise::why_not;
use crate::plan::document::{Plan, TaskEffort};
use crate::scenario::change::{OnFigures, OnMachine};
use crate::scenario::error::{RecommendError, check_name};
use crate::scenario::{Answer, Change, Prepared, Scenario};
use crate::solve::Deadline;

/// Explains a plan; `why_not` names a model or variant to ask about.
///
/// `scenario` is what the plan was made from (see [`crate::scenario::again`]). What the deadline
/// leaves undone is named in the answer.
///
/// # Errors
/// When `why_not` names nothing, the request no longer has an answer, or the deadline comes before
/// that is solved again.
pub fn explain(
    scenario: &Scenario<'_>,
    plan: &Plan,
    why_not: Option<&str>,
    deadline: Deadline<'_>,
) -> Result<Explanation, RecommendError> {
    if let Some(name) = why_not {
        check_name(&scenario.catalog, "--why-not", name)?;
    }
    let vary = Prepared::to_vary(scenario);
    let answer = vary.best(deadline)?.ok_or(RecommendError::NoAnswer)?;
    let loadout = answer.names();
    let planned = plan.loadout.iter();
    let mut planned: Vec<String> = planned.map(|e| e.full_name()).collect();
    planned.sort_unstable();
    let mut unfinished = Vec::new();
    let memory = memory(&vary, &answer, deadline);
    let memory = in_time(memory, &mut unfinished, Unfinished::Memory)?;
    let why_not = match why_not {
        Some(name) => {
            let part = why_not::answer(&vary, &answer, name, deadline, &mut unfinished);
            in_time(part, &mut unfinished, Unfinished::WhyNot)?
        }
        None => None,
    };
    let (weights, cut_short) = weights::all(&vary, &answer, deadline)?;
    unfinished.extend(cut_short);
    let speeds = speeds::all(&vary, &answer, deadline);
    let speeds = in_time(speeds, &mut unfinished, Unfinished::Speeds)?;
    let hopeful = vary.under(&[Change::Figures(OnFigures::Hopeful)], deadline);
    let hopeful = in_time(hopeful, &mut unfinished, Unfinished::Hopeful)?;
    Ok(Explanation {
        schema: document::SCHEMA,
        catalog_date: scenario.catalog.date().map(str::to_owned),
        unchanged: planned == loadout,
        objective: answer.score(),
        memory,
        efforts: efforts(&vary, &answer),
        weights,
        speeds: speeds.unwrap_or_default(),
        hopeful_loadout: hopeful.map(|a| a.map_or_else(Vec::new, |a| a.names())),
        why_not,
        unfinished,
        loadout,
    })
}

/// What the server of each task is asked for.
fn efforts(vary: &Prepared<'_>, answer: &Answer) -> Vec<TaskEffort> {
    let of_task = |(t, &server): (usize, &usize)| {
        let c = &vary.pool.candidate(server);
        efforts::by_task(&vary.scenario.request, c, &[t])
    };
    answer
        .servers
        .iter()
        .enumerate()
        .flat_map(of_task)
        .collect()
}

fn memory(
    vary: &Prepared<'_>,
    answer: &Answer,
    deadline: Deadline<'_>,
) -> Result<MemoryAnswer, RecommendError> {
    let unlimited = vary.under(&[Change::Machine(OnMachine::NoLimits)], deadline)?;
    let loadout = unlimited.as_ref().map_or_else(Vec::new, Answer::names);
    let demand = Loadout::of_answer(vary, answer).demand();
    Ok(MemoryAnswer {
        binding: vary.limits.binding(demand),
        gpu_memory: vary.limits.gpu_memory,
        headroom_bytes: vary.limits.headroom(demand),
        decides: loadout != answer.names(),
        contexts: unlimited
            .as_ref()
            .map_or_else(Vec::new, |u| contexts(answer, u)),
        unlimited_loadout: loadout,
        unlimited_objective: unlimited.map_or(0.0, |a| a.score()),
    })
}

/// The models of both answers that have another context in each.
fn contexts(answer: &Answer, unlimited: &Answer) -> Vec<ContextAnswer> {
    let other = |m: &crate::plan::document::Member| {
        let mut there = unlimited.members.iter();
        let there = there.find(|u| u.variant == m.variant && u.context != m.context)?;
        Some(ContextAnswer {
            variant: m.variant.clone(),
            context: m.context,
            unlimited_context: there.context,
        })
    };
    answer.members.iter().filter_map(other).collect()
}
