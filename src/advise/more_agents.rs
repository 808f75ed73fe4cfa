//! How many more conversations at once the models of a loadout could hold: with the contexts, slots
//! and floors of the same request for so many, so that asking for them finds what is said here; of a
//! request for one context, without it.

use crate::advise::loadouts::Loadout;
use crate::memory::Settings;
use crate::memory::limits::Demand;
use crate::memory::settings::CONTEXT_STEP;
use crate::plan::document::{Room, RoomKind};
use crate::plan::request::Request;
use crate::plan::score::Figures;
use crate::scenario::refusal::reaches;
use crate::scenario::{Candidate, turn_of};
use crate::speed::{Estimate, Workload};

/// More conversations at once than this are not told.
const MOST: u32 = 16;

/// The most conversations at once that the loadout could hold at each of its tasks.
pub(super) fn more_agents(loadout: &Loadout<'_, '_>) -> Option<Room> {
    let request = &loadout.prepared.scenario.request;
    // Autocompletion and embedding are one request after the other.
    if request.tasks.iter().any(|(task, _)| !task.role.converses()) {
        return None;
    }
    let tasks = request.tasks.iter().enumerate();
    let now = tasks.map(|(t, (task, _))| {
        let one = Request {
            agents: Some(1),
            ..request.clone()
        };
        let each = one.workload(task);
        let each = each.depth_tokens.saturating_add(each.typical_output(true));
        let held = loadout.server(t).settings.context / each.max(1);
        held.max(request.workload(task).streams)
    });
    let now = now.min()?;
    (now.saturating_add(1)..=MOST)
        .rev()
        .find_map(|agents| grown(loadout, agents))
}

/// The loadout grown to so many conversations; none where that does not fit or is too slow.
fn grown(loadout: &Loadout<'_, '_>, agents: u32) -> Option<Room> {
    let prepared = loadout.prepared;
    let there = prepared.scenario.request.clone().with_agents(Some(agents));
    let mut taken = Demand::default();
    let (mut first, mut seconds) = (None, None);
    for &item in loadout.items {
        let c = prepared.pool.candidate(item);
        let served = (0..loadout.servers.len()).filter(|&t| loadout.servers[t] == item);
        let served: Vec<usize> = served.collect();
        let settings = settings(&there, &c, &served)?;
        for &t in &served {
            let turn = turn(loadout, &there, &c, t)?;
            let figures = Figures {
                turn: Some(&turn),
                context: settings.context,
                ..c.figures(t)
            };
            if !reaches(&there, &there.tasks[t].0, &figures) {
                return None;
            }
            if t == 0 {
                seconds = Some(turn.expected_seconds_of(&turn.work));
            }
        }
        taken = taken + demand(&c, &settings)?;
        if served.contains(&0) {
            first = Some((c, settings.context));
        }
    }
    let (c, context) = first.filter(|_| prepared.limits.holds(taken))?;
    let tasks: Vec<&str> = there
        .tasks
        .iter()
        .map(|(task, _)| task.id.as_str())
        .collect();
    Some(Room {
        kind: RoomKind::MoreAgents,
        model: c.model.id.clone(),
        variant: c.variant.id.clone(),
        name: Some(c.title()),
        context,
        used_for: format!("{agents} agents on {}", tasks.join(" + ")),
        bytes: taken.total.saturating_sub(loadout.demand().total),
        seconds_per_turn: seconds,
    })
}

/// What a model is loaded with then: the context that it has, or as much more as its tasks take.
fn settings(there: &Request, c: &Candidate<'_>, served: &[usize]) -> Option<Settings> {
    let least = served
        .iter()
        .map(|&t| there.least_context(&there.tasks[t].0));
    let least = least.max().unwrap_or(0);
    let context = if least <= c.settings.context {
        c.settings.context
    } else {
        let own = c.model.context_length;
        let step = least.checked_next_multiple_of(CONTEXT_STEP)?.min(own);
        (least <= own).then_some(step)?
    };
    Some(Settings {
        context,
        slots: there.settings.slots,
        ..c.settings
    })
}

fn demand(c: &Candidate<'_>, settings: &Settings) -> Option<Demand> {
    c.model.architecture.as_ref()?;
    Some(Demand::from(&c.ledger_at(settings)))
}

/// A turn of a task beside so many others.
fn turn(
    loadout: &Loadout<'_, '_>,
    there: &Request,
    c: &Candidate<'_>,
    task: usize,
) -> Option<Estimate> {
    let work = Workload {
        streams: there.workload(&there.tasks[task].0).streams,
        ..c.turn(task)?.work
    };
    turn_of(loadout.prepared.scenario, c, work)
}
