//! Whether the ledger of a saved plan is that of the settings beside it, which are edited apart.

use std::collections::BTreeMap;

use super::document::Entry;
use crate::catalog::schema::{Model, Variant};
use crate::catalog::whole_of;
use crate::memory::offload::Apart;
use crate::memory::{Line, LineKind};
use crate::units::Bytes;

/// By which share compute buffers may be more than the plan says: their bound is a prediction, which
/// versions of planner make a little differently. All other lines are exact.
const COMPUTE_SHARE: u64 = 10;

/// Why the ledger of an entry can't be that of its settings, as what follows their name in a sentence;
/// none for one over several nodes, whose parts have ledgers of their own.
#[must_use]
pub fn priced_otherwise(entry: &Entry, model: &Model, variant: &Variant) -> Option<String> {
    if !entry.shards.is_empty() {
        return None;
    }
    let settings = &entry.settings;
    let apart = Apart::from_flags(None, settings.cpu_experts.map(|e| e.layers), false);
    let ledger = whole_of(model, variant)?.offloaded(settings, apart);
    let (told, now) = (sums(&entry.ledger), sums(ledger.lines()));
    let kinds = told.keys().chain(now.keys());
    kinds.copied().find_map(|kind| {
        let of = |sums: &Sums| sums.get(&kind).copied().unwrap_or_default();
        let (told, now) = (of(&told), of(&now));
        let other = match kind {
            LineKind::Compute => now.0 > told.0 + told.0 / COMPUTE_SHARE,
            _ => now != told,
        };
        other.then(|| {
            format!(
                "take {} bytes of {kind}, and the ledger has {}: one of them was edited, or another version of planner made the plan",
                now.0, told.0
            )
        })
    })
}

type Sums = BTreeMap<LineKind, Bytes>;

/// What the model itself takes at most by kind of line, without its weights: no setting changes these.
fn sums(lines: &[Line]) -> Sums {
    let mut sums = Sums::new();
    let own = lines.iter().filter(|line| line.part.is_model());
    for line in own.filter(|line| line.line != LineKind::Weights) {
        let sum = sums.entry(line.line).or_default();
        *sum = *sum + line.worst();
    }
    sums
}
