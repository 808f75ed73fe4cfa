//! The items of one part that matter, ready for looking things up.

use crate::solve::problem::Taken;
use crate::solve::search::entry::{Entry, Worth, within};
use crate::solve::search::hull::Hull;
use crate::solve::search::partitions::Part;

/// A front with what looking things up in it needs.
pub(super) struct Front {
    /// What its items are to do.
    pub(super) part: Part,
    entries: Vec<Entry>,
    /// The most worth up to each entry.
    most: Vec<Worth>,
    /// The bound of each memory that binds.
    pub(super) hulls: Vec<Hull>,
}

impl Front {
    /// Prepares a front; none where it is empty.
    pub(super) fn new(part: Part, entries: Vec<Entry>, dimensions: usize) -> Option<Self> {
        entries.first()?;
        let most = entries
            .iter()
            .scan(Worth::MIN, |most, e| {
                *most = (*most).max(e.worth);
                Some(*most)
            })
            .collect();
        let hulls = (0..dimensions).map(|d| Hull::of(&entries, d)).collect();
        Some(Self {
            part,
            entries,
            most,
            hulls,
        })
    }

    /// Whether any of its entries is to be left out.
    pub(super) fn holds_any(&self, out: &[bool]) -> bool {
        self.entries.iter().any(|e| out[e.item])
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of most worth that fits, of at least `wanted`; the first by name where equal.
    pub(super) fn best_within(&self, room: Taken, wanted: Option<Worth>) -> Option<Entry> {
        let end = self.entries.partition_point(|e| e.memory[0] <= room[0]);
        let mut best: Option<Entry> = None;
        for n in (0..end).rev() {
            let most = self.most[n];
            let hopeless = best.is_some_and(|b| most < b.worth) || wanted.is_some_and(|w| most < w);
            if hopeless {
                break;
            }
            let e = self.entries[n];
            let better = best.is_none_or(|b| e.beats(&b));
            if within(e.memory, room) && wanted.is_none_or(|w| e.worth >= w) && better {
                best = Some(e);
            }
        }
        best
    }
}
