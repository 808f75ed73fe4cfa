//! What the memory that a plan leaves free could hold besides: each fits, and is of use.

use crate::advise::loadouts::{Loadout, quality};
use crate::catalog::weights_of;
use crate::memory::limits::Demand;
use crate::memory::{Ledger, Settings};
use crate::plan::document::{Room, RoomKind};
use crate::plan::request::Request;
use crate::plan::score::Figures;
use crate::scenario::refusal::reaches;
use crate::scenario::{Candidate, Prepared, Scenario, best_of, best_servers, turn_of};
use crate::speed::Workload;
use crate::task::TaskProfile;

/// A second opinion has at least this share of the quality of what serves the task.
const OPINION: f64 = 0.85;
/// What a model that is loaded for another task must add to its score.
const WORTHWHILE: f64 = 0.02;
/// More conversations at once than this are not told.
const MOST_AGENTS: u32 = 16;

/// A second opinion, more agents, and the best server of each of the tasks not asked for, in this
/// order.
pub(super) fn room(loadout: &Loadout<'_, '_>, others: &[TaskProfile]) -> Vec<Room> {
    let free = Free::of(loadout);
    let mut room: Vec<Room> = second_opinion(loadout, &free).into_iter().collect();
    room.extend(more_agents(loadout, &free));
    room.extend(other_tasks(loadout, &free, others));
    room
}

/// What both limits leave beside a loadout.
struct Free<'p, 's> {
    prepared: &'p Prepared<'s>,
    taken: Demand,
    items: &'p [usize],
}

impl<'p, 's> Free<'p, 's> {
    fn of(loadout: &Loadout<'p, 's>) -> Self {
        let prepared = loadout.prepared;
        let of = |&i: &usize| prepared.pool.candidates[i].demand;
        Self {
            prepared,
            taken: loadout.items.iter().map(of).sum(),
            items: loadout.items,
        }
    }

    fn holds(&self, more: Demand) -> bool {
        self.prepared.limits.holds(self.taken + more)
    }

    fn loaded(&self) -> impl Iterator<Item = &'p Candidate<'s>> {
        let all = &self.prepared.pool.candidates;
        self.items.iter().map(|&i| &all[i])
    }
}

fn told(kind: RoomKind, c: &Candidate<'_>, context: u32, used_for: String, more: Demand) -> Room {
    Room {
        kind,
        model: c.model.id.clone(),
        variant: c.variant.id.clone(),
        context,
        used_for,
        bytes: more.total,
    }
}

/// The best of another publisher for the task that weighs most.
fn second_opinion(loadout: &Loadout<'_, '_>, free: &Free<'_, '_>) -> Option<Room> {
    let prepared = loadout.prepared;
    let request = &prepared.scenario.request;
    let shares = request.shares();
    let heaviest = shares.iter().copied().fold(0.0, f64::max);
    let t = shares.iter().position(|s| *s >= heaviest)?;
    let least = OPINION * quality(prepared, loadout.server(t), t)?;
    let of_another = |c: &&Candidate<'_>| {
        let mut loaded = free.loaded();
        loaded.all(|l| l.model.publisher != c.model.publisher)
    };
    let candidates = prepared.pool.candidates.iter();
    let good = |c: &&Candidate<'_>| quality(prepared, c, t).is_some_and(|q| q >= least);
    let fitting = candidates.filter(|c| free.holds(c.demand) && of_another(c) && good(c));
    let best = best_of(fitting, t)?;
    let task = &request.tasks[t].0.id;
    let used_for = format!("second opinion on {task}");
    Some(told(
        RoomKind::SecondOpinion,
        best,
        best.settings.context,
        used_for,
        best.demand,
    ))
}

/// How many conversations at the task's depth the first task's server could hold, each with its
/// answer, and still serve the task as quickly as it must.
fn more_agents(loadout: &Loadout<'_, '_>, free: &Free<'_, '_>) -> Option<Room> {
    let scenario = loadout.prepared.scenario;
    let request = &scenario.request;
    let (task, _) = request.tasks.first()?;
    let c = loadout.server(0);
    let work = c.turn(0)?.work;
    let each = work.depth_tokens.saturating_add(work.output_tokens).max(1);
    let now = (c.settings.context / each).max(work.streams);
    let arch = c.model.architecture.as_ref()?;
    let weights = weights_of(c.variant);
    let quick = |streams: u32| {
        let turn = turn_of(scenario, c, Workload { streams, ..work });
        let figures = Figures {
            turn: turn.as_ref(),
            ..c.figures(0)
        };
        reaches(request, task, &figures)
    };
    let grown = |agents: u32| {
        let context = agents.checked_mul(each)?;
        let settings = Settings {
            context,
            slots: agents.max(c.settings.slots),
            ..c.settings
        };
        let demand = Demand::from(&Ledger::of(arch, &weights, &settings));
        let more = Demand {
            gpu: demand.gpu.saturating_sub(c.demand.gpu),
            total: demand.total.saturating_sub(c.demand.total),
        };
        let trained = context <= c.model.context_length;
        (trained && free.holds(more) && quick(agents)).then_some((agents, context, more))
    };
    let most = (now.saturating_add(1)..=MOST_AGENTS)
        .rev()
        .find_map(grown)?;
    let (agents, context, more) = most;
    let used_for = format!("{agents} agents on {}", task.id);
    Some(told(RoomKind::MoreAgents, c, context, used_for, more))
}

/// For each of the tasks, the best server that fits, where it is better than what is loaded.
fn other_tasks(
    loadout: &Loadout<'_, '_>,
    free: &Free<'_, '_>,
    others: &[TaskProfile],
) -> Vec<Room> {
    if others.is_empty() {
        return Vec::new();
    }
    let scenario = loadout.prepared.scenario;
    let request = Request {
        tasks: others.iter().map(|task| (task.clone(), 1.0)).collect(),
        pins: Vec::new(),
        ..scenario.request.clone()
    };
    let there = Scenario {
        request,
        ..scenario.clone()
    };
    let loaded: Vec<usize> = free.loaded().map(|c| c.model_number).collect();
    let now = best_servers(&there, |n| loaded.contains(&n), |_| true);
    let fits = |c: &Candidate<'_>| free.holds(c.demand);
    let besides = best_servers(&there, |n| !loaded.contains(&n), fits);
    let best = |(t, task): (usize, &TaskProfile)| {
        let best = besides[t].as_ref()?;
        let now = now[t].as_ref().and_then(|now| now.scores[t]);
        let gain = best.scores[t]? - now.unwrap_or(0.0);
        let better = gain >= WORTHWHILE;
        let context = best.settings.context;
        let room = || {
            told(
                RoomKind::OtherTask,
                best,
                context,
                task.id.clone(),
                best.demand,
            )
        };
        better.then(room)
    };
    others.iter().enumerate().filter_map(best).collect()
}
