//! The exact search: every split of the tasks among the members of a set, bounded and searched.
//!
//! Each split is a knapsack of several budgets with multiple choice. `classes` and `dominance` keep
//! for each part what none beats, `hull` bounds what parts can reach, `split` is branch and bound
//! under that, and `settle` goes on where it takes long: `reduce`, then `meet_in_the_middle`.
//! `first_by_name` breaks the last ties, `ranked` finds the runners-up.

mod classes;
mod dominance;
mod entry;
mod first_by_name;
mod front;
mod hull;
mod incumbent;
mod lattice;
mod meet_in_the_middle;
mod partitions;
mod range;
mod ranked;
mod reduce;
mod scale;
mod settle;
mod split;

use crate::solve::deadline::Deadline;
use crate::solve::problem::Problem;

pub(super) use ranked::Searched;

/// Splits that the search goes through at most; it keeps some hundred bytes of each.
const LARGEST_COUNT: u64 = 2_000_000;
/// Tasks that it serves at most: what it prepares doubles with each.
const LARGEST_TASKS: usize = 14;

/// The best sets that are found before the deadline.
pub(super) fn best(problem: &Problem, deadline: Deadline<'_>) -> Option<Searched> {
    let scale = scale::Scale::of(problem)?;
    Some(ranked::best(problem, scale, deadline))
}

/// Whether the search can go through all ways to split the tasks and pins of a problem.
pub(super) fn can_serve(problem: &Problem) -> bool {
    let duties = problem.tasks + problem.pins.len();
    problem.tasks <= LARGEST_TASKS && partitions::count(duties, problem.max_models) <= LARGEST_COUNT
}
