//! An exact branch and bound over sets of few items, with the best few sets distinct in families.
//!
//! Items are taken in the order of what they promise; a set grows only by later items. A branch
//! ends when even the best of the later items for every task, memory aside, cannot reach the last
//! of the sets kept so far. Where it can only tie, memory decides: a branch also ends when it
//! already takes more bytes than the set that it would tie with.

use super::problem::{Problem, Solution};

/// The best sets, best first, distinct in their families; the first is the proven optimum.
#[must_use]
pub fn best(problem: &Problem, items: &[usize], count: usize) -> Vec<Solution> {
    if count == 0 || problem.max_models == 0 {
        return Vec::new();
    }
    let mut order = items.to_vec();
    let promise = |i: usize| problem.items[i].scores.iter().flatten().sum::<i64>();
    order.sort_by_key(|&i| (std::cmp::Reverse(promise(i)), problem.items[i].bytes, i));
    let mut search = Search {
        problem,
        later_best: later_best(problem, &order),
        order,
        count,
        kept: Vec::new(),
        chosen: Vec::new(),
    };
    let nothing = vec![None; problem.tasks];
    search.extend(0, problem.budgets, 0, &nothing);
    search.kept
}

struct Search<'a> {
    problem: &'a Problem,
    order: Vec<usize>,
    /// For each place in the order, the best score per task from there on.
    later_best: Vec<Vec<Option<i64>>>,
    count: usize,
    kept: Vec<Solution>,
    chosen: Vec<usize>,
}

fn later_best(problem: &Problem, order: &[usize]) -> Vec<Vec<Option<i64>>> {
    let mut rows = vec![vec![None; problem.tasks]; order.len() + 1];
    for place in (0..order.len()).rev() {
        let item = &problem.items[order[place]];
        rows[place] = (0..problem.tasks).map(|t| item.scores[t].max(rows[place + 1][t])).collect();
    }
    rows
}

impl Search<'_> {
    /// Adds each later item in turn. `room` is what is left of both budgets, `bytes` what is
    /// taken, `served` the best score per task so far.
    fn extend(&mut self, from: usize, room: [u64; 2], bytes: u64, served: &[Option<i64>]) {
        if self.chosen.len() == self.problem.max_models {
            return;
        }
        for place in from..self.order.len() {
            if !self.can_reach(place, bytes, served) {
                return;
            }
            let index = self.order[place];
            let item = &self.problem.items[index];
            let fits = item.memory[0] <= room[0] && item.memory[1] <= room[1];
            let twin = self.chosen.iter().any(|&c| self.problem.items[c].variant == item.variant);
            if !fits || twin {
                continue;
            }
            let room = [room[0] - item.memory[0], room[1] - item.memory[1]];
            let served: Vec<Option<i64>> =
                served.iter().zip(&item.scores).map(|(a, b)| *a.max(b)).collect();
            let bytes = bytes + item.bytes;
            self.chosen.push(index);
            self.offer();
            self.extend(place + 1, room, bytes, &served);
            self.chosen.pop();
        }
    }

    /// Whether sets that add items from `place` on can still enter the kept ones.
    fn can_reach(&self, place: usize, bytes: u64, served: &[Option<i64>]) -> bool {
        let later = &self.later_best[place];
        let bound: Option<i64> = served.iter().zip(later).map(|(a, b)| *a.max(b)).sum();
        let (Some(bound), true) = (bound, self.kept.len() == self.count) else {
            // A task that nothing later serves can only be served already.
            return bound.is_some();
        };
        self.kept.last().is_none_or(|worst| {
            bound > worst.objective || (bound == worst.objective && bytes < worst.bytes)
        })
    }

    fn offer(&mut self) {
        let Some(solution) = self.problem.solution(self.chosen.clone()) else { return };
        if !self.problem.each_is_useful(&solution) {
            return;
        }
        let families = self.problem.families(&solution.items);
        let same = self.kept.iter().position(|k| self.problem.families(&k.items) == families);
        match same {
            Some(at) if solution.rank(&self.kept[at]).is_lt() => self.kept[at] = solution,
            Some(_) => return,
            None => self.kept.push(solution),
        }
        self.kept.sort_by(Solution::rank);
        self.kept.truncate(self.count);
    }
}
