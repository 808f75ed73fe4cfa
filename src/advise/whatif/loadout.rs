//! Answers in short, and how they compare.

use crate::advise::loadouts;
use crate::advise::whatif::document::Loadout;
use crate::scenario::{Answer, Prepared};

/// An answer in short.
pub(super) fn loadout(prepared: &Prepared<'_>, answer: Option<Answer>) -> Loadout {
    let loaded = answer.as_ref();
    let loaded = loaded.map(|answer| loadouts::Loadout::of_answer(prepared, answer));
    let demand = loaded.as_ref().map(loadouts::Loadout::demand);
    let demand = demand.unwrap_or_default();
    let quality = loaded.and_then(|loaded| loaded.quality());
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
