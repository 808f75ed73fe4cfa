//! The same choice with something changed, solved again: weights, shares, one speed, one size.

use crate::memory::limits::Limits;
use crate::plan::score;
use crate::plan::score::Values;
use crate::scenario::candidates;
use crate::scenario::candidates::{Candidate, Pool, Setting};
use crate::scenario::refusal::reaches;
use crate::scenario::solved::{clear_of_failure, pinned, points, problem, steps};
use crate::solve::{Deadline, Problem, Solution};
use crate::speed::{Predicted, Speed};
use crate::task::Utility;
use crate::units::Bytes;

/// What is changed.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    /// Another weight for one utility of one task; the task's other weights keep their proportions.
    pub(super) weight: Option<(usize, Utility, f64)>,
    /// Another share for one task; the others keep their proportions.
    pub(super) share: Option<(usize, f64)>,
    /// Another deciding speed for one variant, by its number.
    pub(super) speed: Option<(usize, f64)>,
    /// Variants, by their numbers, that score by the better of their speed and its high end.
    pub(super) raised: Vec<usize>,
    /// Every prediction at the high end of its range.
    pub(super) hopeful: bool,
    /// The memory of one model or variant by this much.
    pub(super) size: Option<(String, f64)>,
    /// So much more under both limits.
    pub(super) room: Bytes,
    /// No limit at all.
    pub(super) unlimited: bool,
    /// A model or variant that must be loaded.
    pub(super) pin: Option<String>,
    /// At most so many models.
    pub(super) models: Option<usize>,
}

/// An answer: candidates by their numbers in the pool, and the score.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) items: Vec<usize>,
    pub(super) objective: f64,
}

/// A solved request that can be varied.
pub(super) struct Variations<'a> {
    pub(super) setting: Setting<'a>,
    /// Every candidate, whatever its size.
    pub(super) pool: Pool<'a>,
    /// By candidate and task; none below a floor.
    values: Vec<Vec<Option<Values>>>,
    problem: Problem,
}

/// Limits that nothing reaches.
pub(super) fn no_limits(limits: &Limits) -> Limits {
    Limits {
        gpu_working_set_bytes: None,
        physical_bytes: Bytes::from_gib(1 << 20),
        ..limits.clone()
    }
}

impl<'a> Variations<'a> {
    /// `unlimited` is the setting with [`no_limits`].
    pub(super) fn new(setting: Setting<'a>, unlimited: Setting<'a>) -> Self {
        let pool = candidates::pool(unlimited);
        let problem = problem(setting, &pool);
        let values = pool.candidates.iter().map(|c| values(setting, c, None));
        Self {
            values: values.collect(),
            setting,
            problem,
            pool,
        }
    }

    /// The best set under a change; none where nothing is feasible.
    pub(super) fn solve(&self, change: &Change) -> Option<Answer> {
        self.solve_both(change).0
    }

    /// The best set under a change, and the set that it was preferred to, where there is one.
    pub(super) fn solve_both(&self, change: &Change) -> (Option<Answer>, Option<Answer>) {
        let problem = self.changed(change);
        let limits = self.limits(change);
        let request = self.setting.request;
        let (mut found, edge) = clear_of_failure(request, &limits, &problem, Deadline::never());
        let answer = |set: Solution| Answer {
            items: set.items,
            objective: points(set.objective),
        };
        let best = found.solutions.drain(..).next();
        (best.map(answer), edge.map(answer))
    }

    /// The limits under a change.
    fn limits(&self, change: &Change) -> Limits {
        let limits = self.setting.limits;
        if change.unlimited {
            return no_limits(limits);
        }
        Limits {
            physical_bytes: limits.physical_bytes + change.room,
            ..limits.clone()
        }
    }

    /// `model/variant` of each, sorted: what makes two answers the same.
    pub(super) fn names(&self, answer: &Answer) -> Vec<String> {
        let mut names: Vec<String> = answer
            .items
            .iter()
            .map(|&i| self.candidate(i).name())
            .collect();
        names.sort_unstable();
        names
    }

