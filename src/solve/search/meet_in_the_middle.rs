//! A split of three or four classes by meeting in the middle (Horowitz and Sahni 1974).
//!
//! Branch and bound can take as many steps as its classes but one have entries, multiplied. Where
//! only one memory binds, tables bound that: the best pair of the first two classes for each amount
//! of memory, the same of the others, and one walk along both. At most the products of two
//! classes' entries, whatever their sizes and worths.
//!
//! Amounts are counted in the step that all sums have in common, so tables are exact; where that
//! makes too many amounts, tables don't serve.
//!
//! Of pairs that take as much and are worth as much, the first by name stays. That is enough: which
//! of two sets comes first by name is decided by the least item that only one of them has, and so
//! by their pairs alone, where the rest of both is the same.

use std::cmp::Ordering;

use crate::solve::problem::Taken;
use crate::solve::search::entry::Worth;
use crate::solve::search::front::Front;
use crate::solve::search::incumbent::Incumbent;
use crate::solve::search::lattice::Lattice;
use crate::solve::search::split::Split;

/// Amounts of memory for which tables are made: some 100 MB a table.
const LARGEST_TABLE: u64 = 1 << 22;
/// Amounts that are filled together, so that they stay in the processor's cache.
const WINDOW: usize = if cfg!(test) { 32 } else { 1 << 14 };
/// No pair takes just this memory.
const NOTHING: Worth = Worth::MIN;

/// Whether tables can serve a split, and take less than going through it could.
pub(super) fn can_serve(split: &Split, room: Taken) -> bool {
    let sizes: Vec<u128> = split
        .parts()
        .iter()
        .map(|p| p.entries().len() as u128)
        .collect();
    let steps: u128 = sizes.iter().rev().skip(1).product();
    let pairs: u128 = sizes
        .chunks(2)
        .map(|pair| pair.iter().product::<u128>())
        .sum();
    let amounts = Lattice::of(split.parts(), 0).steps_within(room[0]);
    split.dimensions() == 1
        && matches!(sizes.len(), 3 | 4)
        && amounts.is_some_and(|n| n <= LARGEST_TABLE && pairs + u128::from(n) < steps)
}

/// Offers the best set of the split, where it is better than the one known.
pub(super) fn search(split: &Split, room: Taken, incumbent: &mut Incumbent<'_>) {
    let lattice = Lattice::of(split.parts(), 0);
    let Some(size) = lattice.steps_within(room[0]) else {
        return;
    };
    let table =
        |a, b, incumbent: &mut Incumbent<'_>| Table::filled([a, b], &lattice, size, incumbent);
    match split.parts() {
        [a, b, last] => {
            if let Some(first) = table(a, b, incumbent) {
                let least = [a, b].map(|front| front.entries()[0].memory[0]);
                let room = room[0] - least[0] - least[1];
                first.meet_one(split, last, (room, lattice.step()), incumbent);
            }
        }
        [a, b, c, d] => {
            if let Some(first) = table(a, b, incumbent)
                && let Some(second) = table(c, d, incumbent)
            {
                first.meet(split, &second, incumbent);
            }
        }
        _ => {}
    }
}

/// For each amount of memory the best pair that takes just so much: its worth, and the items.
struct Table {
    worth: Vec<Worth>,
    pair: Vec<[u32; 2]>,
}

impl Table {
    /// None where the search had to stop.
    fn filled(
        [a, b]: [&Front; 2],
        lattice: &Lattice,
        size: u64,
        incumbent: &mut Incumbent<'_>,
    ) -> Option<Self> {
        let cells = usize::try_from(size).ok()?.checked_add(1)?;
        let mut table = Self {
            worth: vec![NOTHING; cells],
            pair: vec![[0; 2]; cells],
        };
        let place = |front: &Front| {
            let first = front.entries()[0].memory[0];
            let entries = front.entries().iter();
            let place = entries.map(move |e| (e.memory[0] - first) / lattice.step());
            place
                .filter_map(|n| usize::try_from(n).ok())
                .collect::<Vec<_>>()
        };
        let (from_a, from_b) = (place(a), place(b));
        let mut next = vec![0; from_a.len()];
        for end in (0..cells).step_by(WINDOW).map(|begin| begin + WINDOW) {
            if incumbent.stopped() {
                return None;
            }
            for ((x, from), next) in a.entries().iter().zip(&from_a).zip(&mut next) {
                let rest = b.entries()[*next..].iter().zip(&from_b[*next..]);
                for (y, more) in rest.take_while(|(_, more)| from + **more < end) {
                    *next += 1;
                    let worth = x.worth + y.worth;
                    let Some(known) = table.worth.get_mut(from + more) else {
                        break;
                    };
                    if worth > *known || (worth == *known && incumbent.by_name()) {
                        let pair = [x.item, y.item].map(|i| u32::try_from(i).unwrap_or(u32::MAX));
                        let stands = &mut table.pair[from + more];
                        if worth > *known || sorted(pair) < sorted(*stands) {
                            *known = worth;
                            *stands = pair;
                        }
                    }
                }
            }
        }
        Some(table)
    }

    /// Compares what stands at two places, the better first: more worth, then names.
    fn compare(&self, a: usize, b: usize) -> Ordering {
        let worth = self.worth[b].cmp(&self.worth[a]);
        worth.then_with(|| sorted(self.pair[a]).cmp(&sorted(self.pair[b])))
    }

