//! Answers in short, and how they compare.

use crate::advise::loadouts;
use crate::advise::whatif::document::Loadout;
use crate::scenario::{Answer, Prepared};

/// An answer in short.
pub(super) fn loadout(prepared: &Prepared<'_>, answer: Option<Answer>) -> Loadout {
    let demand = answer.as_ref().map(|a| a.demand).unwrap_or_default();
    let quality = answer.as_ref().and_then(|answer| {
        let loadout = loadouts::Loadout {
            ways: answer.ways.clone(),
            ..loadouts::Loadout::of(prepared, &answer.items, &answer.servers)
        };
        loadout.quality()
    });
    Loadout {
        objective: answer.as_ref().map(Answer::score),
        members: answer.map_or_else(Vec::new, |a| a.members),
        gpu_total_bytes: demand.gpu,
        headroom_bytes: prepared.limits.headroom(demand),
        quality,
    }
}

/// What one scores less than another.
pub(super) fn less(a: &Loadout, b: &Loadout) -> Option<f64> {
    Some(a.objective? - b.objective?)
}
