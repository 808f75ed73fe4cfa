//! The same choice as an integer program, through good_lp. Only this module knows the backend.
//!
//! x_i says that item i is resident. Task t is worth its scores in levels: z_tl may be 1 only when
//! a resident item reaches level l, and each level is worth its step over the level below. Memory
//! is in whole MiB and scores in whole steps, so that an answer is exact; the gap is 0, and the
//! objective is computed again from the chosen items.

use good_lp::{
    Expression, ProblemVariables, ResolutionError, Solution as _, SolverModel, Variable,
    constraint, variable,
};

use super::problem::{Problem, Solution};

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
/// solved with cuts that forbid the sets found before it and all that contain one.
///
/// Ties are broken by least memory; between sets equal in that too, the backend chooses.
///
/// # Errors
/// When the backend fails.
pub fn best(problem: &Problem, items: &[usize], count: usize) -> Result<Vec<Solution>, MilpError> {
    let mut found: Vec<Solution> = Vec::new();
    while found.len() < count {
        let forbidden: Vec<Vec<usize>> = found.iter().map(|s| problem.families(&s.items)).collect();
        let Some(objective) = solve(problem, items, &forbidden, None)? else {
            break;
        };
        // Among the best, the least memory: a second program with the objective held.
        let Some(solution) = solve(problem, items, &forbidden, Some(objective.objective))? else {
            break;
        };
        found.push(solution);
    }
    Ok(found)
}

/// One program: the highest objective, or the least memory at a given objective.
fn solve(
    problem: &Problem,
    items: &[usize],
    forbidden: &[Vec<usize>],
    at_least: Option<i64>,
) -> Result<Option<Solution>, MilpError> {
    if (0..problem.tasks).any(|t| items.iter().all(|&i| problem.items[i].scores[t].is_none())) {
        return Ok(None);
    }
    let mut vars = ProblemVariables::new();
    let x: Vec<Variable> = items
        .iter()
        .map(|_| vars.add(variable().binary()))
        .collect();
    let levels = levels(problem, items, &mut vars);
    let families = family_variables(problem, items, forbidden, &mut vars);
    let worth: Expression = levels.iter().map(|l| as_f64(l.step) * l.reached).sum();
    let base: i64 = (0..problem.tasks).map(|t| lowest(problem, items, t)).sum();
    let memory: Expression = items
        .iter()
        .zip(&x)
        .map(|(&i, &x)| as_f64(i64::try_from(problem.items[i].memory[1]).unwrap_or(i64::MAX)) * x)
        .sum();
    let goal = if at_least.is_some() {
        -memory
    } else {
        worth.clone()
    };
    let mut model = build(vars.maximise(goal));
    for c in constraints(problem, items, &x, &levels) {
        model = model.with(c);
    }
    for (set, of_set) in forbidden.iter().zip(&families) {
        for (family, y) in set.iter().zip(of_set) {
            for (&i, &x) in items.iter().zip(&x) {
                if problem.items[i].family == *family {
                    model = model.with(constraint!(x <= *y));
                }
            }
        }
        let present: Expression = of_set.iter().copied().sum();
        model = model.with(constraint!(present <= as_f64(count(set.len()) - 1)));
    }
    if let Some(objective) = at_least {
        model = model.with(constraint!(worth >= as_f64(objective - base) - 0.5));
    }
    match model.solve() {
        Ok(answer) => {
            let chosen = items
                .iter()
                .zip(&x)
                .filter(|(_, x)| answer.value(**x) > 0.5)
                .map(|(&i, _)| i);
            Ok(problem.solution(chosen.collect()))
        }
        Err(ResolutionError::Infeasible) => Ok(None),
        Err(other) => Err(MilpError::Backend(other.to_string())),
    }
}

#[cfg(not(feature = "highs"))]
fn build(problem: good_lp::variable::UnsolvedProblem) -> impl SolverModel<Error = ResolutionError> {
    problem.using(good_lp::microlp)
}

#[cfg(feature = "highs")]
fn build(problem: good_lp::variable::UnsolvedProblem) -> impl SolverModel<Error = ResolutionError> {
    use good_lp::WithMipGap;
    let mut model = problem.using(good_lp::highs);
    model.set_verbose(false);
    match model.with_mip_gap(0.0) {
        Ok(model) => model,
        Err(_) => unreachable!("zero is a gap"),
    }
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
