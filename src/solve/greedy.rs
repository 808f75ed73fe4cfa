//! What can be said of a problem that there is no time to solve: a set that a greedy choice finds,
//! and a bound that no set exceeds. Neither is proven to be near the other.

use crate::solve::search::Found;
use crate::solve::{Problem, Solution};

/// A greedy set, and each task's best score whatever its memory as the bound.
#[must_use]
pub fn guess(problem: &Problem, items: &[usize]) -> Found {
    let found = greedy(problem, items);
    Found {
        bound: loose_bound(problem, items),
        solutions: found.into_iter().collect(),
        complete: false,
    }
}

/// Each task served by its best item, as if memory had no end; none where a task has no item.
fn loose_bound(problem: &Problem, items: &[usize]) -> Option<i64> {
    let best = |t: usize| {
        items
            .iter()
            .filter_map(|&i| problem.items[i].scores[t])
            .max()
    };
    (0..problem.tasks).map(best).sum()
}

/// Adds, for as long as there is a gain, the item that meets most pins, then serves most further
/// tasks, then gains most, then takes least.
fn greedy(problem: &Problem, items: &[usize]) -> Option<Solution> {
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < problem.max_models {
        let now = worth(problem, &chosen);
        let candidates = items
            .iter()
            .filter(|i| !chosen.contains(i))
            .filter_map(|&i| {
                let mut with = chosen.clone();
                with.push(i);
                let worth = worth(problem, &with);
                let least = std::cmp::Reverse(problem.items[i].memory[1]);
                (worth > now && problem.holds(&with)).then_some((worth, least, i))
            });
        let Some((_, _, next)) = candidates.max() else {
            break;
        };
        chosen.push(next);
    }
    problem.solution(chosen)
}

/// Pins met, tasks served, and the score of those.
fn worth(problem: &Problem, chosen: &[usize]) -> (usize, usize, i64) {
    let meets = |pin: &&Vec<usize>| chosen.iter().any(|i| pin.contains(i));
    let best = |t: usize| {
        let scores = chosen.iter().filter_map(|&i| problem.items[i].scores[t]);
        scores.max()
    };
    let served: Vec<i64> = (0..problem.tasks).filter_map(best).collect();
    let pins = problem.pins.iter().filter(meets).count();
    (pins, served.len(), served.iter().sum())
}