    /// The best pair with one entry of the last class.
    fn meet_one(
        &self,
        split: &Split,
        last: &Front,
        (room, step): (u64, u64),
        incumbent: &mut Incumbent<'_>,
    ) {
        for ((worth, pair), n) in self.worth.iter().zip(&self.pair).zip(0_u64..) {
            if *worth == NOTHING {
                continue;
            }
            let wanted = incumbent.wanted().map(|w| w - worth);
            let Some(left) = room.checked_sub(n * step) else {
                return;
            };
            if let Some(third) = last.best_within([left, 0, 0], wanted) {
                let [a, b] = pair.map(|i| i as usize);
                offer(split, worth + third.worth, &[a, b, third.item], incumbent);
            }
        }
    }

    /// The best two pairs: as one takes more memory, the other may take less.
    fn meet(&self, split: &Split, other: &Self, incumbent: &mut Incumbent<'_>) {
        let mut best = 0;
        let best_up_to: Vec<usize> = (0..other.worth.len())
            .map(|n| {
                if other.compare(n, best).is_lt() {
                    best = n;
                }
                best
            })
            .collect();
        for (n, worth) in self.worth.iter().enumerate() {
            let m = best_up_to[self.worth.len() - 1 - n];
            if *worth != NOTHING && other.worth[m] != NOTHING {
                let [a, b] = self.pair[n].map(|i| i as usize);
                let [c, d] = other.pair[m].map(|i| i as usize);
                offer(split, worth + other.worth[m], &[a, b, c, d], incumbent);
            }
        }
    }
}

fn sorted([a, b]: [u32; 2]) -> [u32; 2] {
    if a <= b { [a, b] } else { [b, a] }
}

/// Offers a set where it is better than the best known, or may be by name.
fn offer(split: &Split, worth: Worth, picked: &[usize], incumbent: &mut Incumbent<'_>) {
    let better = incumbent
        .wanted()
        .is_none_or(|wanted| match worth.cmp(&wanted) {
            Ordering::Less => false,
            Ordering::Equal if incumbent.by_name() => incumbent.comes_first(&mut picked.to_vec()),
            _ => true,
        });
    if better {
        incumbent.offer(split.parts(), picked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solve::deadline::Deadline;
    use crate::solve::problem::NO_LIMIT;
    use crate::solve::problem::{Item, Problem};
    use crate::solve::search::classes::Classes;
    use crate::solve::search::partitions::Part;
    use crate::solve::search::scale::Scale;
    use crate::solve::solution::Solution;
    use proptest::prelude::*;
    use std::rc::Rc;

    /// As many tasks as parts, and items made for one each.
    fn problem(parts: usize, items: Vec<(u64, i64)>, budget: u64) -> Problem {
        let item = |(n, (memory, worth)): (usize, (u64, i64))| Item {
            family: n,
            group: n,
            memory: [memory, memory, 0],
            scores: (0..parts)
                .map(|t| (n % parts == t).then_some(worth))
                .collect(),
            idle_worth: 0,
        };
        Problem {
            items: items.into_iter().enumerate().map(item).collect(),
            budgets: [budget, budget, NO_LIMIT],
            max_models: parts,
            tasks: parts,
            pins: Vec::new(),
            sets: 1,
        }
    }

    /// The best of every choice of one item for each task, each tried.
    fn best_of_all(problem: &Problem, chosen: &mut Vec<usize>) -> Option<Solution> {
        let parts = problem.tasks;
        if chosen.len() == parts {
            return Solution::of(problem, chosen, &[]);
        }
        let mut best: Option<Solution> = None;
        for item in (chosen.len()..problem.items.len()).step_by(parts) {
            chosen.push(item);
            let other = best_of_all(problem, chosen);
            best = best.into_iter().chain(other).min_by(Solution::rank);
            chosen.pop();
        }
        best
    }

    proptest! {
        #[test]
        fn tables_find_what_trying_every_choice_finds(
            parts in 3_usize..=4,
            unit in prop_oneof![Just(1_u64), Just(7), Just(1 << 20)],
            items in prop::collection::vec((1_u64..60, 0_i64..30), 20..32),
            budget in 20_u64..160,
        ) {
            let items = items.into_iter().map(|(m, w)| (m * unit, w)).collect();
            let problem = problem(parts, items, budget * unit + unit / 2);
            let scale = Scale::of(&problem).unwrap();
            let classes = Classes::new(&problem, scale, 0, Deadline::never()).unwrap();
            let part = |t: usize| Part { tasks: 1 << t, pins: 0 };
            let front = |t| Front::new(part(t), classes.whole_front(part(t)), 1).map(Rc::new);
            if let Some(fronts) = (0..parts).map(front).collect::<Option<_>>() {
                let mut incumbent = Incumbent::new(&problem, scale, None, Deadline::never());
                let split = Split::new(fronts);
                let fits = Lattice::of(split.parts(), 0).steps_within(classes.room[0]).is_some();
                search(&split, classes.room, &mut incumbent);
                incumbent.turn_to_names();
                search(&split, classes.room, &mut incumbent);
                let expected = best_of_all(&problem, &mut Vec::new());
                prop_assert_eq!(fits, expected.is_some());
                prop_assert_eq!(incumbent.best, expected);
            }
        }
    }
}
