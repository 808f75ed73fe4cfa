//! The same choice as an integer program, through good_lp. Only this module knows the backend.
//!
//! x_i says that item i is resident. Task t is worth its scores in levels: z_tl may be 1 only when
//! a resident item reaches level l, and each level is worth its step over the level below. Memory
//! is in whole MiB and scores in whole steps, so that an answer is exact; the gap is 0, and the
//! objective is computed again from the chosen items.

use good_lp::solvers::{SolutionStatus, WithInitialSolution as _, WithTimeLimit as _};
use good_lp::{
    Expression, ProblemVariables, ResolutionError, Solution as _, SolverModel as _, Variable,
    constraint, variable,
};

use crate::solve::deadline::Deadline;
use crate::solve::greedy;
use crate::solve::problem::{Problem, Solution};
use crate::solve::search::Found;

/// Why the integer program gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MilpError {
    /// The backend failed for another reason than infeasibility.
    #[error("the integer program could not be solved: {0}")]
    Backend(String),
}

/// Name of the backend that this build uses.
#[must_use]
pub const fn backend() -> &'static str {
    if cfg!(feature = "highs") {
        "HiGHS"
    } else {
        "microlp"
    }
}

/// The best sets, best first, none containing the families of a better one: each runner-up is
/// solved with cuts that forbid the sets found before it and all that contain one. At the deadline
/// the best found so far is the answer, with what none can exceed.
///
/// Ties are broken by least memory; between sets equal in that too, the backend chooses.
///
/// # Errors
/// When the backend fails.
pub fn best(
    problem: &Problem,
    items: &[usize],
    count: usize,
    deadline: Deadline<'_>,
) -> Result<Found, MilpError> {
    let guess = greedy::guess(problem, items);
    let mut found: Vec<Solution> = Vec::new();
    while found.len() < count {
        let forbidden: Vec<Vec<usize>> = found.iter().map(|s| problem.families(&s.items)).collect();
        let start = guess.solutions.first().filter(|_| found.is_empty());
        let program = Program {
            problem,
            items,
            forbidden: &forbidden,
            start,
            deadline,
        };
        let first = program.solve(None)?;
        if !first.complete {
            // A runner-up that is not proven is none.
            return Ok(if found.is_empty() {
                cut_short(first, guess)
            } else {
                proven(found)
            });
        }
        let Some(best) = first.solution else {
            break;
        };
        // Among the best, the least memory: a second program with the objective held. At the
        // deadline the first of them stands.
        let held = Program {
            start: Some(&best),
            ..program
        };
        let least = held.solve(Some(best.objective))?;
        let ended = !least.complete;
        let both = [Some(best), least.solution].into_iter().flatten();
        found.extend(both.min_by(Solution::rank));
        if ended {
            break;
        }
    }
    Ok(proven(found))
}

fn proven(solutions: Vec<Solution>) -> Found {
    Found {
        bound: solutions.first().map(|s| s.objective),
        solutions,
        complete: true,
    }
}

/// The better of what the program had found and of the guess, under the lower of both bounds.
fn cut_short(ran: Ran, guess: Found) -> Found {
    let sets = ran.solution.into_iter().chain(guess.solutions);
    let bounds = ran.bound.into_iter().chain(guess.bound);
    Found {
        solutions: sets.min_by(Solution::rank).into_iter().collect(),
        bound: bounds.min(),
        complete: false,
    }
}

/// One program: the highest objective, or the least memory at a given objective.
struct Program<'a> {
    problem: &'a Problem,
    items: &'a [usize],
    /// Sets of families that the answer must not contain.
    forbidden: &'a [Vec<usize>],
    /// A set to begin from.
    start: Option<&'a Solution>,
    deadline: Deadline<'a>,
}

/// What one program came to.
struct Ran {
    solution: Option<Solution>,
    /// What no set can exceed, where the backend says so.
    bound: Option<i64>,
    /// Whether it came to its end: `solution` is the best, or there is none.
    complete: bool,
}

impl Ran {
    const NONE: Self = Self {
        solution: None,
        bound: None,
        complete: true,
    };
    const NO_TIME: Self = Self {
        complete: false,
        ..Self::NONE
    };
}

