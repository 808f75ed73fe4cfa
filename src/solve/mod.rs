//! The choice itself: whole numbers in, a provably best set out.
//!
//! [`problem`] says what is to be solved and which set ranks higher; [`solve`] is the one way in.
//! It drops what cannot matter (`presolve`), and hands the rest to the exact search (`search`) or to
//! an integer program (`milp`, through good_lp). Both give the same optimum: tests compare them with
//! brute force.

mod assign;
pub mod deadline;
pub mod found;
mod greedy;
mod method;
mod milp;
mod presolve;
pub mod problem;
mod search;
pub mod solution;

pub use deadline::Deadline;
pub use found::{Found, Instead, Solver, Status};
pub use method::Method;
pub use problem::{BUDGETS, Item, NO_LIMIT, Pin, Problem, Serves, Taken};
pub use solution::Solution;

use crate::solve::search::Searched;

/// The best sets of a problem, with what is proven of them. Whatever the method, the answer is
/// there soon after the deadline.
#[must_use]
pub fn solve(problem: &Problem, method: Method, deadline: Deadline<'_>) -> Found {
    let Some(kept) = presolve::keep(problem, deadline) else {
        return out_of_time(problem, None).found(problem, problem.items.len());
    };
    let smaller = problem.only(&kept);
    let mut reached = answer(&smaller, method, deadline);
    for set in &mut reached.searched.solutions {
        for item in set
            .items
            .iter_mut()
            .chain(&mut set.servers)
            .chain(&mut set.idle)
        {
            *item = kept[*item];
        }
    }
    reached.found(problem, kept.len())
}

/// The same without presolve, for tests of it.
#[doc(hidden)]
#[must_use]
pub fn solve_whole(problem: &Problem, method: Method, deadline: Deadline<'_>) -> Found {
    answer(problem, method, deadline).found(problem, problem.items.len())
}

struct Reached {
    searched: Searched,
    solver: Solver,
    instead: Option<Instead>,
}

fn answer(problem: &Problem, method: Method, deadline: Deadline<'_>) -> Reached {
    let searchable = search::can_serve(problem);
    let by_program = match method {
        Method::Auto => !searchable,
        Method::Search => false,
        Method::Milp => true,
    };
    let mut instead = None;
    if by_program {
        match milp::best(problem, deadline) {
            Ok(searched) => {
                return answered(searched, milp::SOLVER, problem);
            }
            Err(why) => instead = Some(why),
        }
    }
    let searched = if searchable {
        search::best(problem, deadline).ok_or(Instead::NumbersTooLarge)
    } else {
        let duties = problem.tasks + problem.pins.len();
        Err(Instead::TooManyTasks { duties })
    };
    match searched {
        Ok(searched) => Reached {
            instead,
            ..answered(searched, Solver::ExactSearch, problem)
        },
        Err(why) => out_of_time(problem, instead.or(Some(why))),
    }
}

/// What a method found, and where that is nothing, what can be said at once.
fn answered(searched: Searched, solver: Solver, problem: &Problem) -> Reached {
    if searched.complete || !searched.solutions.is_empty() {
        let loose = greedy::loose_bound(problem);
        let bound = searched.bound.into_iter().chain(loose).min();
        let searched = Searched { bound, ..searched };
        return Reached {
            searched,
            solver,
            instead: None,
        };
    }
    out_of_time(problem, None)
}

fn out_of_time(problem: &Problem, instead: Option<Instead>) -> Reached {
    let bound = greedy::loose_bound(problem);
    Reached {
        searched: Searched {
            solutions: greedy::best(problem).into_iter().collect(),
            bound,
            complete: false,
        },
        solver: Solver::Greedy,
        instead,
    }
}

impl Reached {
    fn found(self, problem: &Problem, after_presolve: usize) -> Found {
        let Searched {
            solutions,
            bound,
            complete,
        } = self.searched;
        let status = match (solutions.is_empty(), complete) {
            (false, true) => Status::Proven,
            (false, false) => Status::BestFound,
            (true, true) => Status::Infeasible,
            (true, false) => Status::NothingFound,
        };
        Found {
            bound: bound.filter(|_| status != Status::Infeasible),
            solutions,
            status,
            solver: self.solver,
            instead: self.instead,
            candidates: problem.items.len(),
            after_presolve,
        }
    }
}
