//! What is loaded already, scored for the tasks of a request as a plan is, and whether what is known
//! tells it from a plan.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::advise::assemble::entry;
use crate::advise::ties;
use crate::memory::CpuExperts;
use crate::memory::limits::Demand;
use crate::plan::document::{Entry, Memory, Plan};
use crate::plan::request::Request;
use crate::scenario::{Candidate, Prepared, Scenario};
use crate::units::exact_tokens;

/// A model that is loaded, as the catalog knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The name that clients ask for.
    pub identifier: String,
    /// `model/variant`.
    pub variant: String,
    /// The context in force.
    pub context: u32,
    /// Requests at once.
    pub slots: u32,
    /// What of its experts lies in ordinary memory beside the card, where that is known.
    pub cpu_experts: Option<CpuExperts>,
}

/// What is loaded, as a plan has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Present {
    /// The models, each with the tasks that it serves best of them.
    pub loadout: Vec<Entry>,
    /// Sums over them.
    pub totals: Memory,
    /// The score by the tasks' shares, 0 to 1; what is not served counts nothing.
    pub objective: f64,
    /// The tasks that nothing loaded serves.
    pub unserved: Vec<Unserved>,
}

/// A task that nothing loaded serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unserved {
    /// Id of the task.
    pub task: String,
    /// Why, by model.
    pub reasons: Vec<String>,
}

/// What is loaded beside a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Beside {
    /// What is loaded.
    pub present: Present,
    /// How much higher the plan's score is.
    pub difference: f64,
    /// Standard error of that; absent where a task is not served by both.
    pub error: Option<f64>,
    /// Whether what is loaded keeps to the machine's limits.
    pub within_limits: bool,
    /// Seconds that loading each model of the plan was measured to take on this chip.
    pub load_seconds: Vec<Option<f64>>,
}

/// Scores what is loaded for the tasks of a scenario, beside a plan that answers it; `unknown` is what
/// else is loaded takes.
#[must_use]
pub fn beside(scenario: &Scenario<'_>, held: &[Held], unknown: Demand, plan: &Plan) -> Beside {
    let (own, planned) = (alone(scenario, held), alone(scenario, &planned(plan)));
    let (now, then) = (priced(&own), priced(&planned));
    let request = &scenario.request;
    let (servers, of_plan) = (servers(request, held, &now), planned_servers(request, plan));
    let pair = |t: usize| {
        let now = servers[t].and_then(|n| now[n].clone())?;
        let then = of_plan[t].and_then(|n| then[n].clone())?;
        Some([then, now])
    };
    let pairs: Option<Vec<_>> = (0..request.tasks.len()).map(pair).collect();
    let demand: Demand = now.iter().flatten().map(|c| c.demand).sum();
    let present = present(scenario, held, &now, &servers);
    Beside {
        difference: plan.optimality.objective - present.objective,
        error: pairs.map(|pairs| ties::error(request, |t| pairs[t].clone())),
        within_limits: plan.limits.holds(demand + unknown),
        load_seconds: then
            .iter()
            .map(|c| c.as_ref()?.reliability.load_seconds)
            .collect(),
        present,
    }
}

/// The models of a plan as if they were loaded.
fn planned(plan: &Plan) -> Vec<Held> {
    let held = |e: &Entry| Held {
        identifier: e.identifier.clone(),
        variant: e.full_name(),
        context: e.settings.context,
        slots: e.settings.slots,
        cpu_experts: e.settings.cpu_experts,
    };
    plan.loadout.iter().map(held).collect()
}

/// By task of the request, which entry of a plan serves it.
fn planned_servers(request: &Request, plan: &Plan) -> Vec<Option<usize>> {
    let tasks = request.tasks.iter();
    let serves = |id: &String| plan.loadout.iter().position(|e| e.tasks.contains(id));
    tasks.map(|(task, _)| serves(&task.id)).collect()
}

/// For each model the scenario in which nothing but it can be loaded, just as it is.
fn alone<'a>(scenario: &Scenario<'a>, held: &[Held]) -> Vec<Scenario<'a>> {
    let one = |held: &Held| {
        let mut there = scenario.clone();
        let request = &mut there.request;
        request.context = Some(held.context);
        request.settings.slots = held.slots;
        request.slots_asked = true;
        request.settings.cpu_experts = held.cpu_experts;
        request.installed = Some(vec![held.variant.clone()]);
        request.pins.clear();
        there
    };
    held.iter().map(one).collect()
}

