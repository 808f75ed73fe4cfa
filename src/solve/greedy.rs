//! What can be said of a problem that there is no time to solve: a set that a greedy choice finds,
//! and a bound that no set exceeds. Neither is proven to be near the other.

use std::cmp::Reverse;

use crate::solve::assign;
use crate::solve::problem::Problem;
use crate::solve::solution::Solution;

/// Each task served by its best item, as if memory had no end; none where a task has no item, so
/// that there is no set.
pub(super) fn loose_bound(problem: &Problem) -> Option<i64> {
    let best = |t: usize| problem.items.iter().filter_map(|i| i.scores[t]).max();
    (0..problem.tasks).map(best).sum()
}

/// Adds, for as long as there is a gain, the item that meets most pins, of them most that could serve,
/// then serves most further tasks, then gains most, then takes least.
pub(super) fn best(problem: &Problem) -> Option<Solution> {
    let pins = problem.pins_met();
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < problem.max_models {
        let now = worth(problem, &pins, &chosen);
        let candidates = (0..problem.items.len())
            .filter(|i| !chosen.contains(i))
            .filter_map(|i| {
                let mut with = chosen.clone();
                with.push(i);
                let worth = worth(problem, &pins, &with);
                let least = Reverse(problem.items[i].memory[1]);
                (worth > now && problem.holds(&with)).then_some((worth, least, Reverse(i)))
            });
        let Some((_, _, Reverse(next))) = candidates.max() else {
            break;
        };
        chosen.push(next);
    }
    assign::best(problem, &chosen)
}

/// Pins met, those of them whose items could serve a task, tasks served, and the score of those.
fn worth(problem: &Problem, pins: &[u64], chosen: &[usize]) -> (u32, u32, usize, i64) {
    let best = |t: usize| {
        let scores = chosen.iter().filter_map(|&i| problem.items[i].scores[t]);
        scores.max()
    };
    let served: Vec<i64> = (0..problem.tasks).filter_map(best).collect();
    let met = |of: &dyn Fn(&usize) -> bool| {
        let items = chosen.iter().filter(|i| of(i));
        items.fold(0, |met, &i| met | pins[i]).count_ones()
    };
    let able = met(&|i| problem.items[*i].scores.iter().any(Option::is_some));
    (met(&|_| true), able, served.len(), served.iter().sum())
}
