//! From a request to the best sets: candidates, the problem in whole numbers, its solution.

use crate::memory::limits::Limits;
use crate::plan::request::Request;
use crate::plan::score::STEPS;
use crate::scenario::candidates;
use crate::scenario::candidates::{Candidate, Pool, Setting};
use crate::scenario::error::RecommendError;
use crate::solve::{Deadline, Found, Item, Pin, Problem, Serves, Solution};

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
        sets: count,
        ..problem(setting, &pool)
    };
    let (found, at_the_edge) =
        clear_of_failure(setting.request, setting.limits, &problem, deadline);
    Ok(Solved {
        pool,
        problem,
        kept: found.after_presolve,
        bound: found.bound.unwrap_or(0),
        proven: found.is_proven(),
        method: found.solver.to_string(),
        solutions: found.solutions,
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

/// The problem in whole numbers: bytes, and steps of score.
#[must_use]
pub fn problem(setting: Setting<'_>, pool: &Pool<'_>) -> Problem {
    let shares = setting.request.shares();
    let items = pool.candidates.iter().map(|c| Item {
        family: c.model_number,
        variant: c.variant_number,
        memory: [c.demand.gpu.0, c.demand.total.0],
        scores: c
            .scores
            .iter()
            .zip(&shares)
            .map(|(score, share)| score.map(|s| steps(s, *share)))
            .collect(),
        idle_worth: idle_worth(c),
    });
    let pins = setting.request.pins.iter().map(|pin| pinned(pool, pin));
    Problem {
        items: items.collect(),
        budgets: [
            setting.limits.gpu_budget().0,
            setting.limits.physical_budget().0,
        ],
        max_models: setting.request.max_models,
        tasks: setting.request.tasks.len(),
        pins: pins.collect(),
        sets: 1,
    }
}

/// The candidates that a model or variant is called, to serve where that is possible.
#[must_use]
pub fn pinned(pool: &Pool<'_>, name: &str) -> Pin {
    let meets = |&i: &usize| pool.candidates[i].is_called(name);
    Pin {
        items: (0..pool.candidates.len()).filter(meets).collect(),
        serves: Serves::IfPossible,
    }
}

/// What a candidate is worth that serves nothing, in thousandths: its best score for a task of the
/// request; less than any other beyond [`IDLE_CONTEXT`].
#[expect(
    clippy::cast_possible_truncation,
    reason = "a number from 0 to 1 times 1000"
)]
fn idle_worth(c: &Candidate<'_>) -> i64 {
    if c.settings.context > IDLE_CONTEXT {
        return 0;
    }
    let best = c.scores.iter().flatten().copied().fold(0.0, f64::max);
    1 + (best * 1000.0).round() as i64
}

/// Solves, and where the best set would fill memory to the share that was seen to fail, solves for
/// the best that does not. That one is taken where it costs no more than [`WORTH_THE_EDGE`]; the
/// set that it was preferred to comes second. A request that keeps to a study's measurements gets
/// the study's choice, however full.
#[must_use]
pub fn clear_of_failure(
    request: &Request,
    limits: &Limits,
    problem: &Problem,
    deadline: Deadline<'_>,
) -> (Found, Option<Solution>) {
    let solve = |problem: &Problem| crate::solve::solve(problem, request.method, deadline);
    let all = solve(problem);
    let clear = limits.clear_of_failure().map(|bytes| bytes.0);
    let clear = clear.filter(|_| request.campaign.is_none());
    let (Some(best), Some(clear)) = (all.solutions.first(), clear) else {
        return (all, None);
    };
    if best.memory <= clear {
        return (all, None);
    }
    let budgets = [problem.budgets[0], clear.min(problem.budgets[1])];
    let found = solve(&Problem {
        budgets,
        ..problem.clone()
    });
    let preferred = found
        .solutions
        .first()
        .is_some_and(|s| s.objective + WORTH_THE_EDGE >= best.objective);
    if preferred {
        let best = best.clone();
        (found, Some(best))
    } else {
        (all, None)
    }
}

#[expect(clippy::cast_precision_loss, reason = "steps stay far below 2^53")]
/// Steps as a score.
#[must_use]
pub fn points(steps: i64) -> f64 {
    steps as f64 / STEPS
}
