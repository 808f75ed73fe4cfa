//! Dropping candidates that cannot be part of any best choice.
//!
//! Item `a` dominates `b` when it takes no more of either memory and of the exact bytes, scores no
//! less on every task, and stands first where all is equal.
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

use super::problem::{Item, Problem};

/// The indices of the items that can matter, rising.
#[must_use]
pub fn keep(problem: &Problem) -> Vec<usize> {
    let items = &problem.items;
    let chains = chains(problem);
    let pinned = |i: usize| problem.pins.iter().any(|pin| pin.contains(&i));
    let mut by_family: Vec<usize> = (0..items.len()).collect();
    by_family.sort_by_key(|&i| (items[i].family, i));
    let mut kept = Vec::with_capacity(items.len());
    for family in by_family.chunk_by(|&i, &j| items[i].family == items[j].family) {
        for &b in family {
            let dominated = family.iter().any(|&a| {
                a != b
                    && (items[a].variant == items[b].variant || chains[items[a].variant])
                    && (!pinned(b) || items[a].variant == items[b].variant)
                    && dominates(items, a, b)
            });
            if !dominated && fits_alone(problem, b) {
                kept.push(b);
            }
        }
    }
    kept.sort_unstable();
    kept
}

fn fits_alone(problem: &Problem, i: usize) -> bool {
    (0..2).all(|d| problem.items[i].memory[d] <= problem.budgets[d])
}

fn dominates(items: &[Item], a: usize, b: usize) -> bool {
    let (x, y) = (&items[a], &items[b]);
    let no_worse = x.memory[0] <= y.memory[0]
        && x.memory[1] <= y.memory[1]
        && x.bytes <= y.bytes
        && x.scores.iter().zip(&y.scores).all(|(s, t)| s >= t);
    let equal = x.memory == y.memory && x.bytes == y.bytes && x.scores == y.scores;
    no_worse && (!equal || a < b)
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
