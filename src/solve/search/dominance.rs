//! Which entries of a class no other dominates: its front, also with families left out.

use std::cmp::Reverse;

use crate::solve::search::entry::{Entry, within};

/// Entries kept at hand while thinning.
const WATCHED: usize = 16;

/// The best entries seen, the best first.
#[derive(Debug, Clone, Default)]
pub(super) struct Watched(Vec<Entry>);

impl Watched {
    /// Keeps an entry at hand, where it is one of the best.
    pub(super) fn add(&mut self, entry: Entry) {
        let place = self.0.partition_point(|w| w.beats(&entry));
        if place < WATCHED {
            self.0.insert(place, entry);
            self.0.truncate(WATCHED);
        }
    }

    /// Whether an entry is beaten whichever `spare` families are left out: within its own family,
    /// or by items of more than `spare` others. Those seen before it take no more of the first memory.
    pub(super) fn beat_anyway(
        &self,
        entry: Entry,
        spare: usize,
        family: &impl Fn(usize) -> usize,
    ) -> bool {
        let better = self.0.iter().take_while(|w| w.beats(&entry));
        let mut better = better.filter(|w| within(w.memory, entry.memory));
        if spare == 0 {
            return better.next().is_some();
        }
        let own = family(entry.item);
        let mut others = [usize::MAX; WATCHED];
        let mut count = 0;
        for w in better {
            let by = family(w.item);
            if by == own || (count == spare && !others[..count].contains(&by)) {
                return true;
            }
            if !others[..count].contains(&by) {
                others[count] = by;
                count += 1;
            }
        }
        false
    }
}

/// The entries that none beats in as little memory. They come by memory, rising.
pub(super) fn front(entries: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut sorted: Vec<Entry> = entries.collect();
    for equal in sorted.chunk_by_mut(|a, b| a.memory == b.memory) {
        equal.sort_unstable_by_key(|e| (Reverse(e.worth), e.item));
    }
    if sorted.iter().any(|e| e.memory[2] != 0) {
        return beaten_by_none(sorted);
    }
    // Of what came before: rising in the second memory and in worth, the best at each.
    let mut stairs: Vec<Entry> = Vec::new();
    sorted.retain(|e| {
        let place = stairs.partition_point(|s| s.memory[1] <= e.memory[1]);
        if place > 0 && stairs[place - 1].beats(e) {
            return false;
        }
        let from = stairs[..place].partition_point(|s| s.memory[1] < e.memory[1]);
        let to = place + stairs[place..].partition_point(|s| e.beats(s));
        stairs.splice(from..to, [*e]);
        true
    });
    sorted
}

/// The same where three budgets bind: whatever beats an entry comes before it.
fn beaten_by_none(sorted: Vec<Entry>) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::new();
    for e in sorted {
        let beats = |k: &Entry| k.beats(&e) && within(k.memory, e.memory);
        if !kept.iter().any(beats) {
            kept.push(e);
        }
    }
    kept
}

/// A front without some of its entries, where one memory binds: what takes their place lies
/// between the memory of the first one gone and that of the next one kept.
pub(super) fn patched(
    whole: &[Entry],
    thinned: &[Entry],
    allowed: impl Fn(&Entry) -> bool,
) -> Vec<Entry> {
    let mut patched: Vec<Entry> = Vec::with_capacity(whole.len());
    let mut n = 0;
    while let Some(entry) = whole.get(n) {
        if allowed(entry) {
            patched.push(*entry);
            n += 1;
            continue;
        }
        n += whole[n..].iter().take_while(|e| !allowed(e)).count();
        let from = thinned.partition_point(|e| e.memory < entry.memory);
        let to = whole.get(n).map_or(thinned.len(), |next| {
            thinned.partition_point(|e| e.memory < next.memory)
        });
        let before = patched.last().copied();
        let gap = front(thinned[from..to].iter().copied().filter(&allowed));
        patched.extend(
            gap.into_iter()
                .filter(|e| before.is_none_or(|b| !b.beats(e))),
        );
    }
    patched
}
