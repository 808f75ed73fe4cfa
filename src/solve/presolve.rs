//! Dropping candidates that cannot be part of any best choice.
//!
//! Item `a` dominates `b` when it takes no more of either memory, scores no less on every task, and
//! stands first where all is equal.
//!
//! Within one *variant* dropping `b` is always sound: a choice holds at most one item of the
//! variant, so `a` can stand in for `b`.
//!
//! Across two variants of one *family* it is sound when the items of `a`'s variant form a chain
//! (each scores at least as much as the one before on every task). Take any choice with `b`:
//! without an item of `a`'s variant, `a` stands in for `b`. With such an item `c`, the chain says
//! that `c` scores at least as much as `a` everywhere (then `b` adds nothing and can go), or at most as
//! much (then `a` stands in for both). Either way nothing is lost, no memory is added, and the set
//! of families does not grow, so runners-up that are distinct in families stay the same too.
//!
//! Across families it is never done: it would change the runners-up.
//!
//! An item is held against the most promising few of those kept, not against all: what that misses
//! stays in and costs a little time, and a family of any size takes time in proportion to it.

use crate::solve::problem::{Item, Problem};

/// How many of a family's kept items each item is held against.
const HELD_AGAINST: usize = 64;

/// The indices of the items that can matter, rising.
#[must_use]
pub fn keep(problem: &Problem) -> Vec<usize> {
    let items = &problem.items;
    let chains = chains(problem);
    let pinned = |i: usize| problem.pins.iter().any(|pin| pin.binary_search(&i).is_ok());
    // What dominates an item comes before it.
    let mut order: Vec<usize> = (0..items.len())
        .filter(|&i| fits_alone(problem, i))
        .collect();
    let key = |i: usize| (items[i].family, items[i].memory);
    order.sort_unstable_by(|&a, &b| {
        let by_scores = || items[b].scores.cmp(&items[a].scores);
        key(a).cmp(&key(b)).then_with(by_scores).then(a.cmp(&b))
    });
    let mut kept = Vec::with_capacity(order.len());
    for family in order.chunk_by(|&i, &j| items[i].family == items[j].family) {
        // The strongest first, whatever they take.
        let mut strongest: Vec<(i64, usize)> = Vec::new();
        for &b in family {
            let dominated = strongest.iter().any(|&(_, a)| {
                (items[a].variant == items[b].variant || (chains[items[a].variant] && !pinned(b)))
                    && dominates(&items[a], &items[b])
            });
            if dominated {
                continue;
            }
            kept.push(b);
            let strength = items[b].scores.iter().flatten().sum();
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

fn fits_alone(problem: &Problem, i: usize) -> bool {
    (0..2).all(|d| problem.items[i].memory[d] <= problem.budgets[d])
}

/// Between equals the one that comes first in the order counts as the better.
fn dominates(a: &Item, b: &Item) -> bool {
    a.memory[0] <= b.memory[0]
        && a.memory[1] <= b.memory[1]
        && a.scores.iter().zip(&b.scores).all(|(s, t)| s >= t)
}

/// For each variant whether its items form a chain in their scores.
fn chains(problem: &Problem) -> Vec<bool> {
    let variants = problem
        .items
        .iter()
        .map(|i| i.variant + 1)
        .max()
        .unwrap_or(0);
    let mut members: Vec<Vec<&Item>> = vec![Vec::new(); variants];
    for item in &problem.items {
        members[item.variant].push(item);
    }
    members
        .into_iter()
        .map(|mut items| {
            items.sort_by(|a, b| a.scores.cmp(&b.scores));
            items
                .windows(2)
                .all(|p| p[0].scores.iter().zip(&p[1].scores).all(|(s, t)| s <= t))
        })
        .collect()
}
