//! What a change would do to a plan: solved again, and told as the difference.

mod document;
mod held;
mod in_short;
mod loadout;
mod machines;
mod place;
mod rank;

pub use document::{Loadout, MachineRow, NewStanding, Outcome, Place, StepRule, StepUp, WhatIf};
pub use machines::Shopping;

use crate::advise::infeasible;
use crate::advise::needed;
use crate::advise::unfinished::{Unfinished, in_time};
use crate::advise::why_not;
use crate::advise::why_not::Standing;
use crate::catalog::Catalog;
use crate::memory::KvType;
use crate::plan::document::Plan;
use crate::scenario::change::{OnChoice, OnFigures, OnMachine, OnSettings};
use crate::scenario::error::{RecommendError, check_names};
use crate::scenario::{Answer, Change, Prepared, Scenario};
use crate::solve::Deadline;
use held::Held;
use loadout::{less, loadout};
use machines::Here;
use rank::Ranked;

/// How several changes are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Each alone.
    Apart,
    /// All at once.
    Together,
}

/// Tries changes, each alone or all together. `scenario` is what the plan was made from (see
/// [`crate::scenario::again`]). What the deadline leaves undone is named in the answer.
///
/// # Errors
/// When a change names what does not exist, the solver fails, or the deadline comes before the plan
/// is solved again.
pub fn whatif(
    scenario: &Scenario<'_>,
    plan: &Plan,
    changes: &[Change],
    how: How,
    shopping: &Shopping,
    deadline: Deadline<'_>,
) -> Result<WhatIf, RecommendError> {
    let current = Prepared::once(scenario);
    let current = loadout(&current, current.best(deadline)?);
    let sets: Vec<&[Change]> = match how {
        How::Apart => changes.chunks(1).collect(),
        How::Together => vec![changes],
    };
    let mut unfinished = Vec::new();
    let mut scenarios = Vec::new();
    for set in sets.into_iter().filter(|set| !set.is_empty()) {
        let outcome = outcome(scenario, &current, set, deadline, &mut unfinished);
        let change = words(scenario, set);
        let name = Unfinished::Change { change };
        scenarios.extend(in_time(outcome, &mut unfinished, name)?);
    }
    let here = Here {
        id: &scenario.machine.id,
        current: &current,
        held: Held::of_plan(plan, &scenario.catalog),
    };
    let ranked = match shopping.machines[..] {
        [] => Ranked::default(),
        _ => machines::compare(scenario, Some(&here), shopping, deadline, &mut unfinished)?,
    };
    Ok(answer(scenario, ranked, current, scenarios, unfinished))
}

/// Compares machines for what a scenario asks: held against its own machine where `owned`, else
/// against the best of them.
///
/// # Errors
/// When the request names what does not exist, the solver fails, or the deadline comes before
/// anything is solved.
pub fn shop(
    scenario: &Scenario<'_>,
    owned: bool,
    shopping: &Shopping,
    deadline: Deadline<'_>,
) -> Result<WhatIf, RecommendError> {
    check_names(&scenario.catalog, &scenario.request)?;
    let mut unfinished = Vec::new();
    let prepared = owned.then(|| Prepared::once(scenario));
    let own = match &prepared {
        Some(prepared) => prepared.best(deadline)?.map(|best| (prepared, best)),
        None => None,
    };
    let current = own.as_ref();
    let current = current.map(|(prepared, best)| loadout(prepared, Some(best.clone())));
    let here = own
        .zip(current.as_ref())
        .map(|((prepared, best), current)| Here {
            id: &scenario.machine.id,
            held: Held::of_answer(prepared, &best),
            current,
        });
    let ranked = machines::compare(scenario, here.as_ref(), shopping, deadline, &mut unfinished)?;
    let current = ranked.against.as_ref().map(|(_, answer)| answer.clone());
    let current = current.ok_or(RecommendError::OutOfTime)?;
    Ok(answer(scenario, ranked, current, Vec::new(), unfinished))
}

fn answer(
    scenario: &Scenario<'_>,
    ranked: Ranked,
    current: Loadout,
    scenarios: Vec<Outcome>,
    unfinished: Vec<Unfinished>,
) -> WhatIf {
    WhatIf {
        schema: document::SCHEMA,
        catalog_date: scenario.catalog.date().map(str::to_owned),
        current,
        scenarios,
        machines: ranked.rows,
        held_against: ranked.against.map(|(id, _)| id),
        owned: ranked.owned,
        smallest_machine: ranked.smallest,
        step_up: ranked.step_up,
        unfinished,
    }
}

