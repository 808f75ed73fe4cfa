//! One split of the duties: which item serves each part, exactly.
//!
//! A depth-first search over the parts. A branch ends when the linear relaxation of the parts still
//! open, in the memory still free, can't reach the best set known; the last part is looked up. A
//! split that this does not settle soon is made smaller ([`reduce`]), and at last, where that can
//! be, settled by tables ([`pairs`]).

use std::rc::Rc;

use crate::solve::bound::Curve;
use crate::solve::incumbent::Incumbent;
use crate::solve::slots::Entry;
use crate::solve::{pairs, reduce};

/// Steps for each of its entries before a split counts as hard: first on all of it, then on what is
/// left of it.
const STEPS_BEFORE_HARD: u64 = 4;

/// A front with what looking things up in it needs.
pub(super) struct Front {
    entries: Vec<Entry>,
    /// The most worth up to each entry.
    most: Vec<i64>,
    /// The bound of each memory that binds.
    pub(super) curves: Vec<Curve>,
}

impl Front {
    /// Prepares a front; none where it is empty.
    pub(super) fn new(entries: Vec<Entry>, dimensions: usize) -> Option<Self> {
        if entries.is_empty() {
            return None;
        }
        let most = entries
            .iter()
            .scan(i64::MIN, |most, e| {
                *most = (*most).max(e.worth);
                Some(*most)
            })
            .collect();
        let curves = (0..dimensions).map(|d| Curve::hull(&entries, d)).collect();
        Some(Self {
            entries,
            most,
            curves,
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
    pub(super) fn best_within(&self, room: [u64; 2], wanted: Option<i64>) -> Option<Entry> {
        let end = self.entries.partition_point(|e| e.memory[0] <= room[0]);
        let mut best: Option<Entry> = None;
        for n in (0..end).rev() {
            let most = self.most[n];
            let hopeless = best.is_some_and(|b| most < b.worth) || wanted.is_some_and(|w| most < w);
            if hopeless {
                break;
            }
            let e = self.entries[n];
            let better = best.is_none_or(|b| (e.worth, b.item) > (b.worth, e.item));
            if e.memory[1] <= room[1] && wanted.is_none_or(|w| e.worth >= w) && better {
                best = Some(e);
            }
        }
        best
    }
}

/// The parts of one split, with the bounds of those still open at each depth.
#[derive(Clone)]
pub(super) struct Split {
    parts: Vec<Rc<Front>>,
    /// By depth, then by memory that binds.
    open: Vec<Vec<Curve>>,
}

impl Split {
    /// Prepares a split; the part with the most entries comes last, where it is only looked up.
    pub(super) fn new(mut parts: Vec<Rc<Front>>) -> Self {
        parts.sort_by_key(|p| p.entries.len());
        let dimensions = parts.first().map_or(0, |p| p.curves.len());
        let mut open = vec![vec![Curve::zero(); dimensions]];
        for part in parts.iter().rev() {
            let deeper = &open[open.len() - 1];
            let sums = deeper.iter().zip(&part.curves).map(|(a, b)| a.plus(b));
            let sums = sums.collect();
            open.push(sums);
        }
        open.reverse();
        Self { parts, open }
    }

    pub(super) fn parts(&self) -> &[Rc<Front>] {
        &self.parts
    }

    /// How many memories bind.
    pub(super) fn dimensions(&self) -> usize {
        self.open[0].len()
    }

    /// How many entries its parts have together.
    pub(super) fn entries(&self) -> usize {
        self.parts.iter().map(|p| p.entries.len()).sum()
    }

    /// The bounds, by memory that binds, of all parts but one.
    pub(super) fn bounds_without(&self, part: usize) -> Vec<Curve> {
        let others = self.parts.iter().enumerate().filter(|(n, _)| *n != part);
        others.fold(vec![Curve::zero(); self.dimensions()], |sums, (_, p)| {
            sums.iter().zip(&p.curves).map(|(a, b)| a.plus(b)).collect()
        })
    }

    /// The most that the split can be worth.
    pub(super) fn bound(&self, room: [u64; 2]) -> Option<i64> {
        let each = self.open[0].iter().zip(room);
        let each: Option<Vec<i64>> = each.map(|(curve, room)| curve.at(room)).collect();
        each?.into_iter().min()
    }

    fn reaches(&self, depth: usize, room: [u64; 2], wanted: Option<i64>) -> bool {
        let wanted = wanted.unwrap_or(i64::MIN >> 2);
        self.open[depth]
            .iter()
            .zip(room)
            .all(|(curve, room)| curve.reaches(room, wanted))
    }

    /// Searches the whole split.
    pub(super) fn search(self, room: [u64; 2], incumbent: &mut Incumbent<'_>) {
        if self.parts.len() <= 2 {
            self.descend_for(u64::MAX, room, incumbent);
            return;
        }
        if incumbent.best.is_none() {
            self.improve(room, incumbent);
        }
        let (mut split, mut room) = (self, room);
        for _ in 0..2 {
            let steps = STEPS_BEFORE_HARD * u64::try_from(split.entries()).unwrap_or(1);
            if split.descend_for(steps, room, incumbent) {
                return;
            }
            if let Some(wanted) = incumbent.wanted() {
                match reduce::reduced(&split, room, wanted) {
                    Some(smaller) => (split, room) = smaller,
                    None => return,
                }
            }
        }
        if pairs::can_serve(&split, room) {
            pairs::search(&split, room, incumbent);
        } else {
            split.descend_for(u64::MAX, room, incumbent);
        }
    }

    /// Searches for so many steps; whether that was to the end, or to where it was told to stop.
    fn descend_for(&self, steps: u64, room: [u64; 2], incumbent: &mut Incumbent<'_>) -> bool {
        incumbent.pause_after(steps);
        let mut picked = Vec::with_capacity(self.parts.len());
        let tying = self.can_only_tie(0, room, incumbent.wanted(), incumbent);
        self.descend(0, (room, 0), tying, &mut picked, incumbent);
        incumbent.was_not_paused()
    }

    fn descend(
        &self,
        depth: usize,
        (room, worth): ([u64; 2], i64),
        tying: bool,
        picked: &mut Vec<usize>,
        incumbent: &mut Incumbent<'_>,
    ) {
        let part = &self.parts[depth];
        if depth + 1 == self.parts.len() {
            let wanted = incumbent.wanted().map(|w| w - worth);
            if let Some(last) = part.best_within(room, wanted) {
                picked.push(last.item);
                incumbent.offer(picked);
                picked.pop();
            }
            return;
        }
        for e in &part.entries {
            if e.memory[0] > room[0] || incumbent.step(tying) {
                return;
            }
            if e.memory[1] > room[1] {
                continue;
            }
            let left = [room[0] - e.memory[0], room[1] - e.memory[1]];
            let wanted = incumbent.wanted().map(|w| w - worth - e.worth);
            if !self.reaches(depth + 1, left, wanted) {
                continue;
            }
            let tying = self.can_only_tie(depth + 1, left, wanted, incumbent);
            picked.push(e.item);
            let state = (left, worth + e.worth);
            self.descend(depth + 1, state, tying, picked, incumbent);
            picked.pop();
        }
    }

    /// Whether what is open can make a set as good as the best known, but none better: followed
    /// for names alone, and not for ever.
    fn can_only_tie(
        &self,
        depth: usize,
        room: [u64; 2],
        wanted: Option<i64>,
        incumbent: &Incumbent<'_>,
    ) -> bool {
        incumbent.follows_ties()
            && (incumbent.at_ceiling() || !self.reaches(depth, room, wanted.map(|w| w + 1)))
    }

    /// A good set to begin with: from the smallest items, two parts at a time are chosen anew as
    /// well as they can be, until no two can be bettered.
    fn improve(&self, room: [u64; 2], incumbent: &mut Incumbent<'_>) {
        let mut picked: Vec<Entry> = self.parts.iter().map(|p| p.entries[0]).collect();
        if free(room, &picked).is_none() {
            return;
        }
        let mut better = true;
        while better {
            better = false;
            for b in 1..picked.len() {
                for a in 0..b {
                    better |= self.improve_two(room, a, b, &mut picked);
                }
            }
        }
        let items: Vec<usize> = picked.iter().map(|e| e.item).collect();
        incumbent.offer(&items);
    }

    fn improve_two(&self, room: [u64; 2], a: usize, b: usize, picked: &mut [Entry]) -> bool {
        let Some(left) = free(room, picked) else {
            return false;
        };
        let both = [0, 1].map(|d| left[d] + picked[a].memory[d] + picked[b].memory[d]);
        let mut worth = picked[a].worth + picked[b].worth;
        let mut better = false;
        for first in &self.parts[a].entries {
            if first.memory[0] > both[0] {
                break;
            }
            let Some(rest) = both[1].checked_sub(first.memory[1]) else {
                continue;
            };
            let rest = [both[0] - first.memory[0], rest];
            let wanted = Some(worth + 1 - first.worth);
            if let Some(second) = self.parts[b].best_within(rest, wanted) {
                worth = first.worth + second.worth;
                (picked[a], picked[b]) = (*first, second);
                better = true;
            }
        }
        better
    }
}

/// What the picked entries leave; none where they don't fit.
fn free(room: [u64; 2], picked: &[Entry]) -> Option<[u64; 2]> {
    picked.iter().try_fold(room, |room, e| {
        Some([
            room[0].checked_sub(e.memory[0])?,
            room[1].checked_sub(e.memory[1])?,
        ])
    })
}
