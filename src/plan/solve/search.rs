//! An exact branch and bound over sets of few items.
//!
//! Items are taken in the order of what they promise; a set grows only by later items. A branch
//! ends when even the best of the later items for every task, memory aside, cannot reach the best
//! set so far; where it can only tie, memory decides, so it also ends when it already takes as many
//! bytes.
//!
//! Each runner-up is searched for with the sets of families found before it, and all that contain
//! one, left out. Nothing is lost by that: adding to a best set cannot make it better, only larger.

use super::problem::{Problem, Solution};

/// The best sets, best first, none containing the families of a better one; the first is the
/// proven optimum.
#[must_use]
pub fn best(problem: &Problem, items: &[usize], count: usize) -> Vec<Solution> {
    let mut order = items.to_vec();
    let promise = |i: usize| problem.items[i].scores.iter().flatten().sum::<i64>();
    order.sort_by_key(|&i| (std::cmp::Reverse(promise(i)), problem.items[i].bytes, i));
    let mut search = Search {
        problem,
        later_best: later_best(problem, &order),
        order,
        forbidden: Vec::new(),
        best: None,
        chosen: Vec::new(),
    };
    let nothing = vec![None; problem.tasks];
    let mut found = Vec::new();
    while found.len() < count {
        search.extend(0, problem.budgets, 0, &nothing);
        let Some(best) = search.best.take() else {
            break;
        };
        search.forbidden.push(problem.families(&best.items));
        found.push(best);
    }
    found
}

struct Search<'a> {
    problem: &'a Problem,
    order: Vec<usize>,
    /// For each place in the order, the best score per task from there on.
    later_best: Vec<Vec<Option<i64>>>,
    /// Sets of families already found.
    forbidden: Vec<Vec<usize>>,
    best: Option<Solution>,
    chosen: Vec<usize>,
}

fn later_best(problem: &Problem, order: &[usize]) -> Vec<Vec<Option<i64>>> {
    let mut rows = vec![vec![None; problem.tasks]; order.len() + 1];
    for place in (0..order.len()).rev() {
        let item = &problem.items[order[place]];
        rows[place] = (0..problem.tasks)
            .map(|t| item.scores[t].max(rows[place + 1][t]))
            .collect();
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
            let twin = self
                .chosen
                .iter()
                .any(|&c| self.problem.items[c].variant == item.variant);
            if !fits || twin {
                continue;
            }
            let room = [room[0] - item.memory[0], room[1] - item.memory[1]];
            let served: Vec<Option<i64>> = served
                .iter()
                .zip(&item.scores)
                .map(|(a, b)| *a.max(b))
                .collect();
            let bytes = bytes + item.bytes;
            self.chosen.push(index);
            if !self.is_forbidden() {
                self.offer();
                self.extend(place + 1, room, bytes, &served);
            }
            self.chosen.pop();
        }
    }

    /// Whether sets that add items from `place` on can still beat the best so far.
    fn can_reach(&self, place: usize, bytes: u64, served: &[Option<i64>]) -> bool {
        let later = &self.later_best[place];
        let bound: Option<i64> = served.iter().zip(later).map(|(a, b)| *a.max(b)).sum();
        match (bound, &self.best) {
            // A task that nothing serves, so far or later.
            (None, _) => false,
            (Some(_), None) => true,
            (Some(bound), Some(best)) => {
                bound > best.objective || (bound == best.objective && bytes < best.bytes)
            }
        }
    }

    fn is_forbidden(&self) -> bool {
        let has = |family: usize| {
            self.chosen
                .iter()
                .any(|&i| self.problem.items[i].family == family)
        };
        self.forbidden
            .iter()
            .any(|set| set.iter().all(|&family| has(family)))
    }

    fn offer(&mut self) {
        let Some(solution) = self.problem.solution(self.chosen.clone()) else {
            return;
        };
        if self
            .best
            .as_ref()
            .is_none_or(|best| solution.rank(best).is_lt())
        {
            self.best = Some(solution);
        }
    }
}
