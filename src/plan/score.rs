//! The score of a candidate for a task: a sum of weighted utilities, each shown.

use std::ops::RangeInclusive;

use crate::catalog::effort::Effort;
use crate::catalog::schema::{Model, Variant};
use crate::quality::effort::Cost;
use crate::quality::quantization::Loss;
use crate::quality::{Constants, Place, Points, TaskQuality, quality_at, quality_of};
use crate::speed::{Estimate, Figure, Reliability};
use crate::task::{TaskProfile, Utility};
use crate::units::{Bytes, exact_tokens};

/// Scores are decided in whole steps of this: seven digits, so that hardly two answers are equal by rounding.
pub const STEPS: f64 = 10_000_000.0;

/// What a candidate is worth whose architecture nobody reported to load in LM Studio, as a share of
/// what its quality, speed and reliability are worth if it does: one chance in ten that it does
/// not is assumed.
const UNREPORTED: f64 = 0.9;

/// What the memory of a model is worth, as a utility of context, where a context takes as much again
/// beyond what nine of ten turns need. The shipped tasks give half a hundredth for a doubling beyond: as
/// much as a tenth of what the model takes, left free.
const MEMORY_BEYOND: f64 = 0.05;

/// The score of a candidate for one task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskScore {
    /// Id of the task.
    pub task: String,
    /// Sum of the parts, 0 to 1.
    pub total: f64,
    /// The parts.
    pub parts: Vec<Part>,
}

/// One part of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which utility.
    pub utility: Utility,
    /// Its weight in the task.
    pub weight: f64,
    /// The figure, on its own scale; absent where it is not known.
    pub figure: Option<f64>,
    /// The figure as a number from 0 to 1.
    pub value: f64,
    /// `weight` x `value`.
    pub contribution: f64,
    /// What the figure is, or why it is missing.
    pub note: String,
}

/// Everything about a candidate that scores depend on.
#[derive(Debug, Clone, Copy)]
pub struct Figures<'a> {
    /// The model.
    pub model: &'a Model,
    /// The file.
    pub variant: &'a Variant,
    /// The reasoning effort; its highest where none is told.
    pub effort: Option<Effort>,
    /// Decode speed at an empty context, where known.
    pub speed: Option<&'a Figure>,
    /// A turn of the task, where known.
    pub turn: Option<&'a Estimate>,
    /// All that it takes of memory.
    pub memory: Bytes,
    /// Context in tokens.
    pub context: u32,
    /// What the context takes beyond what nine of ten turns of the task need, as a share of what the
    /// model takes with that.
    pub beyond: f64,
    /// Pass rate and load time.
    pub reliability: Reliability,
    /// Bits per weight.
    pub bits_per_weight: f64,
    /// What its quantization loses.
    pub loss: Loss,
    /// Expected points for the task, after quantization, where known.
    pub points: Option<Points>,
}

impl TaskScore {
    /// The score in whole steps: what the solver compares.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a number from 0 to 1 times STEPS"
    )]
    pub fn steps(&self) -> i64 {
        (self.total * STEPS).round() as i64
    }
}

/// What a model is worth for a task at any settings, before quantization: what need not be looked
/// up again for each of its candidates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OfModel {
    /// Expected points with their error; absent where no benchmark of the task is known.
    points: Option<Points>,
}

impl OfModel {
    /// Looks it up for one task, at an effort; at the highest where none is told.
    #[must_use]
    pub fn new(task: &TaskProfile, model: &Model, effort: Option<Effort>) -> Self {
        Self {
            points: expected(task, model, effort).map(|q| q.points()),
        }
    }

    /// Of a model that is not for the task.
    pub const NONE: Self = Self { points: None };

    /// Of a place that is known, at an effort that costs so much: a model has one place for all
    /// tasks of a role.
    #[must_use]
    pub fn at(task: &TaskProfile, place: &Place<'_>, cost: Option<&Cost<'_>>) -> Self {
        let quality = quality_of(Constants::of(task.role), task, place, cost);
        Self {
            points: quality.map(|q| q.points()),
        }
    }

