//! One split of the duties: which item serves each part, exactly.
//!
//! A depth-first search over the parts. A branch ends when the linear relaxation of the parts still
//! open, in the memory still free, can't reach the best set known; the last part is looked up.

use super::bound::Curve;
use super::problem::{Problem, Solution};
use super::slots::{Entry, Excluded};

/// How many steps are spent on partial sets that can only tie, so that names decide between sets
/// equal in score and in memory. A number, not a time: the same input gives the same plan.
const TIES_FOLLOWED: u32 = 20_000;
/// Steps between two looks at the time.
const STEPS_BETWEEN_LOOKS: u32 = 8_192;

/// The best set known, and what may still be spent.
pub(super) struct Incumbent<'a> {
    problem: &'a Problem,
    scale: i64,
    give_up: &'a dyn Fn() -> bool,
    ties_left: u32,
    steps: u32,
    pub(super) gave_up: bool,
    pub(super) best: Option<Solution>,
    worth: Option<i64>,
}

impl<'a> Incumbent<'a> {
    pub(super) fn new(problem: &'a Problem, scale: i64, give_up: &'a dyn Fn() -> bool) -> Self {
        Self {
            problem,
            scale,
            give_up,
            ties_left: TIES_FOLLOWED,
            steps: 0,
            gave_up: false,
            best: None,
            worth: None,
        }
    }

    /// What a set must be worth to be looked at; none where any set will do.
    pub(super) fn wanted(&self) -> Option<i64> {
        self.worth
            .map(|worth| if self.ties_left > 0 { worth } else { worth + 1 })
    }

    fn offer(&mut self, picked: &[usize]) {
        let mut items = picked.to_vec();
        items.sort_unstable();
        items.dedup();
        let Some(objective) = self.problem.objective(&items) else {
            return;
        };
        let found = Solution {
            memory: self.problem.memory(&items),
            items,
            objective,
        };
        if self.best.as_ref().is_none_or(|b| found.rank(b).is_lt()) {
            self.worth =
                Some(objective * self.scale - i64::try_from(found.memory).unwrap_or(i64::MAX));
            self.best = Some(found);
        }
    }

    /// Counts a step of the search, on a branch that can only tie or not; true when no more may be
    /// taken there.
    fn step(&mut self, tying: bool) -> bool {
        if tying {
            if self.ties_left == 0 {
                return true;
            }
            self.ties_left -= 1;
        }
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_BETWEEN_LOOKS) {
            self.gave_up |= (self.give_up)();
        }
        self.gave_up
    }
}

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
    pub(super) fn holds_any(&self, problem: &Problem, without: &Excluded) -> bool {
        self.entries.iter().any(|e| without.holds(problem, e.item))
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) const fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entry of most worth that fits, of at least `wanted`; the first by name where equal.
    fn best_within(&self, room: [u64; 2], wanted: Option<i64>) -> Option<Entry> {
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
pub(super) struct Split<'f> {
    parts: Vec<&'f Front>,
    /// By depth, then by memory that binds.
    open: Vec<Vec<Curve>>,
}

impl<'f> Split<'f> {
    /// Prepares a split; the part with the most entries comes last, where it is only looked up.
    pub(super) fn new(mut parts: Vec<&'f Front>) -> Self {
        parts.sort_by_key(|p| p.len());
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
    pub(super) fn search(&self, room: [u64; 2], incumbent: &mut Incumbent<'_>) {
        if self.parts.len() > 2 {
            self.improve(room, incumbent);
        }
        let mut picked = Vec::with_capacity(self.parts.len());
        self.descend(0, (room, 0), false, &mut picked, incumbent);
    }

    fn descend(
        &self,
        depth: usize,
        (room, worth): ([u64; 2], i64),
        tying: bool,
        picked: &mut Vec<usize>,
        incumbent: &mut Incumbent<'_>,
    ) {
        let part = self.parts[depth];
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
            // A branch that can only tie is followed for names alone, and not for ever.
            let tying =
                incumbent.ties_left > 0 && !self.reaches(depth + 1, left, wanted.map(|w| w + 1));
            picked.push(e.item);
            let state = (left, worth + e.worth);
            self.descend(depth + 1, state, tying, picked, incumbent);
            picked.pop();
        }
    }

    /// A good set to begin with: from the smallest items, two parts at a time are chosen anew as
    /// well as they can be, until no two can be bettered.
    fn improve(&self, room: [u64; 2], incumbent: &mut Incumbent<'_>) {
        let mut picked: Vec<Entry> = self.parts.iter().map(|p| p.entries[0]).collect();
        if self.parts.iter().any(|p| p.len() == 0) || free(room, &picked).is_none() {
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
