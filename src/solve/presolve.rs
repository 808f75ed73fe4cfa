//! Dropping candidates that cannot be part of any best set.
//!
//! Item `a` dominates `b` when it takes no more of any budget, scores no less on every task, meets
//! every pin that `b` meets, is worth no less idle where `b` could idle, and takes less physical
//! memory or stands first: so that a set with `a` in the place of `b` ranks higher.
//!
//! Within one *group* dropping `b` is always sound: a set holds at most one item of the
//! group, so `a` can stand in for `b`.
//!
//! Across two groups of one *family* it is sound when `b` meets no pin and the items of `a`'s
//! group form a chain (each scores at least as much as the one before on every task, and all
//! meet the same pins). Take any set with `b`: without an item of `a`'s group, `a` stands in for
//! `b`. With such an item `c`, the chain says that `c` scores at least as much as `a` everywhere
//! (then `b` adds nothing and can go), or at most as much (then `a` stands in for both). Either way
//! nothing is lost, no memory is added, nothing idles that did not, and the set of families does
//! not grow, so runners-up that are distinct in families stay the same too.
//!
//! Across families it is never done: it would change the runners-up.
//!
//! An item is held against the most promising few of those kept, not against all: what that misses
//! stays in and costs a little time, and a family of any size takes time in proportion to it.

use crate::solve::deadline::Deadline;
use crate::solve::problem::{Item, Problem};

/// How many of a family's kept items each item is held against.
const HELD_AGAINST: usize = 64;

/// The indices of the items that can matter, rising; none where the deadline comes first.
pub(super) fn keep(problem: &Problem, deadline: Deadline<'_>) -> Option<Vec<usize>> {
    let items = &problem.items;
    let pins = problem.pins_met();
    let chains = chains(problem, &pins);
    let dominates = |a: usize, b: usize| {
        let met = pins[a] & pins[b] == pins[b];
        let idle = pins[b] == 0 || items[a].idle_worth >= items[b].idle_worth;
        let first = items[a].memory[1] < items[b].memory[1] || a < b;
        let same_group = items[a].group == items[b].group;
        let may = same_group || (pins[b] == 0 && chains[items[a].group]);
        may && met && idle && first && no_worse(&items[a], &items[b])
    };
    // What dominates an item comes before it.
    let fits = |i: &usize| problem.fits_alone(*i);
    let mut order: Vec<usize> = (0..items.len()).filter(fits).collect();
    let key = |i: usize| (items[i].family, items[i].memory);
    order.sort_unstable_by(|&a, &b| {
        let by_scores = || items[b].scores.cmp(&items[a].scores);
        key(a).cmp(&key(b)).then_with(by_scores).then(a.cmp(&b))
    });
    let mut kept = Vec::with_capacity(order.len());
    for family in order.chunk_by(|&i, &j| items[i].family == items[j].family) {
        if deadline.passed() {
            return None;
        }
        // The strongest first, whatever they take.
        let mut strongest: Vec<(i64, usize)> = Vec::new();
        for &b in family {
            if strongest.iter().any(|&(_, a)| dominates(a, b)) {
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
    Some(kept)
}

fn no_worse(a: &Item, b: &Item) -> bool {
    a.memory.iter().zip(&b.memory).all(|(a, b)| a <= b)
        && a.scores.iter().zip(&b.scores).all(|(s, t)| s >= t)
}

/// For each group whether its items form a chain in their scores, and meet the same pins.
fn chains(problem: &Problem, pins: &[u64]) -> Vec<bool> {
    let groups = problem.items.iter().map(|i| i.group + 1).max();
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); groups.unwrap_or(0)];
    for (i, item) in problem.items.iter().enumerate() {
        members[item.group].push(i);
    }
    let scores = |i: usize| &problem.items[i].scores;
    let is_chain = |mut members: Vec<usize>| {
        members.sort_by_key(|&i| scores(i));
        members.windows(2).all(|pair| {
            let mut both = scores(pair[0]).iter().zip(scores(pair[1]));
            pins[pair[0]] == pins[pair[1]] && both.all(|(s, t)| s <= t)
        })
    };
    members.into_iter().map(is_chain).collect()
}
