//! From a request to the best sets: candidates, the problem in whole numbers, its solution.

use std::cell::Cell;

use crate::memory::limits::Limits;
use crate::plan::request::Request;
use crate::plan::score::STEPS;
use crate::scenario::candidates;
use crate::scenario::candidates::{Candidate, Pool, Setting};
use crate::scenario::error::RecommendError;
use crate::solve::deadline::Deadline;
use crate::solve::{
    Item, Method, Problem, SEARCH_DUTIES, Solution, greedy, milp, presolve, search,
};
use crate::units::Bytes;

/// The longest context that a model gets which serves no task of the request.
const IDLE_CONTEXT: u32 = 65_536;

/// What a loadout must gain, in steps of score, to be worth a machine that is nearly full: a
/// fiftieth.
const WORTH_THE_EDGE: i64 = 2_000;

/// The solve with all that its answer is explained from.
#[derive(Debug, Clone)]
pub struct Solved<'a> {
    /// What could be loaded and what could not.
    pub pool: Pool<'a>,
    /// The problem in whole numbers; items stand as the pool's candidates.
    pub problem: Problem,
    /// Items that presolve left.
    pub kept: usize,
    /// The best and its runners-up; empty where nothing is feasible.
    pub solutions: Vec<Solution>,
    /// What no set can exceed, in steps.
    pub bound: i64,
    /// Whether the first is the proven optimum.
    pub proven: bool,
    /// The method that solved it.
    pub method: String,
    /// The best set of all, where it would fill the machine so far that another was preferred.
    pub at_the_edge: Option<Solution>,
}

impl<'a> Solved<'a> {
    /// The candidates of the best set; none where nothing is feasible.
    #[must_use]
    pub fn chosen(&self) -> Vec<&Candidate<'a>> {
        self.solutions
            .first()
            .map_or_else(Vec::new, |s| self.members(s))
    }

    /// The candidates of a set.
    #[must_use]
    pub fn members(&self, solution: &Solution) -> Vec<&Candidate<'a>> {
        let of = |&i: &usize| &self.pool.candidates[i];
        solution.items.iter().map(of).collect()
    }

    /// The score of the best set; 0 where nothing is feasible.
    #[must_use]
    pub fn score(&self) -> f64 {
        self.solutions.first().map_or(0.0, |s| points(s.objective))
    }
}

/// Builds the candidates and solves for the best sets.
///
/// # Errors
/// When the request pins too much, or the solver fails.
pub fn solve<'a>(
    setting: Setting<'a>,
    count: usize,
    deadline: Deadline<'_>,
) -> Result<Solved<'a>, RecommendError> {
    let request = setting.request;
    if request.pins.len() > request.max_models {
        return Err(RecommendError::TooManyPins {
            pins: request.pins.len(),
            models: request.max_models,
        });
    }
    let pool = candidates::pool(setting);
    solve_pool(setting, pool, request.max_models, count, deadline)
}

/// Solves over a pool of candidates, until the deadline: then the answer is the best found, with
/// its bound.
///
/// # Errors
/// When the solver fails.
pub fn solve_pool<'a>(
    setting: Setting<'a>,
    pool: Pool<'a>,
    max_models: usize,
    count: usize,
    deadline: Deadline<'_>,
) -> Result<Solved<'a>, RecommendError> {
    let problem = Problem {
        max_models,
        ..problem(setting, &pool)
    };
    let duties = problem.tasks + problem.pins.len();
    let by_search = match setting.request.method {
        Method::Search => true,
        Method::Milp => false,
        Method::Auto => duties <= SEARCH_DUTIES,
    };
    let method = if by_search {
        "exact search".to_owned()
    } else {
        format!("integer program ({})", milp::backend())
    };
    let kept = Cell::new(0);
    let (found, at_the_edge) =
        clear_of_failure(setting.request, setting.limits, &problem, |problem| {
            let items = presolve::keep(problem);
            kept.set(items.len());
            if deadline.passed() {
                Ok(greedy::guess(problem, &items))
            } else if by_search {
                let found = search::within(problem, &items, count, &|| deadline.passed());
                Ok(if found.complete || !found.solutions.is_empty() {
                    found
                } else {
                    greedy::guess(problem, &items)
                })
            } else {
                Ok::<_, RecommendError>(milp::best(problem, &items, count, deadline)?)
            }
        })?;
    let solutions = found.solutions.into_iter();
    let solutions = solutions.map(|s| settled(&problem, &pool, s));
    Ok(Solved {
        solutions: solutions.collect(),
        pool,
        problem,
        kept: kept.get(),
        bound: found.bound.unwrap_or(0),
        proven: found.complete,
        method,
        at_the_edge,
    })
}

/// A score times the share of its task, in whole steps.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a number from 0 to 1 times 100,000"
)]
pub fn steps(total: f64, share: f64) -> i64 {
    (total * share * STEPS).round() as i64
}

