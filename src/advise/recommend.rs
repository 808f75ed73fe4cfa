//! The main job: from catalog, machine and request to the provably best plan.

use crate::advise::assemble::{alternative, entries, optimality, rejected};
use crate::advise::{advice, concurrency, infeasible, pareto};
use crate::catalog::Catalog;
use crate::machine::Machine;
use crate::memory::limits::{Demand, Limits};
use crate::plan::document::{Infeasible, MachineSummary, Memory, Plan, SCHEMA};
use crate::plan::request::Request;
use crate::scenario::candidates::Setting;
use crate::scenario::error::{RecommendError, check_names};
use crate::scenario::solved::solve;
use crate::solve::deadline::Deadline;
use crate::speed::Predictor;

/// Recommends what to keep loaded. `now` gives seconds since some fixed moment, for the time of
/// the solve and its limit; nothing else depends on it.
///
/// # Errors
/// When the request names what does not exist, or the solver fails.
pub fn recommend(
    catalog: &Catalog,
    machine: &Machine,
    predictor: &Predictor,
    request: &Request,
    now: &dyn Fn() -> f64,
) -> Result<Plan, RecommendError> {
    check_names(catalog, request)?;
    let limits = Limits::of(machine);
    let setting = Setting {
        catalog,
        machine,
        limits: &limits,
        predictor,
        request,
    };
    let started = now();
    let deadline = Deadline::after(now, request.time_limit_seconds);
    let solved = solve(setting, request.alternatives + 1, deadline)?;
    let seconds = now() - started;
    let chosen = solved.chosen();
    let demand: Demand = chosen.iter().map(|c| c.demand).sum();
    // The solver counts in whole MiB; the answer is checked again in bytes.
    assert!(
        chosen.is_empty() || limits.holds(demand),
        "the solver chose more than the machine holds"
    );
    let totals = chosen
        .iter()
        .map(|c| Memory::of(&c.ledger()))
        .fold(Memory::default(), Memory::plus);
    let infeasible = if chosen.is_empty() && solved.proven {
        why(setting, deadline)?
    } else {
        None
    };
    let front = if request.pareto {
        pareto::front(setting, &solved, deadline)
    } else {
        pareto::Front::default()
    };
    let mut advice = advice::all(setting, &solved, deadline)?;
    advice.extend(
        front
            .cut_short()
            .map(|text| advice::note("front_cut_short", text)),
    );
    Ok(Plan {
        schema: SCHEMA,
        generator: concat!("planner ", env!("CARGO_PKG_VERSION")).to_owned(),
        machine: MachineSummary::of(machine),
        request: request.summary(),
        loadout: entries(setting, &solved),
        totals,
        binding: limits.binding(demand),
        headroom_bytes: limits.headroom(demand),
        optimality: optimality(&solved, seconds),
        concurrency: concurrency::of(&solved, setting),
        alternatives: solved
            .solutions
            .iter()
            .skip(1)
            .map(|s| alternative(&solved, s, request))
            .collect(),
        pareto: front.points,
        rejected: rejected(&solved.pool),
        advice,
        infeasible,
        limits,
    })
}

/// Why there is no loadout; none where the time limit came before that was found.
fn why(setting: Setting<'_>, deadline: Deadline<'_>) -> Result<Option<Infeasible>, RecommendError> {
    match infeasible::explain(setting, deadline) {
        Err(RecommendError::OutOfTime) => Ok(None),
        answer => answer.map(Some),
    }
}
