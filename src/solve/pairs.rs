//! A split of three or four parts by the best pair for every amount of memory.
//!
//! The depth-first search can take as many steps as its parts but one have entries, multiplied.
//! Where only one memory binds, tables bound that: the best pair of the first two parts for each MiB,
//! the same of the others, and one walk along both. At most the products of two parts' entries,
//! whatever their sizes and worths.

use crate::solve::incumbent::Incumbent;
use crate::solve::slots::Entry;
use crate::solve::split::{Front, Split};

/// MiB up to which tables are made: 4 TiB, some 100 MB a table.
const LARGEST_ROOM: u64 = 1 << 22;
/// No pair takes just this memory.
const NOTHING: i64 = i64::MIN >> 2;

/// Whether tables can serve a split, and take less than going through it could.
pub(super) fn can_serve(split: &Split, room: [u64; 2]) -> bool {
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
    split.dimensions() == 1
        && matches!(sizes.len(), 3 | 4)
        && room[0] <= LARGEST_ROOM
        && pairs + u128::from(room[0]) < steps
}

/// Offers the best set of the split, where it is better than the one known.
pub(super) fn search(split: &Split, room: [u64; 2], incumbent: &mut Incumbent<'_>) {
    let parts = split.parts();
    let Some(first) = Table::of(&parts[0], &parts[1], room[0], incumbent) else {
        return;
    };
    match parts {
        [_, _, last] => first.meet_one(last, room, incumbent),
        [_, _, c, d] => {
            if let Some(second) = Table::of(c, d, room[0], incumbent) {
                first.meet(&second, incumbent);
            }
        }
        _ => {}
    }
}

/// For each amount of memory the best pair that takes just so much: its worth, and the entries.
struct Table {
    worth: Vec<i64>,
    pair: Vec<[usize; 2]>,
}

impl Table {
    /// None where the search was told to stop.
    fn of(a: &Front, b: &Front, room: u64, incumbent: &mut Incumbent<'_>) -> Option<Self> {
        let size = usize::try_from(room)
            .unwrap_or(usize::MAX)
            .saturating_add(1);
        let mut table = Self {
            worth: vec![NOTHING; size],
            pair: vec![[0; 2]; size],
        };
        for x in a.entries() {
            if incumbent.stopped() {
                return None;
            }
            let left = room.saturating_sub(x.memory[0]);
            for y in b.entries().iter().take_while(|y| y.memory[0] <= left) {
                let at = usize::try_from(x.memory[0] + y.memory[0]).unwrap_or(usize::MAX);
                if table.worth.get(at).is_some_and(|w| *w < x.worth + y.worth) {
                    table.worth[at] = x.worth + y.worth;
                    table.pair[at] = [x.item, y.item];
                }
            }
        }
        Some(table)
    }

    /// The best pair with one entry of the last part.
    fn meet_one(&self, last: &Front, room: [u64; 2], incumbent: &mut Incumbent<'_>) {
        for ((worth, [a, b]), taken) in self.worth.iter().zip(&self.pair).zip(0_u64..) {
            if *worth == NOTHING {
                continue;
            }
            let wanted = incumbent.better().map(|w| w - worth);
            let Entry { item, .. } = match last.best_within([room[0] - taken, room[1]], wanted) {
                Some(entry) => entry,
                None => continue,
            };
            incumbent.offer(&[*a, *b, item]);
        }
    }

    /// The best two pairs: as one takes more memory, the other may take less.
    fn meet(&self, other: &Self, incumbent: &mut Incumbent<'_>) {
        let mut most = 0;
        let best_up_to: Vec<usize> = (0..other.worth.len())
            .map(|n| {
                if other.worth[n] > other.worth[most] {
                    most = n;
                }
                most
            })
            .collect();
        for (n, worth) in self.worth.iter().enumerate() {
            let m = best_up_to[self.worth.len() - 1 - n];
            if *worth == NOTHING || other.worth[m] == NOTHING {
                continue;
            }
            if incumbent
                .better()
                .is_none_or(|w| worth + other.worth[m] >= w)
            {
                let ([a, b], [c, d]) = (self.pair[n], other.pair[m]);
                incumbent.offer(&[a, b, c, d]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::problem::{Item, Problem};
    use super::super::slots::Slots;
    use super::*;
    use proptest::prelude::*;
    use std::rc::Rc;

    /// As many tasks as parts, and items made for one each.
    fn problem(parts: usize, items: Vec<(u64, i64)>, budget: u64) -> Problem {
        let item = |(n, (memory, worth)): (usize, (u64, i64))| Item {
            family: n,
            variant: n,
            memory: [memory; 2],
            scores: (0..parts)
                .map(|t| (n % parts == t).then_some(worth))
                .collect(),
        };
        Problem {
            items: items.into_iter().enumerate().map(item).collect(),
            budgets: [budget; 2],
            max_models: parts,
            tasks: parts,
            pins: Vec::new(),
        }
    }

    /// The best of every choice of one item for each task, each tried.
    fn best_of_all(problem: &Problem, chosen: &mut Vec<usize>) -> Option<(i64, i64)> {
        let parts = problem.tasks;
        if chosen.len() == parts {
            let set = problem.solution(chosen.clone())?;
            return Some((set.objective, -i64::try_from(set.memory).unwrap()));
        }
        let mut best = None;
        for item in (chosen.len()..problem.items.len()).step_by(parts) {
            chosen.push(item);
            best = best.max(best_of_all(problem, chosen));
            chosen.pop();
        }
        best
    }

    proptest! {
        #[test]
        fn tables_find_what_trying_every_choice_finds(
            parts in 3_usize..=4,
            items in prop::collection::vec((1_u64..60, 0_i64..30), 20..32),
            budget in 20_u64..160,
        ) {
            let problem = problem(parts, items, budget);
            let all: Vec<usize> = (0..problem.items.len()).collect();
            let slots = Slots::new(&problem, &all, 1, &|| false).unwrap();
            let fronts = (0..parts).map(|t| Front::new(slots.whole_front(1 << t), 1).map(Rc::new));
            if let Some(fronts) = fronts.collect::<Option<_>>() {
                let mut incumbent = Incumbent::new(&problem, slots.scale, None, &|| false);
                search(&Split::new(fronts), slots.room, &mut incumbent);
                let found = incumbent.best.map(|s| (s.objective, -i64::try_from(s.memory).unwrap()));
                prop_assert_eq!(found, best_of_all(&problem, &mut Vec::new()));
            }
        }
    }
}
