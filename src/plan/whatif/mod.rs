//! What a change would do to a plan: solved again, and told as the difference.

mod document;
mod new_model;

pub use document::{Loadout, MachineRow, Scenario, WhatIf};
pub use new_model::NewModel;

use std::collections::BTreeMap;

use super::assemble::members_of;
use super::candidates::{Setting, speed_on};
use super::deadline::Deadline;
use super::document::{Plan, SCHEMA};
use super::error::RecommendError;
use super::request::Request;
use super::solved::{points, solve};
use crate::machine::Machine;
use crate::memory::limits::{Demand, Limits};
use crate::memory::{Engine, KvType};
use crate::units::{Bytes, tokens};

/// One change to try.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Another machine.
    Machine(Box<Machine>),
    /// The same machine with another amount of memory.
    Memory(Bytes),
    /// The GPU's limit at this.
    WiredLimit(Bytes),
    /// A context for every model.
    Context(u32),
    /// Other types of KV cache, for keys and values.
    KvType(KvType, KvType),
    /// Another number of slots.
    Slots(u32),
    /// Up to so many models.
    Models(usize),
    /// A model that the catalog does not have.
    New(NewModel),
}

/// What to try beside single changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shopping {
    /// Machines to compare.
    pub machines: Vec<Machine>,
    /// Prices that the user gave, by the machines' ids.
    pub prices: BTreeMap<String, f64>,
}

/// Tries each change alone. `setting` holds what the plan was made from (see [`super::again`]).
///
/// # Errors
/// When a change names what does not exist, or the solver fails.
pub fn whatif(
    setting: Setting<'_>,
    plan: &Plan,
    changes: &[What],
    shopping: &Shopping,
) -> Result<WhatIf, RecommendError> {
    let current = answer(setting)?;
    let scenarios = changes.iter().map(|what| {
        let answer = changed(setting, what)?;
        Ok(difference(words(setting, what), &current, answer))
    });
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

fn changed(setting: Setting<'_>, what: &What) -> Result<Loadout, RecommendError> {
    let on = |machine: &Machine| {
        let limits = Limits::of(machine);
        answer(Setting {
            machine,
            limits: &limits,
            ..setting
        })
    };
    let asking = |change: &dyn Fn(&mut Request)| {
        let mut request = setting.request.clone();
        change(&mut request);
        answer(Setting {
            request: &request,
            ..setting
        })
    };
    match what {
        What::Machine(machine) => on(machine),
        What::Memory(bytes) => on(&setting.machine.clone().with_memory(*bytes)),
        What::WiredLimit(bytes) => on(&setting.machine.clone().with_wired_limit(*bytes)),
        What::Context(context) => asking(&|r| r.context = Some(*context)),
        What::KvType(k, v) => asking(&|r| (r.settings.kv_type_k, r.settings.kv_type_v) = (*k, *v)),
        What::Slots(slots) => asking(&|r| r.settings.slots = *slots),
        What::Models(models) => asking(&|r| r.max_models = *models),
        What::New(new) => {
            let catalog = new_model::with_model(setting.catalog, setting.machine, new)?;
            answer(Setting {
                catalog: &catalog,
                ..setting
            })
        }
    }
}

fn words(setting: Setting<'_>, what: &What) -> String {
    match what {
        What::Machine(machine) => machine.name.clone(),
        What::Memory(bytes) => format!("{} of memory", bytes.both()),
        What::WiredLimit(bytes) => format!("the GPU's limit at {}", bytes.both()),
        What::Context(context) => format!("a context of {} for every model", tokens(*context)),
        What::KvType(k, v) if k == v => {
            format!("the KV cache in {k} (its loss of quality is not counted)")
        }
        What::KvType(k, v) => {
            format!("the KV cache in {k} and {v} (their loss of quality is not counted)")
        }
        What::Slots(slots) => format!("{slots} slots"),
        What::Models(models) => {
            let now = setting.request.max_models;
            format!("up to {models} models instead of {now}")
        }
        What::New(new) => {
            let speed = new.tokens_per_second.map_or_else(
                || "at its predicted speed".to_owned(),
                |t| format!("at {t} t/s"),
            );
            format!(
                "{} of {} {speed}, like {}",
                new.name,
                new.weights.both(),
                new.like
            )
        }
    }
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
        Some(speed_on(there, model, variant?)?.deciding())
    });
    let speeds: Option<Vec<f64>> = speeds.collect();
    let best = answer(there)?;
    Ok(MachineRow {
        id: machine.id.clone(),
        name: machine.name.clone(),
        memory_bytes: machine.memory,
        bandwidth_bytes_per_second: machine.bandwidth(),
        runs_the_loadout: !plan.loadout.is_empty() && engines && limits.holds(demand.sum()),
        slowest_tokens_per_second: speeds.and_then(|s| s.into_iter().reduce(f64::min)),
        difference: less(&best, current),
        answer: best,
        price: prices.get(&machine.id).copied(),
    })
}