    pub(super) fn candidate(&self, item: usize) -> &Candidate<'a> {
        &self.pool.candidates[item]
    }

    /// Whether an answer holds a model or variant.
    pub(super) fn holds(&self, answer: &Answer, name: &str) -> bool {
        answer
            .items
            .iter()
            .any(|&i| self.candidate(i).is_called(name))
    }

    fn changed(&self, change: &Change) -> Problem {
        let mut problem = self.problem.clone();
        let weights = self.weights(change);
        let shares = self.shares(change);
        for (n, item) in problem.items.iter_mut().enumerate() {
            let c = self.candidate(n);
            let new_speed = speed_under(change, c);
            let own;
            let values = if let Some(speed) = &new_speed {
                own = values(self.setting, c, Some(speed));
                &own
            } else {
                &self.values[n]
            };
            let scored = values.iter().zip(&weights).zip(&shares);
            let scores =
                scored.map(|((v, w), share)| v.map(|v| steps(score::weigh(&v, w), *share)));
            item.scores = if change.raised.contains(&c.variant_number) {
                let known = item.scores.iter().copied();
                scores.zip(known).map(|(a, b)| a.max(b)).collect()
            } else {
                scores.collect()
            };
            if let Some((name, factor)) = &change.size
                && c.is_called(name)
            {
                item.memory = [c.demand.gpu, c.demand.total].map(|b| b.share(*factor).0);
            }
        }
        for budget in &mut problem.budgets {
            *budget += change.room.0;
            if change.unlimited {
                *budget = u64::MAX >> 8;
            }
        }
        if let Some(models) = change.models {
            problem.max_models = models;
        }
        if let Some(name) = &change.pin {
            problem.pins.push(pinned(&self.pool, name));
        }
        problem
    }

    fn weights(&self, change: &Change) -> Vec<Values> {
        let tasks = self.setting.request.tasks.iter().enumerate();
        tasks
            .map(|(t, (task, _))| {
                let mut weights = Utility::ALL.map(|u| task.weights.of(u));
                if let Some((changed, utility, new)) = change.weight
                    && changed == t
                {
                    reweigh(&mut weights, utility as usize, new);
                }
                weights
            })
            .collect()
    }

    fn shares(&self, change: &Change) -> Vec<f64> {
        let mut shares = self.setting.request.shares();
        if let Some((task, new)) = change.share {
            reweigh(&mut shares, task, new);
        }
        shares
    }
}

/// Gives one weight a new value; the others keep their proportions, and all add up to 1.
fn reweigh(weights: &mut [f64], which: usize, new: f64) {
    let rest = 1.0 - weights[which];
    for (n, w) in weights.iter_mut().enumerate() {
        *w = if n == which {
            new
        } else {
            *w * (1.0 - new) / rest
        };
    }
}

/// The speed of a candidate where the change gives it another.
fn speed_under(change: &Change, c: &Candidate<'_>) -> Option<Speed> {
    let at = |low: f64| {
        Speed::Predicted(Predicted {
            decode_tokens_per_second: low,
            low,
            high: low,
            class: String::new(),
            error: 0.0,
            rows: 0,
            source: String::new(),
        })
    };
    match (change.speed, c.speed.as_deref()) {
        (Some((variant, speed)), _) if variant == c.variant_number => Some(at(speed)),
        (_, Some(Speed::Predicted(p)))
            if change.hopeful || change.raised.contains(&c.variant_number) =>
        {
            Some(at(p.high))
        }
        _ => None,
    }
}

fn values(setting: Setting<'_>, c: &Candidate<'_>, speed: Option<&Speed>) -> Vec<Option<Values>> {
    let mut figures = c.figures();
    if speed.is_some() {
        figures.speed = speed;
    }
    let tasks = setting.request.tasks.iter();
    tasks
        .map(|(task, _)| reaches(task, &figures).then(|| score::values(task, &figures)))
        .collect()
}
