//! The caps that a loadout is loaded with, by which what its engines come to keep stays within the
//! memory that it leaves.
//!
//! A cap adds nothing to a score, so that it is no decision of the solver's: of all caps the largest
//! that fit beside the loadout are the best. Slots of MLX, which share no cache, are one: where memory
//! lacks, a model gets fewer than LM Studio's usual four, unless their number was asked for. A campaign
//! is planned as its study ran, without any.

use crate::memory::limits::Demand;
use crate::memory::{Engine, Settings, growth};
use crate::model::Architecture;
use crate::plan::request::Request;
use crate::scenario::{Candidate, Prepared};
use crate::units::Bytes;

/// One slot is another kit of MLX's, which keeps ten conversations.
const LEAST_SLOTS: u32 = 2;

/// What each member of a loadout is loaded with.
pub(super) fn settings(prepared: &Prepared<'_>, members: &[Candidate<'_>]) -> Vec<Settings> {
    let request = &prepared.scenario.request;
    if request.campaign.is_some() {
        return members.iter().map(|c| c.settings).collect();
    }
    let demand: Demand = members.iter().map(|c| c.demand).sum();
    let (gpu, physical) = match (&prepared.scenario.assumed.sharding, members) {
        // What grows with use lies on the head.
        (Some(sharding), [c]) => {
            let room = sharding.split(c.model, c.variant).map_or(0, |s| s.room);
            (room, room)
        }
        _ => prepared.limits.room(demand),
    };
    let share = |room: i64| {
        let room = u64::try_from(room).unwrap_or(0);
        Bytes(room / members.len().max(1) as u64)
    };
    let capped = |c: &Candidate<'_>| {
        let room = match c.settings.engine {
            Engine::LlamaCpp => share(physical),
            Engine::Mlx => share(gpu.min(physical)),
        };
        let arch = c.model.architecture.as_ref();
        arch.map_or(c.settings, |arch| {
            let settings = with_slots(request, arch, &c.settings, room);
            growth::capped(arch, &settings, room)
        })
    };
    members.iter().map(capped).collect()
}

/// With as many slots as the request's conversations need, and as many more as there is room for.
fn with_slots(
    request: &Request,
    arch: &Architecture,
    settings: &Settings,
    room: Bytes,
) -> Settings {
    if request.slots_asked || settings.engine != Engine::Mlx || settings.slots < LEAST_SLOTS {
        return *settings;
    }
    let streams = request
        .tasks
        .iter()
        .map(|(task, _)| request.workload(task).streams);
    let least = streams.max().unwrap_or(1).max(LEAST_SLOTS);
    let slots = growth::slots_within(arch, settings, least, room);
    Settings { slots, ..*settings }
}
