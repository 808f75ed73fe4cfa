//! One split of the tasks and pins, exactly: branch and bound over its classes.
//!
//! A depth-first search picks an entry for one class after the other. A branch ends when the linear
//! relaxation of the classes still open, in the memory still free, can't reach the best set known,
//! or can only equal it and can't come first by name; the last class is looked up.

use std::rc::Rc;

use crate::solve::search::entry::{Entry, Worth};
use crate::solve::search::front::Front;
use crate::solve::search::hull::Hull;
use crate::solve::search::incumbent::Incumbent;

/// The classes of one split, with the bounds of those still open at each depth.
#[derive(Clone)]
pub(super) struct Split {
    parts: Vec<Rc<Front>>,
    /// By depth, then by memory that binds.
    open: Vec<Vec<Hull>>,
}

/// Where a branch stands.
#[derive(Clone, Copy)]
struct Branch {
    room: [u64; 2],
    worth: Worth,
}

impl Split {
    /// Prepares a split; the class with the most entries comes last, where it is only looked up.
    pub(super) fn new(mut parts: Vec<Rc<Front>>) -> Self {
        parts.sort_by_key(|p| p.entries().len());
        let dimensions = parts.first().map_or(0, |p| p.hulls.len());
        let mut open = vec![vec![Hull::zero(); dimensions]];
        for part in parts.iter().rev() {
            let deeper = &open[open.len() - 1];
            let sums = deeper.iter().zip(&part.hulls).map(|(a, b)| a.plus(b));
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

    /// How many entries its classes have together.
    pub(super) fn entries(&self) -> usize {
        self.parts.iter().map(|p| p.entries().len()).sum()
    }

    /// The bounds, by memory that binds, of all classes but one.
    pub(super) fn bounds_without(&self, part: usize) -> Vec<Hull> {
        let others = self.parts.iter().enumerate().filter(|(n, _)| *n != part);
        others.fold(vec![Hull::zero(); self.dimensions()], |sums, (_, p)| {
            sums.iter().zip(&p.hulls).map(|(a, b)| a.plus(b)).collect()
        })
    }

    /// The most that the split can be worth.
    pub(super) fn bound(&self, room: [u64; 2]) -> Option<Worth> {
        let each = self.open[0].iter().zip(room);
        let each: Option<Vec<Worth>> = each.map(|(hull, room)| hull.at(room)).collect();
        each?.into_iter().min()
    }

    /// Whether it may be worth enough.
    pub(super) fn may_hold_better(&self, room: [u64; 2], incumbent: &Incumbent<'_>) -> bool {
        self.reaches(0, room, incumbent.wanted())
    }

    /// For each class its first item by name.
    pub(super) fn first_names(&self) -> Vec<usize> {
        self.parts.iter().map(|p| p.first()).collect()
    }

    fn reaches(&self, depth: usize, room: [u64; 2], wanted: Option<Worth>) -> bool {
        self.open[depth]
            .iter()
            .zip(room)
            .all(|(hull, room)| hull.reaches(room, wanted))
    }

    /// Searches for so many steps; whether that was to the end, or to where it had to stop.
    pub(super) fn descend_for(
        &self,
        steps: u64,
        room: [u64; 2],
        incumbent: &mut Incumbent<'_>,
    ) -> bool {
        incumbent.pause_after(steps);
        let mut picked = Vec::with_capacity(self.parts.len());
        self.descend(Branch { room, worth: 0 }, &mut picked, incumbent);
        incumbent.was_not_paused()
    }

    fn descend(&self, from: Branch, picked: &mut Vec<usize>, incumbent: &mut Incumbent<'_>) {
        let depth = picked.len();
        let Some(part) = self.parts.get(depth) else {
            incumbent.offer(&self.parts, picked);
            return;
        };
        if depth + 1 == self.parts.len() {
            let wanted = incumbent.wanted().map(|w| w - from.worth);
            if let Some(last) = part.best_within(from.room, wanted) {
                picked.push(last.item);
                incumbent.offer(&self.parts, picked);
                picked.pop();
            }
            return;
        }
        for e in part.entries() {
            if e.memory[0] > from.room[0] || incumbent.step() {
                return;
            }
            let Some(second) = from.room[1].checked_sub(e.memory[1]) else {
                continue;
            };
            let to = Branch {
                room: [from.room[0] - e.memory[0], second],
                worth: from.worth + e.worth,
            };
            picked.push(e.item);
            if self.may_be_better(to, picked, incumbent) {
                self.descend(to, picked, incumbent);
            }
            picked.pop();
        }
    }

    /// Whether a branch may hold a better set than the best known.
    fn may_be_better(&self, branch: Branch, picked: &[usize], incumbent: &Incumbent<'_>) -> bool {
        let depth = picked.len();
        let Some(wanted) = incumbent.wanted().map(|w| w - branch.worth) else {
            return self.reaches(depth, branch.room, None);
        };
        if !self.reaches(depth, branch.room, Some(wanted)) {
            return false;
        }
        let only_ties =
            || incumbent.at_ceiling() || !self.reaches(depth, branch.room, Some(wanted + 1));
        if !incumbent.by_name() || !only_ties() {
            return true;
        }
        let open = self.parts[depth..].iter().map(|p| p.first());
        let mut names: Vec<usize> = picked.iter().copied().chain(open).collect();
        incumbent.comes_first(&mut names)
    }

    /// A good set to begin with: from the smallest items, two classes at a time are chosen anew as
    /// well as they can be, until no two can be bettered.
    pub(super) fn improve(&self, room: [u64; 2], incumbent: &mut Incumbent<'_>) {
        let mut picked: Vec<Entry> = self.parts.iter().map(|p| p.entries()[0]).collect();
        if free(room, &picked).is_none() {
            return;
        }
        let mut better = true;
        while better && !incumbent.stopped() {
            better = false;
            for b in 1..picked.len() {
                for a in 0..b {
                    better |= self.improve_two(room, a, b, &mut picked);
                }
            }
        }
        let items: Vec<usize> = picked.iter().map(|e| e.item).collect();
        incumbent.offer(&self.parts, &items);
    }

    fn improve_two(&self, room: [u64; 2], a: usize, b: usize, picked: &mut [Entry]) -> bool {
        let Some(left) = free(room, picked) else {
            return false;
        };
        let both = [0, 1].map(|d| left[d] + picked[a].memory[d] + picked[b].memory[d]);
        let mut worth = picked[a].worth + picked[b].worth;
        let mut better = false;
        for first in self.parts[a].entries() {
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
