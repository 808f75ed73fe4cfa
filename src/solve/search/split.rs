//! One split of the tasks and pins, exactly: branch and bound over its classes.
//!
//! A depth-first search picks an entry for one class after the other. A branch ends when the linear
//! relaxation of the classes still open, in the memory still free, can't beat the best set known;
//! the last class is looked up.

use std::rc::Rc;

use crate::solve::problem::Taken;
use crate::solve::search::entry::{Entry, Worth, less};
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
    room: Taken,
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

    /// The bounds, by memory that binds, of some classes, given as bits.
    pub(super) fn bounds_of(&self, classes: usize) -> Vec<Hull> {
        let some = self.parts.iter().enumerate();
        let some = some.filter(|(n, _)| classes >> n & 1 == 1);
        some.fold(vec![Hull::zero(); self.dimensions()], |sums, (_, p)| {
            sums.iter().zip(&p.hulls).map(|(a, b)| a.plus(b)).collect()
        })
    }

    /// The most that the split can be worth.
    pub(super) fn bound(&self, room: Taken) -> Option<Worth> {
        let each = self.open[0].iter().zip(room);
        let each: Option<Vec<Worth>> = each.map(|(hull, room)| hull.at(room)).collect();
        each?.into_iter().min()
    }

    /// Whether it may be worth enough.
    pub(super) fn may_hold_better(&self, room: Taken, incumbent: &Incumbent<'_>) -> bool {
        self.reaches(0, room, incumbent.wanted())
    }

    fn reaches(&self, depth: usize, room: Taken, wanted: Option<Worth>) -> bool {
        self.open[depth]
            .iter()
            .zip(room)
            .all(|(hull, room)| hull.reaches(room, wanted))
    }

    /// Searches for so many steps; whether that was to the end, or to where it had to stop.
    pub(super) fn descend_for(
        &self,
        steps: u64,
        room: Taken,
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
            let Some(room) = less(from.room, e.memory) else {
                continue;
            };
            let to = Branch {
                room,
                worth: from.worth + e.worth,
            };
            let wanted = incumbent.wanted().map(|w| w - to.worth);
            if self.reaches(depth + 1, to.room, wanted) {
                picked.push(e.item);
                self.descend(to, picked, incumbent);
                picked.pop();
            }
        }
    }

    /// A good set to begin with: from the smallest items, two classes at a time are chosen anew as
    /// well as they can be, until no two can be bettered.
    pub(super) fn improve(&self, room: Taken, incumbent: &mut Incumbent<'_>) {
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

    fn improve_two(&self, room: Taken, a: usize, b: usize, picked: &mut [Entry]) -> bool {
        let Some(left) = free(room, picked) else {
            return false;
        };
        let mut both = left;
        for (d, both) in both.iter_mut().enumerate() {
            *both += picked[a].memory[d] + picked[b].memory[d];
        }
        let mut worth = picked[a].worth + picked[b].worth;
        let mut better = false;
        for first in self.parts[a].entries() {
            if first.memory[0] > both[0] {
                break;
            }
            let Some(rest) = less(both, first.memory) else {
                continue;
            };
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
fn free(room: Taken, picked: &[Entry]) -> Option<Taken> {
    let mut picked = picked.iter();
    picked.try_fold(room, |room, e| less(room, e.memory))
}
