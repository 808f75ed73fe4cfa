//! The front of score, memory and speed: loadouts that no other beats in all three at once.
//!
//! Traced by solving again: for a rising least speed, and for each under a falling budget, the best
//! score. Every point is a proven optimum under its speed and budget; budgets fall in steps, so
//! that loadouts which differ in trifles of memory stand as one point.

use crate::advise::assemble::members_of;
use crate::plan::document::{ParetoPoint, SpeedFigure};
use crate::scenario::candidates::{Candidate, Setting};
use crate::scenario::solved::{Solved, points};
use crate::solve::{self, Deadline, Method, Problem, Solution};
use crate::speed::Speed;

/// Each point takes at least this share of the budget less than the one before.
const MEMORY_STEP: u64 = 64;
/// Each level of speed is at least this much faster than the one before.
const SPEED_STEP: f64 = 1.05;

/// The front, as far as there was time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Front {
    /// Its points, the highest score first.
    pub points: Vec<ParetoPoint>,
    /// Whether the time limit came before all of it was traced.
    cut_short: bool,
}

impl Front {
    /// What the time limit means for it.
    #[must_use]
    pub fn cut_short(&self) -> Option<String> {
        self.cut_short.then(|| {
            "the time limit came before the front was traced to its end: each of its points is proven, and there may be more".to_owned()
        })
    }
}

/// Traces the front until the deadline.
#[must_use]
pub fn front(setting: Setting<'_>, solved: &Solved<'_>, deadline: Deadline<'_>) -> Front {
    let speeds: Vec<f64> = solved
        .pool
        .candidates
        .iter()
        .map(|c| c.speed.as_deref().map_or(0.0, Speed::deciding))
        .collect();
    let slowest = |s: &Solution| {
        s.items
            .iter()
            .map(|&i| speeds[i])
            .fold(f64::INFINITY, f64::min)
    };
    let mut found: Vec<(Solution, f64)> = Vec::new();
    let mut least = 0.0;
    loop {
        let fast: Vec<usize> = (0..speeds.len()).filter(|&i| speeds[i] >= least).collect();
        let method = setting.request.method;
        let traced = falling_budget(&solved.problem, &fast, method, deadline);
        let Some(slow) = traced.iter().map(&slowest).reduce(f64::min) else {
            break;
        };
        found.extend(traced.into_iter().map(|s| {
            let speed = slowest(&s);
            (s, speed)
        }));
        least = (slow * SPEED_STEP).max(slow + 0.1);
    }
    let kept = not_beaten(&solved.problem, found);
    let points = kept
        .iter()
        .map(|(s, speed)| {
            let members = solved.members(s);
            ParetoPoint {
                members: members_of(solved, s, setting.request),
                objective: points(s.objective),
                gpu_total_bytes: members.iter().map(|c| c.demand.gpu).sum(),
                total_bytes: members.iter().map(|c| c.demand.total).sum(),
                slowest_tokens_per_second: (*speed > 0.0).then_some(*speed),
                slowest: slowest_of(&members),
            }
        })
        .collect();
    Front {
        points,
        cut_short: deadline.passed(),
    }
}

/// The speed of the model that decides least by; none where one is not known.
fn slowest_of(members: &[&Candidate<'_>]) -> Option<SpeedFigure> {
    let speeds: Option<Vec<&Speed>> = members.iter().map(|c| c.speed.as_deref()).collect();
    let slowest = speeds?
        .into_iter()
        .min_by(|a, b| a.deciding().total_cmp(&b.deciding()))?;
    Some(slowest.into())
}

/// The proven best sets of ever smaller budgets, until nothing fits or the deadline.
fn falling_budget(
    problem: &Problem,
    items: &[usize],
    method: Method,
    deadline: Deadline<'_>,
) -> Vec<Solution> {
    let mut some = Problem {
        sets: 1,
        ..problem.of(items)
    };
    let step = (problem.budgets[1] / MEMORY_STEP).max(1);
    let mut found = Vec::new();
    while !deadline.passed() {
        let traced = solve::solve(&some, method, deadline);
        let proven = traced.is_proven();
        let Some(mut best) = traced.solutions.into_iter().next().filter(|_| proven) else {
            break;
        };
        some.budgets[1] = best.memory.saturating_sub(step);
        let whose = best.items.iter_mut().chain(&mut best.servers);
        whose.chain(&mut best.idle).for_each(|i| *i = items[*i]);
        found.push(best);
    }
    found
}

/// The points that no other is at least as good as in all three; the highest score first.
fn not_beaten(problem: &Problem, mut found: Vec<(Solution, f64)>) -> Vec<(Solution, f64)> {
    found.sort_by(|a, b| a.0.rank(&b.0).then(b.1.total_cmp(&a.1)));
    let mut front: Vec<(Solution, f64)> = Vec::new();
    for (solution, speed) in found {
        let families = problem.families(&solution.items);
        let beaten = front.iter().any(|(s, v)| {
            s.objective >= solution.objective && s.memory <= solution.memory && *v >= speed
        });
        let same_models = front.iter().any(|(s, v)| {
            problem.families(&s.items) == families
                && s.items.len() == solution.items.len()
                && (v - speed).abs() < 0.05
                && solution.objective * 100 > s.objective * 97
        });
        if !beaten && !same_models {
            front.push((solution, speed));
        }
    }
    front
}