/// The problem in whole numbers: MiB, and steps of score.
#[must_use]
pub fn problem(setting: Setting<'_>, pool: &Pool<'_>) -> Problem {
    let shares = setting.request.shares();
    let items = pool.candidates.iter().map(|c| Item {
        family: c.model_number,
        variant: c.variant_number,
        memory: [c.demand.gpu.mib_ceil(), c.demand.total.mib_ceil()],
        scores: c
            .scores
            .iter()
            .zip(&shares)
            .map(|(score, share)| score.map(|s| steps(s, *share)))
            .collect(),
    });
    let pins = setting.request.pins.iter().map(|pin| {
        let meets = |&i: &usize| pool.candidates[i].is_called(pin);
        (0..pool.candidates.len()).filter(meets).collect()
    });
    Problem {
        items: items.collect(),
        budgets: [
            setting.limits.gpu_budget().mib_floor(),
            setting.limits.physical_budget().mib_floor(),
        ],
        max_models: setting.request.max_models,
        tasks: setting.request.tasks.len(),
        pins: pins.collect(),
    }
}

/// Solves, and where the best set would fill memory to the share that was seen to fail, solves for
/// the best that does not. That one is taken where it costs no more than [`WORTH_THE_EDGE`]; the
/// set that it was preferred to comes second. A request that keeps to a study's measurements gets
/// the study's choice, however full.
///
/// # Errors
/// Those of `solve`.
pub fn clear_of_failure<E>(
    request: &Request,
    limits: &Limits,
    problem: &Problem,
    solve: impl Fn(&Problem) -> Result<search::Found, E>,
) -> Result<(search::Found, Option<Solution>), E> {
    let all = solve(problem)?;
    let clear = limits.clear_of_failure().map(Bytes::mib_floor);
    let clear = clear.filter(|_| request.campaign.is_none());
    let (Some(best), Some(clear)) = (all.solutions.first(), clear) else {
        return Ok((all, None));
    };
    if best.memory <= clear {
        return Ok((all, None));
    }
    let budgets = [problem.budgets[0], clear.min(problem.budgets[1])];
    let found = solve(&Problem {
        budgets,
        ..problem.clone()
    })?;
    let preferred = found
        .solutions
        .first()
        .is_some_and(|s| s.objective + WORTH_THE_EDGE >= best.objective);
    Ok(if preferred {
        let best = best.clone();
        (found, Some(best))
    } else {
        (all, None)
    })
}

/// A set as it is to be loaded: without what serves nothing, which a search that was stopped may
/// leave in it, and with room for what is only pinned.
#[must_use]
pub fn settled(problem: &Problem, pool: &Pool<'_>, mut solution: Solution) -> Solution {
    let serving = servers(problem, &solution.items);
    for idle in solution.items.clone() {
        let rest: Vec<usize> = solution
            .items
            .iter()
            .copied()
            .filter(|&i| i != idle)
            .collect();
        if !serving.contains(&idle)
            && let Some(smaller) = problem.solution(rest)
            && smaller.objective >= solution.objective
        {
            solution = smaller;
        }
    }
    with_room_for_idle(problem, pool, solution)
}

/// Gives each model that serves no task, and so was chosen where it takes least memory, the
/// longest context up to [`IDLE_CONTEXT`] that still fits: a pinned model is there to be used.
fn with_room_for_idle(problem: &Problem, pool: &Pool<'_>, mut solution: Solution) -> Solution {
    let serving = servers(problem, &solution.items);
    for n in 0..solution.items.len() {
        let idle = solution.items[n];
        if serving.contains(&idle) {
            continue;
        }
        let of = |i: usize| &pool.candidates[i];
        let longer = (0..pool.candidates.len()).rev().filter_map(|i| {
            let context = of(i).settings.context;
            let longer = of(i).variant_number == of(idle).variant_number
                && context > of(idle).settings.context
                && context <= IDLE_CONTEXT;
            longer.then(|| {
                let mut chosen = solution.items.clone();
                chosen[n] = i;
                problem.solution(chosen)
            })?
        });
        let context = |s: &Solution| s.items.iter().map(|&i| of(i).settings.context).sum::<u32>();
        if let Some(longest) = longer.max_by_key(context) {
            solution = longest;
        }
    }
    solution
}

/// Which of the chosen serves each task: the best score, the first where equal.
#[must_use]
pub fn servers(problem: &Problem, chosen: &[usize]) -> Vec<usize> {
    (0..problem.tasks)
        .filter_map(|t| {
            chosen
                .iter()
                .copied()
                .max_by_key(|&i| (problem.items[i].scores[t], std::cmp::Reverse(i)))
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "steps stay far below 2^53")]
/// Steps as a score.
#[must_use]
pub fn points(steps: i64) -> f64 {
    steps as f64 / STEPS
}