/// The changes worth trying when none is named: the GPU's limit raised, an 8-bit KV cache, one
/// model more.
#[must_use]
pub fn usual(scenario: &Scenario<'_>) -> Vec<Change> {
    let request = &scenario.request;
    let raised = scenario.limits().raised_working_set();
    let raised = raised.map(|bytes| Change::Machine(OnMachine::WiredLimit(bytes)));
    let cache = (!request.settings.kv_type_k.is_quantized()).then_some(Change::Settings(
        OnSettings::KvType(KvType::Q8_0, KvType::Q8_0),
    ));
    let models = Change::Choice(OnChoice::Models(request.max_models + 1));
    raised.into_iter().chain(cache).chain([models]).collect()
}

fn words(scenario: &Scenario<'_>, changes: &[Change]) -> String {
    let words: Vec<String> = changes.iter().map(|c| c.describe(scenario)).collect();
    words.join(", and ")
}

fn outcome(
    scenario: &Scenario<'_>,
    current: &Loadout,
    changes: &[Change],
    deadline: Deadline<'_>,
    unfinished: &mut Vec<Unfinished>,
) -> Result<Outcome, RecommendError> {
    let there = Change::apply_all(changes, scenario)?;
    if deadline.passed() {
        return Err(RecommendError::OutOfTime);
    }
    let new: Vec<&str> = changes.iter().filter_map(new_name).collect();
    let vary = match new[..] {
        [] => Prepared::once(&there),
        _ => Prepared::to_vary(&there),
    };
    let best = vary.best(deadline)?;
    let infeasible = match best {
        Some(_) => None,
        None => Some(infeasible::explain(&there, deadline)?),
    };
    let new_model = match (&new[..], &best) {
        ([name], Some(best)) => Some(standing(&vary, name, best, deadline, unfinished)?),
        _ => None,
    };
    Ok(Outcome {
        infeasible,
        new_model,
        ..difference(words(scenario, changes), current, loadout(&vary, best))
    })
}

fn new_name(change: &Change) -> Option<&str> {
    match change {
        Change::Figures(OnFigures::New(new)) => Some(&new.name),
        Change::Figures(OnFigures::Entry(entry)) => Some(&entry.id),
        _ => None,
    }
}

/// Where a new model stands.
fn standing(
    vary: &Prepared<'_>,
    name: &str,
    now: &Answer,
    deadline: Deadline<'_>,
    unfinished: &mut Vec<Unfinished>,
) -> Result<NewStanding, RecommendError> {
    let why_not = why_not::answer(vary, now, name, deadline, unfinished)?;
    let needed = match why_not.standing {
        Standing::WorthLess { .. } | Standing::OnlyIdle => {
            let tried = needed::needed(vary.scenario, name, deadline);
            in_time(tried, unfinished, Unfinished::Flips)?
        }
        _ => None,
    };
    Ok(NewStanding {
        variant: one_variant(&vary.scenario.catalog, name),
        tasks: place::places(vary, name),
        why_not,
        needed: needed.unwrap_or_default(),
    })
}

/// Where a model stands that the scenario's catalog has, however it got in; none where nothing meets
/// the request.
///
/// # Errors
/// When the solver fails, or the deadline comes first.
pub fn stand(
    scenario: &Scenario<'_>,
    name: &str,
    deadline: Deadline<'_>,
) -> Result<Option<NewStanding>, RecommendError> {
    let vary = Prepared::to_vary(scenario);
    let Some(best) = vary.best(deadline)? else {
        return Ok(None);
    };
    standing(&vary, name, &best, deadline, &mut Vec::new()).map(Some)
}

/// `model/variant` of a model that has but one, else its id.
fn one_variant(catalog: &Catalog, id: &str) -> String {
    match catalog.model(id).map(|m| m.variants.as_slice()) {
        Some([one]) => format!("{id}/{}", one.id),
        _ => id.to_owned(),
    }
}

fn difference(change: String, current: &Loadout, answer: Loadout) -> Outcome {
    let beyond = |a: &Loadout, b: &Loadout| -> Vec<String> {
        let names = a.members.iter().map(|m| &m.variant);
        let missing = names.filter(|name| b.members.iter().all(|m| m.variant != **name));
        missing.cloned().collect()
    };
    let moved = answer.members.iter().filter(|m| {
        let same = current.members.iter().find(|c| c.variant == m.variant);
        same.is_some_and(|c| c.context != m.context)
    });
    Outcome {
        change,
        difference: less(&answer, current),
        added: beyond(&answer, current),
        removed: beyond(current, &answer),
        other_context: moved.map(|m| m.variant.clone()).collect(),
        answer,
        infeasible: None,
        new_model: None,
    }
}