impl Program<'_> {
    fn solve(&self, at_least: Option<i64>) -> Result<Ran, MilpError> {
        let (problem, items) = (self.problem, self.items);
        let served = |t: usize| items.iter().any(|&i| problem.items[i].scores[t].is_some());
        if !(0..problem.tasks).all(served) {
            return Ok(Ran::NONE);
        }
        let mut vars = ProblemVariables::new();
        let x: Vec<Variable> = items
            .iter()
            .map(|_| vars.add(variable().binary()))
            .collect();
        let levels = levels(problem, items, &mut vars);
        let families = family_variables(problem, items, self.forbidden, &mut vars);
        let worth: Expression = levels.iter().map(|l| as_f64(l.step) * l.reached).sum();
        let base: i64 = (0..problem.tasks).map(|t| lowest(problem, items, t)).sum();
        let goal = match at_least {
            Some(_) => -memory(problem, items, &x),
            None => worth.clone(),
        };
        let mut model = build(vars.maximise(goal));
        for c in constraints(problem, items, &x, &levels) {
            model = model.with(c);
        }
        for c in self.cuts(&x, &families) {
            model = model.with(c);
        }
        if let Some(objective) = at_least {
            model = model.with(constraint!(worth >= as_f64(objective - base) - 0.5));
        }
        if let Some(start) = self.start {
            model = model.with_initial_solution(values(problem, items, start, &x, &levels));
        }
        match self.deadline.left() {
            Some(left) if left <= 0.0 => return Ok(Ran::NO_TIME),
            Some(left) => model = model.with_time_limit(left),
            None => {}
        }
        self.ran(model.solve(), &x, base)
    }

    /// Forbids each set of families, and all that contain it.
    fn cuts(&self, x: &[Variable], families: &[Vec<Variable>]) -> Vec<good_lp::Constraint> {
        let mut cuts = Vec::new();
        for (set, of_set) in self.forbidden.iter().zip(families) {
            for (family, y) in set.iter().zip(of_set) {
                for (&i, &x) in self.items.iter().zip(x) {
                    if self.problem.items[i].family == *family {
                        cuts.push(constraint!(x <= *y));
                    }
                }
            }
            let present: Expression = of_set.iter().copied().sum();
            cuts.push(constraint!(present <= as_f64(count(set.len()) - 1)));
        }
        cuts
    }

    fn ran(
        &self,
        answer: Result<Answer, ResolutionError>,
        x: &[Variable],
        base: i64,
    ) -> Result<Ran, MilpError> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(ResolutionError::Infeasible) => return Ok(Ran::NONE),
            Err(_) if self.deadline.passed() => return Ok(Ran::NO_TIME),
            Err(other) => return Err(MilpError::Backend(other.to_string())),
        };
        let chosen = self
            .items
            .iter()
            .zip(x)
            .filter(|(_, x)| answer.value(**x) > 0.5)
            .map(|(&i, _)| i);
        let complete = !matches!(answer.status(), SolutionStatus::TimeLimit);
        Ok(Ran {
            solution: self.problem.solution(chosen.collect()),
            bound: bound(answer).map(|b| base + b),
            complete,
        })
    }
}

fn memory(problem: &Problem, items: &[usize], x: &[Variable]) -> Expression {
    let mib = |i: usize| as_f64(i64::try_from(problem.items[i].memory[1]).unwrap_or(i64::MAX));
    items.iter().zip(x).map(|(&i, &x)| mib(i) * x).sum()
}

/// What the variables are in a set.
fn values(
    problem: &Problem,
    items: &[usize],
    set: &Solution,
    x: &[Variable],
    levels: &[Level],
) -> Vec<(Variable, f64)> {
    let best = |t: usize| {
        let scores = set.items.iter().filter_map(|&i| problem.items[i].scores[t]);
        scores.max()
    };
    let is = |holds: bool| f64::from(u8::from(holds));
    let chosen = items.iter().zip(x);
    let chosen = chosen.map(|(i, x)| (*x, is(set.items.contains(i))));
    let reached = levels.iter();
    let reached = reached.map(|l| (l.reached, is(best(l.task) >= Some(l.score))));
    chosen.chain(reached).collect()
}

#[cfg(not(feature = "highs"))]
type Model = good_lp::solvers::microlp::MicroLpProblem;
#[cfg(not(feature = "highs"))]
type Answer = good_lp::solvers::microlp::MicroLpSolution;
#[cfg(feature = "highs")]
type Model = good_lp::solvers::highs::HighsProblem;
#[cfg(feature = "highs")]
type Answer = good_lp::solvers::highs::HighsSolution;

#[cfg(not(feature = "highs"))]
fn build(problem: good_lp::variable::UnsolvedProblem) -> Model {
    problem.using(good_lp::microlp)
}