    /// Expected points of a file that loses so much, with their error.
    #[must_use]
    pub fn quantized(&self, loss: &Loss) -> Option<Points> {
        self.points.map(|points| points.quantized(loss))
    }

    /// The total that [`score`] gives, without its parts in words.
    #[must_use]
    pub fn total(&self, task: &TaskProfile, f: &Figures<'_>) -> f64 {
        weigh(&self.values(task, f), &task.weights.all())
    }

    /// Every utility as a number from 0 to 1; 0 where it weighs nothing.
    #[must_use]
    pub fn values(&self, task: &TaskProfile, f: &Figures<'_>) -> Values {
        Utility::ALL.map(|u| match task.weights.of(u) {
            weight if weight > 0.0 => self.value(task, u, f).1,
            _ => 0.0,
        })
    }

    /// Points less the task's caution, after quantization, and their value.
    #[must_use]
    pub fn quality(&self, task: &TaskProfile, loss: &Loss) -> (Option<f64>, f64) {
        let points = self.quantized(loss).map(|p| p.cautious(task.caution));
        (points, points.map_or(0.0, |x| task.scales.quality.at(x)))
    }

    /// The figure of a utility and its value, less where nobody reported that the file loads.
    fn value(&self, task: &TaskProfile, utility: Utility, f: &Figures<'_>) -> (Option<f64>, f64) {
        let (figure, value) = self.if_it_loads(task, utility, f);
        let of_settings = matches!(utility, Utility::Context | Utility::Memory);
        match of_settings {
            true => (figure, value),
            false => (figure, value * share_that_counts(&f.reliability)),
        }
    }

    fn if_it_loads(
        &self,
        task: &TaskProfile,
        utility: Utility,
        f: &Figures<'_>,
    ) -> (Option<f64>, f64) {
        let scales = &task.scales;
        let (figure, scale) = match utility {
            Utility::Quality => return self.quality(task, &f.loss),
            Utility::Memory => {
                let gib = f.memory.gib();
                return (Some(gib), scales.memory.at(gib));
            }
            Utility::Speed => {
                let seconds = f.turn.map(Estimate::deciding_seconds);
                return (seconds, speed(task, seconds));
            }
            Utility::Reliability => (f.reliability.pass_rate, &scales.reliability),
            Utility::Context => {
                let value = context(task, f64::from(f.context), f.beyond);
                return (Some(f64::from(f.context)), value);
            }
        };
        (figure, figure.map_or(scale.missing, |x| scale.at(x)))
    }
}

/// The expected quality of a model for a task, as its publisher released it, at an effort; at the
/// highest where none is told.
#[must_use]
pub fn expected(task: &TaskProfile, model: &Model, effort: Option<Effort>) -> Option<TaskQuality> {
    quality_at(Constants::of(task.role), task, model, effort)
}

/// The share that counts of what a file's quality, speed and reliability are worth.
#[must_use]
pub fn share_that_counts(reliability: &Reliability) -> f64 {
    match reliability.unreported {
        true => UNREPORTED,
        false => 1.0,
    }
}

/// The value of seconds of a turn.
#[must_use]
pub fn speed(task: &TaskProfile, seconds: Option<f64>) -> f64 {
    let scale = &task.scales.turn;
    seconds.map_or(scale.missing, |s| scale.at_time(s))
}

/// The value of a context: what the task makes of its tokens, less what it takes beyond what nine of
/// ten turns need, which memory that is left free is worth more than.
fn context(task: &TaskProfile, tokens: f64, beyond: f64) -> f64 {
    less_memory(task.scales.context.at(tokens), beyond)
}

fn less_memory(value: f64, beyond: f64) -> f64 {
    (value - MEMORY_BEYOND * beyond).max(0.0)
}

/// Contexts of a model that stand together.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Their tokens.
    pub contexts: RangeInclusive<u32>,
    /// What the model takes with them.
    pub memory: RangeInclusive<Bytes>,
    /// What the shortest takes beyond what nine of ten turns need: see [`Figures::beyond`].
    pub beyond: f64,
}

/// The value of every utility, in the order of [`Utility::ALL`].
pub type Values = [f64; Utility::ALL.len()];

