//! Dropping what the best set can't hold, across families: for a single best set, no runner-up.
//!
//! Item `a` stands for `b` when it scores no less on every task, takes no more of the GPU's memory
//! and truly less of all memory, and the items of its variant form a chain (each scores at least as
//! much as the one before on every task). Then a set with `b` is beaten: by `a` in its place; where
//! an item `c` of `a`'s variant is in the set already, by the set without `b` (`c` scores at least
//! as much as `a`) or with `a` for both. Every such set scores no less in less memory, so that even
//! ties are broken as before.

use std::collections::BTreeMap;

use crate::plan::solve::{Item, Problem};

/// How many of the strongest items each item is held against; more would find little more.
const HELD_AGAINST: usize = 48;

/// The items of `items` that the best set may hold, rising.
pub(super) fn keep(problem: &Problem, items: &[usize]) -> Vec<usize> {
    let of = |i: usize| &problem.items[i];
    let pinned = |i: usize| problem.pins.iter().any(|pin| pin.contains(&i));
    let chains = chains(problem, items);
    let mut order: Vec<usize> = items.to_vec();
    order.sort_by_key(|&i| of(i).memory[1]);
    let mut strongest: Vec<(i64, usize)> = Vec::new();
    let mut kept = Vec::new();
    for b in order {
        let beaten = !pinned(b) && strongest.iter().any(|&(_, a)| stands_for(of(a), of(b)));
        if beaten {
            continue;
        }
        kept.push(b);
        if chains[&of(b).variant] {
            let strength = of(b).scores.iter().flatten().sum();
            let place = strongest.partition_point(|&(s, _)| s >= strength);
            if place < HELD_AGAINST {
                strongest.insert(place, (strength, b));
                strongest.truncate(HELD_AGAINST);
            }
        }
    }
    kept.sort_unstable();
    kept
}

fn stands_for(a: &Item, b: &Item) -> bool {
    a.memory[0] <= b.memory[0]
        && a.memory[1] < b.memory[1]
        && a.scores.iter().zip(&b.scores).all(|(s, t)| s >= t)
}

/// By variant, whether its items form a chain in their scores.
fn chains(problem: &Problem, items: &[usize]) -> BTreeMap<usize, bool> {
    let mut members: BTreeMap<usize, Vec<&Item>> = BTreeMap::new();
    for &i in items {
        let item = &problem.items[i];
        members.entry(item.variant).or_default().push(item);
    }
    let rising = |mut items: Vec<&Item>| {
        items.sort_by(|a, b| a.scores.cmp(&b.scores));
        let no_less = |a: &Item, b: &Item| a.scores.iter().zip(&b.scores).all(|(s, t)| s <= t);
        items.windows(2).all(|pair| no_less(pair[0], pair[1]))
    };
    let members = members.into_iter();
    members
        .map(|(variant, items)| (variant, rising(items)))
        .collect()
}
