//! What a change would do to a plan: solved again, and told as the difference.

mod change;
mod document;
mod new_model;
mod standing;

pub use change::What;
pub use document::{Loadout, MachineRow, NewStanding, Place, Scenario, WhatIf};
pub use new_model::NewModel;

use std::collections::BTreeMap;

use crate::advise::assemble::members_of;
use crate::advise::infeasible;
use crate::machine::Machine;
use crate::memory::limits::{Demand, Limits};
use crate::memory::{Engine, KvType};
use crate::plan::document::{Plan, SCHEMA};
use crate::scenario::candidates::{Setting, speed_on};
use crate::scenario::error::RecommendError;
use crate::scenario::solved::{points, solve};
use crate::solve::deadline::Deadline;
use crate::speed::Speed;
use change::{Changed, words};

/// What to try beside single changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shopping {
    /// Machines to compare.
    pub machines: Vec<Machine>,
    /// Prices that the user gave, by the machines' ids.
    pub prices: BTreeMap<String, f64>,
}

/// How several changes are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Each alone.
    Apart,
    /// All at once.
    Together,
}

/// Tries changes, each alone or all together. `setting` holds what the plan was made from (see [`crate::scenario::again`]).
///
/// # Errors
/// When a change names what does not exist, or the solver fails.
pub fn whatif(
    setting: Setting<'_>,
    plan: &Plan,
    changes: &[What],
    how: How,
    shopping: &Shopping,
) -> Result<WhatIf, RecommendError> {
    let current = answer(setting)?;
    let sets: Vec<&[What]> = match how {
        How::Apart => changes.chunks(1).collect(),
        How::Together => vec![changes],
    };
    let scenarios = sets
        .into_iter()
        .filter(|set| !set.is_empty())
        .map(|set| scenario(setting, &current, set));
    let mut machines = shopping.machines.clone();
    machines.sort_by(|a, b| {
        let speed = |m: &Machine| m.bandwidth().unwrap_or(0.0);
        let by_speed = speed(a).total_cmp(&speed(b));
        a.memory
            .cmp(&b.memory)
            .then(by_speed)
            .then_with(|| a.id.cmp(&b.id))
    });
    let rows = machines
        .iter()
        .map(|m| row(setting, plan, &current, m, &shopping.prices));
    let rows: Vec<MachineRow> = rows.collect::<Result<_, _>>()?;
    Ok(WhatIf {
        schema: SCHEMA,
        scenarios: scenarios.collect::<Result<_, RecommendError>>()?,
        smallest_machine: rows
            .iter()
            .find(|r| r.runs_the_loadout)
            .map(|r| r.id.clone()),
        machines: rows,
        current,
    })
}

/// The changes worth trying when none is named: the GPU's limit raised, an 8-bit KV cache, one
/// model more.
#[must_use]
pub fn usual(setting: Setting<'_>) -> Vec<What> {
    let request = setting.request;
    let raised = setting.limits.raised_working_set().map(What::WiredLimit);
    let cache = (!request.settings.kv_type_k.is_quantized())
        .then_some(What::KvType(KvType::Q8_0, KvType::Q8_0));
    raised
        .into_iter()
        .chain(cache)
        .chain([What::Models(request.max_models + 1)])
        .collect()
}

/// The best loadout of a setting, in short.
fn answer(setting: Setting<'_>) -> Result<Loadout, RecommendError> {
    let solved = solve(setting, 1, Deadline::never())?;
    let demand: Demand = solved.chosen().iter().map(|c| c.demand).sum();
    let best = solved.solutions.first();
    Ok(Loadout {
        members: best.map_or_else(Vec::new, |s| members_of(&solved, s, setting.request)),
        objective: best.map(|s| points(s.objective)),
        gpu_total_bytes: demand.gpu,
        headroom_bytes: setting.limits.headroom(demand),
    })
}

fn scenario(
    setting: Setting<'_>,
    current: &Loadout,
    changes: &[What],
) -> Result<Scenario, RecommendError> {
    let mut changed = Changed::none(setting);
    for what in changes {
        changed = changed.with(what)?;
    }
    let words: Vec<String> = changes.iter().map(|what| words(setting, what)).collect();
    let limits = Limits::of(&changed.machine);
    let there = Setting {
        catalog: &changed.catalog,
        machine: &changed.machine,
        limits: &limits,
        request: &changed.request,
        ..setting
    };
    let answer = answer(there)?;
    let infeasible = match answer.objective {
        Some(_) => None,
        None => Some(infeasible::explain(there, Deadline::never())?),
    };
    let new_model = match changed.new.as_slice() {
        [name] => Some(standing::of(there, name, &answer)?),
        _ => None,
    };
    Ok(Scenario {
        infeasible,
        new_model,
        ..difference(words.join(", and "), current, answer)
    })
}

fn difference(change: String, current: &Loadout, answer: Loadout) -> Scenario {
    let beyond = |a: &Loadout, b: &Loadout| -> Vec<String> {
        let names = a.members.iter().map(|m| &m.variant);
        let missing = names.filter(|name| b.members.iter().all(|m| m.variant != **name));
        missing.cloned().collect()
    };
    let moved = answer.members.iter().filter(|m| {
        let same = current.members.iter().find(|c| c.variant == m.variant);
        same.is_some_and(|c| c.context != m.context)
    });
    Scenario {
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

fn less(a: &Loadout, b: &Loadout) -> Option<f64> {
    Some(a.objective? - b.objective?)
}

fn row(
    setting: Setting<'_>,
    plan: &Plan,
    current: &Loadout,
    machine: &Machine,
    prices: &BTreeMap<String, f64>,
) -> Result<MachineRow, RecommendError> {
    let limits = Limits::of(machine);
    let there = Setting {
        machine,
        limits: &limits,
        ..setting
    };
    let demand = plan.loadout.iter().map(|e| Demand {
        gpu: e.memory.gpu_total_bytes,
        total: e.memory.total_bytes,
    });
    let engines = plan
        .loadout
        .iter()
        .all(|e| e.engine != Engine::Mlx || machine.apple_silicon);
    let speeds = plan.loadout.iter().map(|e| {
        let name = format!("{}/{}", e.model, e.variant);
        let (model, variant) = setting.catalog.find(&name)?;
        speed_on(there, model, variant?)
    });
    let speeds: Option<Vec<Speed>> = speeds.collect();
    let slowest = speeds.and_then(|speeds| {
        let by_low_end = |a: &Speed, b: &Speed| a.deciding().total_cmp(&b.deciding());
        speeds.into_iter().min_by(by_low_end)
    });
    let best = answer(there)?;
    Ok(MachineRow {
        id: machine.id.clone(),
        name: machine.name.clone(),
        memory_bytes: machine.memory,
        bandwidth_bytes_per_second: machine.bandwidth(),
        runs_the_loadout: !plan.loadout.is_empty() && engines && limits.holds(demand.sum()),
        slowest_tokens_per_second: slowest.as_ref().map(Speed::deciding),
        slowest: slowest.as_ref().map(Into::into),
        difference: less(&best, current),
        answer: best,
        price: prices.get(&machine.id).copied(),
    })
}
