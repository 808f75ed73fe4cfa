//! What the memory that a plan leaves free could hold besides: each fits, and is of use.

use crate::advise::loadouts::{Loadout, quality};
use crate::advise::more_agents::more_agents;
use crate::memory::limits::Demand;
use crate::plan::disk::DiskLimit;
use crate::plan::document::{Room, RoomKind};
use crate::plan::request::Request;
use crate::scenario::{Candidate, Prepared, Scenario, best_among, best_servers, download};
use crate::task::TaskProfile;

/// A second opinion has at least this share of the quality of what serves the task.
const OPINION: f64 = 0.85;
/// What a model that is loaded for another task must add to its score.
const WORTHWHILE: f64 = 0.02;
/// The least worth of its quality to its task, of at most 1: what is offered would be used.
const USEFUL: f64 = 0.25;

/// A second opinion, more agents, and the best server of each of the tasks not asked for, in this
/// order.
pub(super) fn room(loadout: &Loadout<'_, '_>, others: &[TaskProfile]) -> Vec<Room> {
    let free = Free::of(loadout);
    let mut room: Vec<Room> = second_opinion(loadout, &free).into_iter().collect();
    room.extend(more_agents(loadout));
    room.extend(other_tasks(loadout, &free, others));
    room
}

/// What both limits leave beside a loadout.
struct Free<'p, 's> {
    prepared: &'p Prepared<'s>,
    taken: Demand,
    items: &'p [usize],
    /// What may be downloaded besides; none where that is not limited.
    disk: Option<DiskLimit>,
}

impl<'p, 's> Free<'p, 's> {
    fn of(loadout: &Loadout<'p, 's>) -> Self {
        let prepared = loadout.prepared;
        let of = |&i: &usize| prepared.pool.candidate(i).demand;
        Self {
            prepared,
            taken: loadout.items.iter().map(of).sum(),
            items: loadout.items,
            disk: left_to_download(loadout),
        }
    }

    fn may_download(&self, c: &Candidate<'_>) -> bool {
        let request = &self.prepared.scenario.request;
        let more = download(request, c.model, c.variant);
        self.disk
            .as_ref()
            .is_none_or(|disk| more <= disk.most_bytes)
    }

    fn holds(&self, more: Demand) -> bool {
        self.prepared.limits.holds(self.taken + more)
    }

    fn loaded(&self) -> impl Iterator<Item = &'p Candidate<'s>> {
        let pool = &self.prepared.pool;
        self.items.iter().map(|&i| pool.base(i))
    }
}

/// What a loadout leaves of what may be downloaded.
fn left_to_download(loadout: &Loadout<'_, '_>) -> Option<DiskLimit> {
    let (pool, request) = (&loadout.prepared.pool, &loadout.prepared.scenario.request);
    let disk = request.disk.as_ref()?;
    let bases = || loadout.items.iter().map(|&i| pool.base(i));
    let taken = bases().map(|c| download(request, c.model, c.variant)).sum();
    Some(DiskLimit {
        most_bytes: disk.most_bytes.saturating_sub(taken),
        here: disk
            .here
            .iter()
            .cloned()
            .chain(bases().map(Candidate::name))
            .collect(),
    })
}

fn told(kind: RoomKind, c: &Candidate<'_>, context: u32, used_for: String, more: Demand) -> Room {
    Room {
        kind,
        model: c.model.id.clone(),
        variant: c.variant.id.clone(),
        name: Some(c.title()),
        context,
        used_for,
        bytes: more.total,
        seconds_per_turn: None,
    }
}

/// The best of another publisher for the task that weighs most.
fn second_opinion(loadout: &Loadout<'_, '_>, free: &Free<'_, '_>) -> Option<Room> {
    let prepared = loadout.prepared;
    let request = &prepared.scenario.request;
    let shares = request.shares();
    let heaviest = shares.iter().copied().fold(0.0, f64::max);
    let t = shares.iter().position(|s| *s >= heaviest)?;
    let least = OPINION * quality(prepared, &loadout.server(t), t)?;
    let of_another = |c: &Candidate<'_>| {
        let mut loaded = free.loaded();
        loaded.all(|l| l.model.publisher != c.model.publisher)
    };
    let good =
        |c: &Candidate<'_>| c.scored(t) && quality(prepared, c, t).is_some_and(|q| q >= least);
    let ladders = prepared.pool.ladders.iter();
    let may = |c: &Candidate<'_>| of_another(c) && free.may_download(c) && good(c);
    let meant = ladders.filter(|l| may(l.base()));
    let best = best_among(None, meant, t, |more| free.holds(more))?;
    let task = &request.tasks[t].0.id;
    let used_for = format!("second opinion on {task}");
    Some(told(
        RoomKind::SecondOpinion,
        &best,
        best.settings.context,
        used_for,
        best.demand,
    ))
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
    let mut request = Request {
        tasks: others.iter().map(|task| (task.clone(), 1.0)).collect(),
        pins: Vec::new(),
        ..scenario.request.clone()
    };
    request.disk.clone_from(&free.disk);
    let there = Scenario {
        request,
        ..scenario.clone()
    };
    let loaded: Vec<usize> = free.loaded().map(|c| c.model_number).collect();
    let machine = free.prepared.limits.without_guard();
    let known = &free.prepared.pool;
    let is_loaded = |n| loaded.contains(&n);
    let now = best_servers(&there, known, is_loaded, |all| machine.holds(all));
    let fits = |more| free.holds(more);
    let besides = best_servers(&there, known, |n| !loaded.contains(&n), fits);
    let best = |(t, task): (usize, &TaskProfile)| {
        let best = besides[t].as_ref()?;
        let now = now[t].as_ref().and_then(|now| now.scores[t]);
        let gain = best.scores[t]? - now.unwrap_or(0.0);
        let quality = best.points(t)?.mean;
        let useful = best.scored(t) && task.scales.quality.at(quality) >= USEFUL;
        let better = gain >= WORTHWHILE && useful;
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