/// What no answer exceeds, in whole steps above the base; a step is added for what rounding may
/// have lost.
#[cfg(not(feature = "highs"))]
#[expect(clippy::cast_possible_truncation, reason = "steps stay far below 2^53")]
fn bound(answer: Answer) -> Option<i64> {
    let bound = answer.into_inner().stats().best_bound?;
    bound.is_finite().then(|| bound.ceil() as i64 + 1)
}

#[cfg(feature = "highs")]
fn build(problem: good_lp::variable::UnsolvedProblem) -> Model {
    use good_lp::WithMipGap;
    let mut model = problem.using(good_lp::highs);
    model.set_verbose(false);
    match model.with_mip_gap(0.0) {
        Ok(model) => model,
        Err(_) => unreachable!("zero is a gap"),
    }
}

/// HiGHS keeps its bound to itself.
#[cfg(feature = "highs")]
fn bound(_: Answer) -> Option<i64> {
    None
}

/// One step of a task's worth.
struct Level {
    task: usize,
    score: i64,
    step: i64,
    reached: Variable,
}

/// The distinct scores of each task above the lowest, each worth its step over the one below.
fn levels(problem: &Problem, items: &[usize], vars: &mut ProblemVariables) -> Vec<Level> {
    let mut levels = Vec::new();
    for task in 0..problem.tasks {
        let mut scores: Vec<i64> = items
            .iter()
            .filter_map(|&i| problem.items[i].scores[task])
            .collect();
        scores.sort_unstable();
        scores.dedup();
        for pair in scores.windows(2) {
            let reached = vars.add(variable().min(0.0).max(1.0));
            levels.push(Level {
                task,
                score: pair[1],
                step: pair[1] - pair[0],
                reached,
            });
        }
    }
    levels
}

fn lowest(problem: &Problem, items: &[usize], task: usize) -> i64 {
    items
        .iter()
        .filter_map(|&i| problem.items[i].scores[task])
        .min()
        .unwrap_or(0)
}

fn family_variables(
    problem: &Problem,
    items: &[usize],
    forbidden: &[Vec<usize>],
    vars: &mut ProblemVariables,
) -> Vec<Vec<Variable>> {
    debug_assert!(
        forbidden
            .iter()
            .flatten()
            .all(|f| items.iter().any(|&i| problem.items[i].family == *f))
    );
    forbidden
        .iter()
        .map(|set| {
            set.iter()
                .map(|_| vars.add(variable().min(0.0).max(1.0)))
                .collect()
        })
        .collect()
}

fn constraints(
    problem: &Problem,
    items: &[usize],
    x: &[Variable],
    levels: &[Level],
) -> Vec<good_lp::Constraint> {
    let sum = |keep: &dyn Fn(usize) -> bool| -> Expression {
        items
            .iter()
            .zip(x)
            .filter(|(i, _)| keep(**i))
            .map(|(_, x)| *x)
            .sum()
    };
    let mut all = vec![constraint!(
        sum(&|_| true) <= as_f64(count(problem.max_models))
    )];
    for d in 0..2 {
        let taken: Expression = items
            .iter()
            .zip(x)
            .map(|(&i, &x)| {
                as_f64(i64::try_from(problem.items[i].memory[d]).unwrap_or(i64::MAX)) * x
            })
            .sum();
        all.push(constraint!(
            taken <= as_f64(i64::try_from(problem.budgets[d]).unwrap_or(i64::MAX))
        ));
    }
    let mut variants: Vec<usize> = items.iter().map(|&i| problem.items[i].variant).collect();
    variants.sort_unstable();
    for same in variants
        .chunk_by(|a, b| a == b)
        .filter(|same| same.len() > 1)
    {
        all.push(constraint!(
            sum(&|i| problem.items[i].variant == same[0]) <= 1.0
        ));
    }
    for task in 0..problem.tasks {
        all.push(constraint!(
            sum(&|i| problem.items[i].scores[task].is_some()) >= 1.0
        ));
    }
    for pin in &problem.pins {
        all.push(constraint!(sum(&|i| pin.contains(&i)) >= 1.0));
    }
    for level in levels {
        let reaching =
            sum(&|i| problem.items[i].scores[level.task].is_some_and(|s| s >= level.score));
        all.push(constraint!(level.reached <= reaching));
    }
    all
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "MiB and steps stay far below 2^53"
)]
const fn as_f64(n: i64) -> f64 {
    n as f64
}
