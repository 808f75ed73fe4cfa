//! The problem in whole numbers: items with memory and scores, two budgets, at most K of them.

use std::cmp::Ordering;

/// One candidate as the solver sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The model: runners-up are distinct in their sets of families.
    pub family: usize,
    /// The variant: at most one item of each.
    pub variant: usize,
    /// MiB against the GPU working set and against physical memory, rounded up.
    pub memory: [u64; 2],
    /// Score for each task in whole steps, weight included; none where it must not serve the task.
    pub scores: Vec<Option<i64>>,
}

/// What is to be solved. Items stand in the order of their names, which breaks the last ties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The candidates.
    pub items: Vec<Item>,
    /// MiB of the GPU working set and of physical memory, rounded down.
    pub budgets: [u64; 2],
    /// At most this many items.
    pub max_models: usize,
    /// How many tasks there are.
    pub tasks: usize,
    /// For each requirement the items of which one must be chosen, rising.
    pub pins: Vec<Vec<usize>>,
}

/// A feasible choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// Indices of the chosen items, rising.
    pub items: Vec<usize>,
    /// Sum over the tasks of the best score among the chosen.
    pub objective: i64,
    /// MiB of physical memory that the chosen take: what breaks ties first.
    pub memory: u64,
}

impl Problem {
    /// The value of a choice, where it serves every task.
    #[must_use]
    pub fn objective(&self, chosen: &[usize]) -> Option<i64> {
        (0..self.tasks)
            .map(|t| chosen.iter().filter_map(|&i| self.items[i].scores[t]).max())
            .sum()
    }

    /// Whether a choice keeps to the budgets, the number of models, one item per variant, the pins.
    #[must_use]
    pub fn allows(&self, chosen: &[usize]) -> bool {
        self.holds(chosen) && chosen.len() <= self.max_models && self.pinned(chosen)
    }

    /// Whether a choice keeps to the budgets and to one item per variant: what a part of a feasible
    /// choice keeps to as well.
    #[must_use]
    pub fn holds(&self, chosen: &[usize]) -> bool {
        let fits = (0..2).all(|d| {
            chosen.iter().map(|&i| self.items[i].memory[d]).sum::<u64>() <= self.budgets[d]
        });
        let apart = chosen.iter().enumerate().all(|(n, &i)| {
            chosen[..n]
                .iter()
                .all(|&j| self.items[i].variant != self.items[j].variant)
        });
        fits && apart
    }

    /// Whether every pin is met.
    #[must_use]
    pub fn pinned(&self, chosen: &[usize]) -> bool {
        self.pins
            .iter()
            .all(|pin| chosen.iter().any(|i| pin.contains(i)))
    }

    /// The solution that a choice is, where it is feasible.
    #[must_use]
    pub fn solution(&self, mut chosen: Vec<usize>) -> Option<Solution> {
        chosen.sort_unstable();
        let objective = self.objective(&chosen)?;
        self.allows(&chosen).then(|| Solution {
            memory: self.memory(&chosen),
            items: chosen,
            objective,
        })
    }

    /// MiB of physical memory that a choice takes.
    #[must_use]
    pub fn memory(&self, chosen: &[usize]) -> u64 {
        chosen.iter().map(|&i| self.items[i].memory[1]).sum()
    }

    /// The families of a choice, sorted, each once.
    #[must_use]
    pub fn families(&self, chosen: &[usize]) -> Vec<usize> {
        let mut families: Vec<usize> = chosen.iter().map(|&i| self.items[i].family).collect();
        families.sort_unstable();
        families.dedup();
        families
    }
}

impl Solution {
    /// Better first: higher objective, then least memory, then fewest models, then by name.
    #[must_use]
    pub fn rank(&self, other: &Self) -> Ordering {
        other
            .objective
            .cmp(&self.objective)
            .then_with(|| self.memory.cmp(&other.memory))
            .then_with(|| self.items.len().cmp(&other.items.len()))
            .then_with(|| self.items.cmp(&other.items))
    }
}
