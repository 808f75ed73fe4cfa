//! Objective, idle items, what those are worth, and memory as one number.
//!
//! Each rule of the rank gets a factor above all that the rules after it can add up to:
//! score x `score` + (idle worth - `idle_base`) x `idle` - bytes of physical memory. With `idle_base`
//! above what any number of idle items can gain, fewer idle items are worth more.

use crate::solve::problem::{Item, Problem};
use crate::solve::search::entry::Worth;
use crate::solve::solution::Solution;

/// The product of the worth of a set and the memory of an entry stays below 2 to this, which leaves
/// two bits to the difference of two worths, and the sign.
const LARGEST_BITS: u32 = 125;

/// The factors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    score: Worth,
    idle: Worth,
    idle_base: Worth,
}

impl Scale {
    /// For a problem; none where its numbers are too large to be multiplied exactly.
    pub(super) fn of(problem: &Problem) -> Option<Self> {
        let idle = problem.pins.iter().flat_map(|pin| &pin.items);
        let idle = idle.map(|&i| Worth::from(problem.items[i].idle_worth));
        let (least, most) = idle.fold((0, 0), |(least, most), worth| {
            (worth.min(least), worth.max(most))
        });
        let pins = Worth::try_from(problem.pins.len()).ok()?;
        // One more idle item costs more than all of them can gain.
        let idle_base = most + pins * (most - least) + 1;
        let idle_total = pins * (idle_base - least);
        let memory = largest_memory(problem);
        let entry = largest_entry(problem);
        let scale = Self {
            score: (idle_total + 1).checked_mul(memory + 1)?,
            idle: memory + 1,
            idle_base,
        };
        let bits = |n: Worth| Worth::BITS - n.leading_zeros();
        let total = bits(scores(&problem.items, problem.tasks)) + bits(scale.score) + bits(entry);
        (total <= LARGEST_BITS).then_some(scale)
    }

    /// The worth of an item that serves tasks by these scores.
    pub(super) fn serving(&self, scores: i64, item: &Item) -> Worth {
        Worth::from(scores) * self.score - Worth::from(item.memory[1])
    }

    /// The worth of an item that idles.
    pub(super) fn idle(&self, item: &Item) -> Worth {
        (Worth::from(item.idle_worth) - self.idle_base) * self.idle - Worth::from(item.memory[1])
    }

    /// The worth of a set.
    pub(super) fn set(&self, set: &Solution) -> Worth {
        let idle = Worth::try_from(set.idle.len()).unwrap_or(0) * self.idle_base;
        Worth::from(set.objective) * self.score + (Worth::from(set.idle_worth) - idle) * self.idle
            - Worth::from(set.memory)
    }

    /// The objective of a set that is worth so much, or the most that it can be.
    pub(super) fn objective(&self, worth: Worth) -> i64 {
        i64::try_from(-(-worth).div_euclid(self.score)).unwrap_or(i64::MAX)
    }
}

/// The most of any budget that an item takes which fits.
fn largest_entry(problem: &Problem) -> Worth {
    let fitting = (0..problem.items.len()).filter(|&i| problem.fits_alone(i));
    let of = |i: usize| problem.items[i].memory.into_iter().max().unwrap_or(0);
    Worth::from(fitting.map(of).max().unwrap_or(0))
}

/// The most physical memory that a feasible set can take.
fn largest_memory(problem: &Problem) -> Worth {
    let models = problem.max_models.min(problem.tasks + problem.pins.len());
    let models = Worth::try_from(models).unwrap_or(Worth::MAX >> 64);
    let all = largest_entry(problem).saturating_mul(models);
    all.min(Worth::from(problem.budgets[1]))
}

/// The largest sum of scores, whatever their signs.
fn scores(items: &[Item], tasks: usize) -> Worth {
    let of_task = |t: usize| {
        let scores = items.iter().filter_map(|i| i.scores[t]);
        scores.map(i64::unsigned_abs).max().map_or(0, Worth::from)
    };
    (0..tasks).map(of_task).sum()
}
