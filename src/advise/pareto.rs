//! The front of score, memory and speed: loadouts that no other beats in all three at once.
//!
//! Traced by solving again: for a rising least speed, and for each under a falling budget, the best
//! score. Every point is a proven optimum under its speed and budget; budgets fall in steps, so
//! that loadouts which differ in trifles of memory stand as one point.

use crate::machine::GpuMemory;
use crate::plan::document::{ParetoPoint, SpeedFigure};
use crate::scenario::error::RecommendError;
use crate::scenario::prepared::Instead;
use crate::scenario::problem::Question;
use crate::scenario::{Answer, Candidate, Ladder, Prepared};
use crate::solve::Deadline;
use crate::speed::Figure;

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
///
/// # Errors
/// When the solver fails.
pub fn front(prepared: &Prepared<'_>, deadline: Deadline<'_>) -> Result<Front, RecommendError> {
    let tasks = 0..prepared.scenario.request.tasks.len();
    let of = |c: &Candidate<'_>| -> Vec<f64> {
        let decodes = tasks.clone().map(|t| decode(c, t));
        decodes.map(|d| d.map_or(0.0, Figure::deciding)).collect()
    };
    let variants = prepared.pool.ladders.iter().map(Ladder::base);
    let speeds: Vec<Vec<f64>> = variants.map(of).collect();
    let speed = |i: usize, t: usize| speeds[prepared.pool.place(i).0][t];
    let slowest = |a: &Answer| {
        let each = a.servers.iter().enumerate().map(|(t, &i)| speed(i, t));
        each.fold(f64::INFINITY, f64::min)
    };
    let mut found: Vec<(Answer, f64)> = Vec::new();
    let mut least = 0.0;
    let mut cut_short = false;
    while !cut_short {
        let question = with_speed(prepared, least);
        let traced;
        (traced, cut_short) = falling_budget(prepared, question, deadline)?;
        let traced = traced.into_iter().map(|a| (slowest(&a), a));
        let traced: Vec<(Answer, f64)> = traced.map(|(speed, a)| (a, speed)).collect();
        let Some(slow) = traced.iter().map(|(_, speed)| *speed).reduce(f64::min) else {
            break;
        };
        found.extend(traced);
        least = (slow * SPEED_STEP).max(slow + 0.1);
    }
    let kept = not_beaten(prepared, found);
    let points = kept.into_iter().map(|(answer, speed)| {
        let servers = answer.servers.iter().enumerate();
        let served = servers.map(|(t, &i)| decode(prepared.pool.base(i), t));
        ParetoPoint {
            objective: answer.score(),
            gpu_total_bytes: answer.demand.gpu,
            total_bytes: answer.demand.total,
            slowest_tokens_per_second: (speed > 0.0).then_some(speed),
            slowest: slowest_of(served),
            members: answer.members,
        }
    });
    Ok(Front {
        points: points.collect(),
        cut_short,
    })
}

/// The speed at a task's depth.
fn decode<'c>(c: &'c Candidate<'_>, task: usize) -> Option<&'c Figure> {
    Some(&c.turn(task)?.decode)
}

/// The speed that decides least by; none where one is not known.
fn slowest_of<'c>(speeds: impl Iterator<Item = Option<&'c Figure>>) -> Option<SpeedFigure> {
    let speeds: Option<Vec<&Figure>> = speeds.collect();
    let slowest = speeds?
        .into_iter()
        .min_by(|a, b| a.deciding().total_cmp(&b.deciding()))?;
    Some(slowest.into())
}

/// The question in which no variant serves a task that it is slower at.
fn with_speed<'p>(prepared: &'p Prepared<'_>, least: f64) -> Question<'p> {
    prepared.rescored(|c, t| {
        let speed = decode(c, t).map_or(0.0, Figure::deciding);
        match speed < least {
            true => Instead::Nothing,
            false => Instead::Own,
        }
    })
}

/// The proven best answers to ever smaller budgets, until nothing fits; and whether the deadline
/// came before that.
fn falling_budget(
    prepared: &Prepared<'_>,
    mut question: Question<'_>,
    deadline: Deadline<'_>,
) -> Result<(Vec<Answer>, bool), RecommendError> {
    // Of a GPU with memory of its own it is that memory which is traded.
    let own = prepared.limits.gpu_memory == GpuMemory::Own;
    let which = usize::from(!own);
    let memory = |a: &Answer| if own { a.demand.gpu } else { a.demand.total };
    let step = (question.budgets[which] / MEMORY_STEP).max(1);
    let mut found = Vec::new();
    loop {
        match prepared.best_of(&question, deadline) {
            Ok(Some(best)) => {
                question.budgets[which] = memory(&best).0.saturating_sub(step);
                found.push(best);
            }
            Ok(None) => return Ok((found, false)),
            Err(RecommendError::OutOfTime) => return Ok((found, true)),
            Err(other) => return Err(other),
        }
    }
}

/// The points that no other is at least as good as in all three; the highest score first.
fn not_beaten(prepared: &Prepared<'_>, mut found: Vec<(Answer, f64)>) -> Vec<(Answer, f64)> {
    found.sort_by(|(a, fast_a), (b, fast_b)| {
        let by_score = b.steps.cmp(&a.steps);
        let by_memory = || a.demand.total.cmp(&b.demand.total);
        let by_models = || a.items.len().cmp(&b.items.len());
        let by_name = || a.items.cmp(&b.items);
        by_score
            .then_with(by_memory)
            .then_with(by_models)
            .then_with(by_name)
            .then(fast_b.total_cmp(fast_a))
    });
    let families = |a: &Answer| prepared.families(&a.items);
    let mut front: Vec<(Answer, f64)> = Vec::new();
    for (answer, speed) in found {
        let beaten = front.iter().any(|(a, v)| {
            a.steps >= answer.steps && a.demand.total <= answer.demand.total && *v >= speed
        });
        let same_models = front.iter().any(|(a, v)| {
            families(a) == families(&answer)
                && a.items.len() == answer.items.len()
                && (v - speed).abs() < 0.05
                && answer.steps * 100 > a.steps * 97
        });
        if !beaten && !same_models {
            front.push((answer, speed));
        }
    }
    front
}