/// The candidate of each such scenario; none where the request allows none.
fn priced<'s>(alone: &'s [Scenario<'_>]) -> Vec<Option<Candidate<'s>>> {
    let one = |there: &'s Scenario<'_>| {
        let prepared = Prepared::to_vary(there);
        let ladder = prepared.pool.ladders.first()?;
        Some(ladder.candidate(0))
    };
    alone.iter().map(one).collect()
}

/// By task of the request, which model serves it best; none where none does.
fn servers(request: &Request, held: &[Held], now: &[Option<Candidate<'_>>]) -> Vec<Option<usize>> {
    let best = |t: usize| {
        let all = now.iter().zip(held).enumerate();
        let scored = all.filter_map(|(n, (c, held))| {
            let as_asked = short_of(request, held).is_none();
            Some((n, c.as_ref()?.scores[t].filter(|_| as_asked)?))
        });
        // The first of equal ones.
        let best = scored.reduce(|a, b| if b.1 > a.1 { b } else { a });
        best.map(|(n, _)| n)
    };
    (0..request.tasks.len()).map(best).collect()
}

/// What a model was loaded with less of than was asked for.
fn short_of(request: &Request, held: &Held) -> Option<String> {
    let context = request.context.filter(|asked| held.context < *asked);
    let context = context.map(|asked| {
        format!(
            "loaded with {}, and {} were asked for",
            exact_tokens(held.context),
            exact_tokens(asked)
        )
    });
    let slots = request.agents.filter(|asked| held.slots < *asked);
    context.or_else(|| {
        slots.map(|asked| {
            format!(
                "loaded for {} requests at once, and {asked} were asked for",
                held.slots
            )
        })
    })
}

fn present(
    scenario: &Scenario<'_>,
    held: &[Held],
    now: &[Option<Candidate<'_>>],
    servers: &[Option<usize>],
) -> Present {
    let request = &scenario.request;
    let shares = request.shares();
    let entry_of = |(n, (held, c)): (usize, (&Held, &Option<Candidate<'_>>))| {
        let c = c.as_ref()?;
        let served: Vec<usize> = (0..servers.len())
            .filter(|t| servers[*t] == Some(n))
            .collect();
        Some(Entry {
            identifier: held.identifier.clone(),
            ..entry(scenario, c, &c.settings, &served, &shares)
        })
    };
    let loadout: Vec<Entry> = held
        .iter()
        .zip(now)
        .enumerate()
        .filter_map(entry_of)
        .collect();
    let score = |(t, server): (usize, &Option<usize>)| {
        let c = now[(*server)?].as_ref()?;
        Some(shares[t] * c.scores[t]?)
    };
    let unserved = (0..servers.len()).filter(|t| servers[*t].is_none());
    Present {
        totals: loadout
            .iter()
            .map(|e| e.memory)
            .fold(Memory::default(), Memory::plus),
        objective: servers.iter().enumerate().filter_map(score).sum(),
        unserved: unserved
            .map(|t| Unserved {
                task: request.tasks[t].0.id.clone(),
                reasons: held.iter().map(|h| why_not(scenario, h, t)).collect(),
            })
            .collect(),
        loadout,
    }
}

/// Why a model does not serve a task.
fn why_not(scenario: &Scenario<'_>, held: &Held, task: usize) -> String {
    let mut there = scenario.clone();
    there.request.tasks = vec![scenario.request.tasks[task].clone()];
    let there = alone(&there, std::slice::from_ref(held));
    let pools = there.iter().map(|there| Prepared::to_vary(there).pool);
    let mut rejections = pools.flat_map(|pool| pool.rejections);
    let why = rejections.find(|r| r.variant == held.variant);
    let why = why.map(|r| r.why.to_string());
    let why = why.or_else(|| short_of(&scenario.request, held));
    format!(
        "{}: {}",
        held.identifier,
        why.unwrap_or_else(|| "not in the catalog".to_owned())
    )
}
