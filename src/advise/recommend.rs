//! The main job: from a scenario to the provably best plan.

use crate::advise::assemble::{alternative, entries, optimality, rejected};
use crate::advise::loadouts::Loadout;
use crate::advise::{advice, concurrency, infeasible, pareto, picks, room, ties};
use crate::basis::GENERATOR;
use crate::memory::limits::Demand;
use crate::plan::document::{
    Advice, AdviceKind, Alternative, Downloads, Entry, Infeasible, MachineSummary, Memory, Pick,
    Plan, Room, SCHEMA,
};
use crate::plan::request::{RUNNERS_UP, Request};
use crate::scenario::error::{RecommendError, check_names};
use crate::scenario::{Candidate, Prepared, Scenario, download};
use crate::solve::{Deadline, Solution};
use crate::task;
use crate::task::TaskProfile;

/// Seconds that the solve may take where no time limit is given: far more than any request of the
/// shipped catalog was seen to need by the exact search, and not more than an owner waits.
const LONGEST_SOLVE: f64 = 60.0;

/// Seconds that the front, and the search for a way out, may take where no time limit is given.
const PATIENCE: f64 = 20.0;

/// Tasks that free memory is offered to.
const COMMON: [&str; 3] = ["code", "general", "chat"];

/// Recommends what to keep loaded. `now` gives seconds since some fixed moment, for the time of
/// the solve and its limit; nothing else depends on it.
///
/// # Errors
/// When the request names what does not exist, or the solver fails.
pub fn recommend(scenario: &Scenario<'_>, now: &dyn Fn() -> f64) -> Result<Plan, RecommendError> {
    let request = &scenario.request;
    check_names(&scenario.catalog, request)?;
    let started = now();
    let limit = request.time_limit_seconds.unwrap_or(LONGEST_SOLVE);
    let deadline = Deadline::after(now, Some(limit));
    let prepared = Prepared::once(scenario);
    // Ties are looked for among as many runners-up, whether or not they are asked for.
    let found = prepared.solve(request.alternatives.max(RUNNERS_UP) + 1, deadline)?;
    let limits = &prepared.limits;
    let unguarded = match limits.guard_cuts() {
        true => Some(prepared.with_more_room(&limits.without_guard(), &found, deadline)?),
        false => None,
    };
    let seconds = now() - started;
    let best = found.solutions.first();
    let chosen = best.map_or_else(Vec::new, |best| prepared.members(best));
    let demand: Demand = chosen.iter().map(|c| c.demand).sum();
    // Checked again on the candidates themselves, the guard with it.
    assert!(
        chosen.is_empty() || limits.holds(demand),
        "the solver chose more than the machine holds"
    );
    let loadout = best.map_or_else(Vec::new, |best| entries(&prepared, best));
    let totals = totals(&loadout);
    // As it is loaded: with its caps it may take less than was decided by.
    let demand = Demand::from(&totals);
    let patient = match request.time_limit_seconds {
        Some(_) => deadline,
        None => Deadline::after(now, Some(PATIENCE)),
    };
    let infeasible = if chosen.is_empty() && found.is_proven() {
        why(scenario, patient)?
    } else {
        None
    };
    let front = if request.pareto {
        pareto::front(&prepared, patient)?
    } else {
        pareto::Front::default()
    };
    let choices = match best {
        Some(best) => choices(&prepared, best, patient)?,
        None => (Vec::new(), Vec::new()),
    };
    let mut advice = advice::all(&prepared, &found, unguarded.as_ref(), patient)?;
    advice.extend(
        front
            .cut_short()
            .map(|text| Advice::new(AdviceKind::FrontCutShort, text)),
    );
    Ok(Plan {
        schema: SCHEMA,
        generator: GENERATOR.to_owned(),
        catalog_date: scenario.catalog.date().map(str::to_owned),
        machine: MachineSummary::of(&scenario.machine),
        request: request.summary(),
        totals,
        loadout,
        downloads: downloads(request, &chosen),
        binding: limits.binding(demand),
        headroom_bytes: limits.headroom(demand),
        optimality: optimality(&prepared, &found, unguarded.as_ref(), seconds),
        concurrency: best.and_then(|best| concurrency::at_once(&prepared, best)),
        alternatives: runners_up(&prepared, &found.solutions),
        picks: choices.0,
        ties: ties::ties(&prepared, first(&found.solutions, RUNNERS_UP + 1)),
        room: choices.1,
        pareto: front.points,
        rejected: rejected(&prepared.pool),
        advice,
        infeasible,
        limits: limits.clone(),
    })
}

fn totals(loadout: &[Entry]) -> Memory {
    let memory = loadout.iter().map(|entry| entry.memory);
    memory.fold(Memory::default(), Memory::plus)
}

/// What of a loadout has to be downloaded, where that is limited.
fn downloads(request: &Request, chosen: &[Candidate<'_>]) -> Option<Downloads> {
    let limit = request.disk.as_ref()?;
    let all = chosen.iter();
    Some(Downloads {
        bytes: all.map(|c| download(request, c.model, c.variant)).sum(),
        most_bytes: limit.most_bytes,
    })
}

fn first(solutions: &[Solution], count: usize) -> &[Solution] {
    &solutions[..solutions.len().min(count)]
}

/// As many of them as were asked for.
fn runners_up(prepared: &Prepared<'_>, solutions: &[Solution]) -> Vec<Alternative> {
    let asked = first(solutions, prepared.scenario.request.alternatives + 1);
    let others = asked.iter().skip(1);
    others.map(|s| alternative(prepared, s)).collect()
}

/// The picks beside the best solution, and what there is room for besides.
fn choices(
    prepared: &Prepared<'_>,
    best: &Solution,
    deadline: Deadline<'_>,
) -> Result<(Vec<Pick>, Vec<Room>), RecommendError> {
    let picks = picks::picks(prepared, best, deadline)?;
    let loadout = Loadout::of(prepared, &best.items, &best.servers);
    Ok((
        picks,
        room::room(&loadout, &others(&prepared.scenario.request)),
    ))
}

/// Those of the tasks that most owners have which the request does not name.
fn others(request: &Request) -> Vec<TaskProfile> {
    let asked = |id: &str| request.tasks.iter().any(|(task, _)| task.id == id);
    let shipped = task::embedded().unwrap_or_default();
    COMMON
        .iter()
        .filter(|id| !asked(id))
        .filter_map(|id| shipped.get(*id).cloned())
        .collect()
}

/// Why there is no loadout; none where the time limit came before that was found.
fn why(
    scenario: &Scenario<'_>,
    deadline: Deadline<'_>,
) -> Result<Option<Infeasible>, RecommendError> {
    match infeasible::explain(scenario, deadline) {
        Err(RecommendError::OutOfTime) => Ok(None),
        answer => answer.map(Some),
    }
}
