//! The same choice as an integer program, through good_lp: the reference, and what serves where
//! there are too many tasks to split.
//!
//! Each rule of the rank is a program of its own, with what the rules before it gave held: pins
//! that serve, objective, idle items, memory. Memory is scaled by a power of two and sums of scores
//! are far below 2^53, so that coefficients are exact; the gap is 0, and what is chosen is computed
//! again in whole numbers. Between sets that are equal down to their memory, within the backend's
//! tolerance, the backend chooses.

mod backend;
mod program;
mod variables;

use crate::solve::deadline::Deadline;
use crate::solve::found::Instead;
use crate::solve::greedy;
use crate::solve::milp::backend::LARGEST_ROWS;
use crate::solve::milp::program::{Goal, Program, Ran};
use crate::solve::problem::{Problem, Serves};
use crate::solve::search::Searched;
use crate::solve::solution::Solution;

pub(super) use backend::SOLVER;

/// The best sets, best first, none containing the families of a better one: each runner-up is
/// solved with cuts that forbid the sets found before it and all that contain one. At the deadline
/// the best found so far is the answer, with what none can exceed.
///
/// # Errors
/// When the program is larger than what its backend was seen to solve, or the backend fails.
pub(super) fn best(problem: &Problem, deadline: Deadline<'_>) -> Result<Searched, Instead> {
    let rows = program::rows(problem);
    if rows > LARGEST_ROWS {
        return Err(Instead::TooLarge {
            rows,
            limit: LARGEST_ROWS,
        });
    }
    let guess = greedy::best(problem);
    let mut found: Vec<Solution> = Vec::new();
    let mut bound = None;
    let mut complete = true;
    while found.len() < problem.sets && complete {
        let forbidden: Vec<Vec<usize>> = found.iter().map(|s| problem.families(&s.items)).collect();
        let program = Program {
            problem,
            forbidden: &forbidden,
            refused: Vec::new(),
            deadline,
        };
        let start = guess.as_ref().filter(|_| found.is_empty());
        let ran = match next(program, start) {
            Ok(ran) => ran,
            Err(why) if found.is_empty() => return Err(why),
            // What was found stands, and that there may be more.
            Err(_) => break,
        };
        complete = ran.complete;
        if found.is_empty() {
            bound = ran.bound;
        }
        let Some(set) = ran.solution else { break };
        found.push(Solution {
            proven: complete,
            ..set.settled(problem)
        });
    }
    let proven = found.first().map_or(complete, |best| best.proven);
    let objective = found.first().map(|best| best.objective);
    Ok(Searched {
        bound: if proven { objective } else { bound },
        complete: proven,
        solutions: found,
    })
}

/// The best set that a program allows: one solve for each rule of the rank.
fn next(mut program: Program<'_>, start: Option<&Solution>) -> Result<Ran, Instead> {
    let pins = &program.problem.pins;
    let goals = [Goal::PinsServing, Goal::Objective, Goal::Idle, Goal::Memory];
    let goals = goals.into_iter().filter(|goal| match goal {
        Goal::PinsServing => pins.iter().any(|pin| pin.serves == Serves::IfPossible),
        Goal::Idle => !pins.is_empty(),
        Goal::Objective | Goal::Memory => true,
    });
    let mut best = start.cloned();
    let mut held = Vec::new();
    let mut bound = None;
    for goal in goals {
        let ran = program.solve(goal, &held, best.as_ref())?;
        if ran.solution.is_none() && ran.complete {
            return Ok(ran);
        }
        best = ran.solution.into_iter().chain(best).min_by(Solution::rank);
        if goal == Goal::Objective {
            bound = ran.bound;
        }
        if !ran.complete {
            return Ok(Ran {
                solution: best,
                bound,
                complete: false,
            });
        }
        let Some(best) = &best else { break };
        held.push((goal, program.value(goal, best)));
    }
    Ok(Ran {
        bound: best.as_ref().map(|best| best.objective),
        solution: best,
        complete: true,
    })
}
