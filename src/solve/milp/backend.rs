//! The backend: microlp, or HiGHS with the feature `highs`. Only this file names it.

use crate::solve::found::Solver;

#[cfg(not(feature = "highs"))]
mod chosen {
    use super::Solver;
    use good_lp::solvers::microlp;

    pub(in crate::solve) const SOLVER: Solver = Solver::Microlp;
    /// It looks at its time limit every thousand pivots, which take as long as the program has rows.
    pub(in crate::solve) const LARGEST_ROWS: usize = 20_000;
    pub(in crate::solve::milp) type Model = microlp::MicroLpProblem;
    pub(in crate::solve::milp) type Assignment = microlp::MicroLpSolution;

    pub(in crate::solve::milp) fn build(problem: good_lp::variable::UnsolvedProblem) -> Model {
        problem.using(good_lp::microlp)
    }

    /// What no answer exceeds, in whole steps; a step is added for what rounding may have lost.
    #[expect(clippy::cast_possible_truncation, reason = "steps stay far below 2^53")]
    pub(in crate::solve::milp) fn bound(answer: Assignment) -> Option<i64> {
        let bound = answer.into_inner().stats().best_bound?;
        bound.is_finite().then(|| bound.ceil() as i64 + 1)
    }
}

#[cfg(feature = "highs")]
mod chosen {
    use super::Solver;
    use good_lp::WithMipGap as _;
    use good_lp::solvers::highs;

    pub(in crate::solve) const SOLVER: Solver = Solver::Highs;
    pub(in crate::solve) const LARGEST_ROWS: usize = 1_000_000;
    pub(in crate::solve::milp) type Model = highs::HighsProblem;
    pub(in crate::solve::milp) type Assignment = highs::HighsSolution;

    pub(in crate::solve::milp) fn build(problem: good_lp::variable::UnsolvedProblem) -> Model {
        let mut model = problem.using(good_lp::highs);
        model.set_verbose(false);
        match model.with_mip_gap(0.0) {
            Ok(model) => model,
            Err(_) => unreachable!("zero is a gap"),
        }
    }

    /// It keeps its bound to itself.
    pub(in crate::solve::milp) fn bound(_: Assignment) -> Option<i64> {
        None
    }
}

pub(super) use chosen::{Assignment, bound, build};
pub(in crate::solve) use chosen::{LARGEST_ROWS, SOLVER};
