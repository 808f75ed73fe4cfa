//! The caps that a loadout is loaded with, by which what its engines come to keep stays within the
//! memory that it leaves.
//!
//! A cap adds nothing to a score, so that it is no decision of the solver's: of all caps the largest
//! that fit beside the loadout are the best. A campaign is planned as its study ran, without any.

use crate::memory::limits::Demand;
use crate::memory::{Engine, Settings, growth};
use crate::scenario::{Candidate, Prepared};
use crate::units::Bytes;

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
        arch.map_or(c.settings, |arch| growth::capped(arch, &c.settings, room))
    };
    members.iter().map(capped).collect()
}