/// Every utility as a number from 0 to 1, whatever it weighs.
#[must_use]
pub fn values(task: &TaskProfile, of_model: &OfModel, f: &Figures<'_>) -> Values {
    Utility::ALL.map(|u| of_model.value(task, u, f).1)
}

/// The total that these weights give.
#[must_use]
pub fn weigh(values: &Values, weights: &Values) -> f64 {
    values.iter().zip(weights).map(|(v, w)| w * v).sum()
}

/// The most that these weights give at any of these contexts with their memory, of values that are
/// known but for both. No longer context takes less.
#[must_use]
pub fn within(task: &TaskProfile, values: &Values, weights: &Values, at: &Stretch) -> f64 {
    let (shortest, longest) = (*at.contexts.start(), *at.contexts.end());
    let (least, most) = (*at.memory.start(), *at.memory.end());
    let (scales, one) = (&task.scales, shortest == longest);
    let mut sum = 0.0;
    for ((utility, value), weight) in Utility::ALL.iter().zip(values).zip(weights) {
        let value = match utility {
            _ if *weight <= 0.0 => 0.0,
            Utility::Context if one => context(task, f64::from(shortest), at.beyond),
            Utility::Context => {
                let tokens = f64::from(shortest)..=f64::from(longest);
                less_memory(scales.context.most(tokens), at.beyond)
            }
            Utility::Memory if one => scales.memory.at(least.gib()),
            Utility::Memory => scales.memory.most(least.gib()..=most.gib()),
            _ => *value,
        };
        sum += weight * value;
    }
    sum
}

/// Scores a candidate for a task.
#[must_use]
pub fn score(task: &TaskProfile, figures: &Figures<'_>) -> TaskScore {
    let of_model = OfModel::new(task, figures.model, figures.effort);
    let parts: Vec<Part> = Utility::ALL
        .into_iter()
        .filter(|u| task.weights.of(*u) > 0.0)
        .map(|u| {
            let (figure, value) = of_model.value(task, u, figures);
            let weight = task.weights.of(u);
            Part {
                utility: u,
                weight,
                figure,
                value,
                contribution: weight * value,
                note: note(task, u, figures, figure.is_some()),
            }
        })
        .collect();
    TaskScore {
        task: task.id.clone(),
        total: parts.iter().map(|p| p.contribution).sum(),
        parts,
    }
}

fn note(task: &TaskProfile, utility: Utility, f: &Figures<'_>, known: bool) -> String {
    let words = match utility {
        Utility::Quality => return quality_note(task, f),
        Utility::Reliability if f.reliability.unreported => {
            "nobody reported that LM Studio's engine loads its architecture: quality, speed and this count nine tenths"
        }
        _ if !known => "missing: the profile's value stands in",
        Utility::Speed => {
            return f.turn.map_or_else(String::new, |turn| {
                let (depth, basis) = (turn.work.depth_tokens, turn.seconds_per_turn().basis());
                format!("seconds a turn at {}, {basis}", exact_tokens(depth))
            });
        }
        Utility::Context if f.beyond > 0.0 => {
            let percent = f.beyond * 100.0;
            return format!(
                "tokens; beyond what nine of ten turns need they add {percent:.1} % to its memory, which counts against them"
            );
        }
        Utility::Context => "tokens",
        Utility::Reliability => "share of requests passed",
        Utility::Memory => "GiB of memory",
    };
    words.to_owned()
}

/// What a quality rests on, and what quantization takes of it.
fn quality_note(task: &TaskProfile, f: &Figures<'_>) -> String {
    let Some(q) = expected(task, f.model, f.effort) else {
        return "missing: no benchmark of this task is known well enough to place a model by"
            .to_owned();
    };
    let evidence = match (q.published, q.others) {
        (0, 0) => "estimated, nothing published".to_owned(),
        (n, others) => format!(
            "{n} of {} benchmarks published, {others} others",
            q.expected.len()
        ),
    };
    let points = q.points().quantized(&f.loss);
    format!(
        "points of 100: expected {:.1} ({:.1} to {:.1}; {evidence}), less a margin for doubt; {}",
        points.mean,
        points.low(),
        points.high(),
        f.loss
    )
}
