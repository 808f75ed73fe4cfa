//! A feasible set, what it is worth, and which of two ranks higher.

use std::cmp::Ordering;

use crate::solve::problem::{Pin, Problem, Serves};

/// A feasible set. Its rank is explained in [`crate::solve::problem`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// Indices of the chosen items, rising.
    pub items: Vec<usize>,
    /// For each task the item that serves it.
    pub servers: Vec<usize>,
    /// How many pins serve a task, of those that are to serve where it is possible.
    pub pins_serving: usize,
    /// Sum over the tasks of the scores by which they are served.
    pub objective: i64,
    /// Those of the items that serve no task, rising.
    pub idle: Vec<usize>,
    /// Sum of what the idle items are worth.
    pub idle_worth: i64,
    /// Bytes of physical memory that the items take.
    pub memory: u64,
    /// Whether nothing ranks higher but the sets that stand before it, and what contains the
    /// families of one of those; false where a limit came first. Where it came while sets that are
    /// equal down to their memory were compared by name, that says nothing of their order.
    pub proven: bool,
}

impl Solution {
    /// The set in which the items of `servers` serve the tasks and those of `also` are loaded too;
    /// none where it is not feasible. It is not proven to be anything more.
    pub(super) fn of(problem: &Problem, servers: &[usize], also: &[usize]) -> Option<Self> {
        let mut items: Vec<usize> = servers.iter().chain(also).copied().collect();
        items.sort_unstable();
        items.dedup();
        let set = Self::unchecked(problem, servers.to_vec(), items)?;
        let met = |pin: &Pin| set.items.iter().any(|&i| pin.is_met_by(i));
        let pinned = |i: &usize| problem.pins.iter().any(|pin| pin.is_met_by(*i));
        let feasible = set.items.len() <= problem.max_models
            && problem.holds(&set.items)
            && problem.pins.iter().all(met)
            && set.serves_what_must(problem)
            && set.idle.iter().all(pinned);
        feasible.then_some(set)
    }

    /// The same without asking whether it keeps to anything but the scores; `items` are rising.
    pub(super) fn unchecked(
        problem: &Problem,
        servers: Vec<usize>,
        items: Vec<usize>,
    ) -> Option<Self> {
        let scores = servers.iter().enumerate();
        let objective = scores
            .map(|(t, &i)| problem.items[i].scores[t])
            .sum::<Option<i64>>()?;
        let idle: Vec<usize> = items
            .iter()
            .copied()
            .filter(|i| !servers.contains(i))
            .collect();
        Some(Self {
            pins_serving: serving(problem, &servers, Serves::IfPossible).count(),
            objective,
            idle_worth: idle.iter().map(|&i| problem.items[i].idle_worth).sum(),
            idle,
            memory: problem.memory(&items),
            items,
            servers,
            proven: false,
        })
    }

    /// The same set where its items have other scores; none where one does not serve its task any
    /// more. It is not proven to be anything more.
    #[must_use]
    pub fn rescored(&self, problem: &Problem) -> Option<Self> {
        Self::unchecked(problem, self.servers.clone(), self.items.clone())
    }

    fn serves_what_must(&self, problem: &Problem) -> bool {
        let must = problem.pins.iter().filter(|p| p.serves == Serves::Must);
        must.count() == serving(problem, &self.servers, Serves::Must).count()
    }

    /// Better first.
    #[must_use]
    pub fn rank(&self, other: &Self) -> Ordering {
        let worth = |s: &Self| (s.pins_serving, s.objective);
        worth(other)
            .cmp(&worth(self))
            .then_with(|| self.idle.len().cmp(&other.idle.len()))
            .then_with(|| other.idle_worth.cmp(&self.idle_worth))
            .then_with(|| self.memory.cmp(&other.memory))
            .then_with(|| self.items.len().cmp(&other.items.len()))
            .then_with(|| self.items.cmp(&other.items))
    }

    /// The same set with each task at the item of the lowest index that serves it as well.
    pub(super) fn settled(mut self, problem: &Problem) -> Self {
        for task in 0..self.servers.len() {
            for &item in &self.items {
                if item >= self.servers[task] {
                    break;
                }
                let mut servers = self.servers.clone();
                servers[task] = item;
                let other = Self::unchecked(problem, servers, self.items.clone());
                let other = other.filter(|o| o.serves_what_must(problem) && !o.rank(&self).is_gt());
                if let Some(other) = other {
                    self = Self {
                        proven: self.proven,
                        ..other
                    };
                    break;
                }
            }
        }
        self
    }
}

/// The pins of a kind of which an item serves a task.
fn serving<'a>(
    problem: &'a Problem,
    servers: &'a [usize],
    kind: Serves,
) -> impl Iterator<Item = &'a Pin> {
    let pins = problem.pins.iter().filter(move |pin| pin.serves == kind);
    pins.filter(|pin| servers.iter().any(|&i| pin.is_met_by(i)))
}
