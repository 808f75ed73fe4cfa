//! The score of a candidate for a task: a sum of weighted utilities, each shown.

use crate::catalog::schema::{Model, Reporter, Score as PublishedScore, Variant};
use crate::speed::{Estimate, Figure, Reliability, median};
use crate::task::{Benchmark, TaskProfile, Utility};
use crate::units::exact_tokens;

/// Scores are decided in whole steps of this: five digits.
pub const STEPS: f64 = 100_000.0;

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
    /// Decode speed at an empty context, where known.
    pub speed: Option<&'a Figure>,
    /// A turn of the task, where known.
    pub turn: Option<&'a Estimate>,
    /// GB of weights.
    pub weights_gb: f64,
    /// Context in tokens.
    pub context: u32,
    /// Pass rate and load time.
    pub reliability: Reliability,
    /// Bits per weight.
    pub bits_per_weight: f64,
    /// These bits are all that the publisher released.
    pub lossless: bool,
}

impl<'a> Figures<'a> {
    /// The figures of a variant at a context.
    #[must_use]
    pub fn of(
        model: &'a Model,
        variant: &Variant,
        context: u32,
        speed: Option<&'a Figure>,
        turn: Option<&'a Estimate>,
        reliability: Reliability,
    ) -> Self {
        Self {
            model,
            speed,
            turn,
            weights_gb: variant.weights_bytes.gb(),
            context,
            reliability,
            bits_per_weight: model.bits_per_weight(variant),
            lossless: variant.lossless,
        }
    }
}

impl TaskScore {
    /// The score in whole steps: what the solver compares.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a number from 0 to 1 times 100,000"
    )]
    pub fn steps(&self) -> i64 {
        (self.total * STEPS).round() as i64
    }
}

/// Scores a candidate for a task.
#[must_use]
pub fn score(task: &TaskProfile, figures: &Figures<'_>) -> TaskScore {
    let parts: Vec<Part> = Utility::ALL
        .into_iter()
        .filter(|u| task.weights.of(*u) > 0.0)
        .map(|u| part(task, u, figures))
        .collect();
    TaskScore {
        task: task.id.clone(),
        total: parts.iter().map(|p| p.contribution).sum(),
        parts,
    }
}

/// What a model is worth for a task at any settings: what need not be looked up again for each of
/// its candidates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OfModel {
    quality: f64,
    specialty: f64,
}

impl OfModel {
    /// Looks them up.
    #[must_use]
    pub fn new(task: &TaskProfile, model: &Model) -> Self {
        Self {
            quality: quality_part(task, model).value,
            specialty: specialty(task, model).0,
        }
    }

    /// The total that [`score`] gives, without its parts in words.
    #[must_use]
    pub fn total(&self, task: &TaskProfile, f: &Figures<'_>) -> f64 {
        let weighted = Utility::ALL.iter().map(|u| (*u, task.weights.of(*u)));
        weighted
            .filter(|(_, weight)| *weight > 0.0)
            .map(|(utility, weight)| {
                weight
                    * match utility {
                        Utility::Quality => self.quality,
                        Utility::Specialty => self.specialty,
                        _ => value(task, utility, f).1,
                    }
            })
            .sum()
    }
}

/// The value of every utility, in the order of [`Utility::ALL`].
pub type Values = [f64; 8];

/// Every utility as a number from 0 to 1, whatever it weighs.
#[must_use]
pub fn values(task: &TaskProfile, f: &Figures<'_>) -> Values {
    let known = OfModel::new(task, f.model);
    Utility::ALL.map(|u| match u {
        Utility::Quality => known.quality,
        Utility::Specialty => known.specialty,
        _ => value(task, u, f).1,
    })
}

/// The total that these weights give.
#[must_use]
pub fn weigh(values: &Values, weights: &Values) -> f64 {
    values.iter().zip(weights).map(|(v, w)| w * v).sum()
}

/// The figure of a utility that is neither quality nor specialty, and its value.
fn value(task: &TaskProfile, utility: Utility, f: &Figures<'_>) -> (Option<f64>, f64) {
    let scales = &task.scales;
    let speed = f.speed.map(Figure::deciding);
    let (figure, scale) = match utility {
        Utility::Speed => {
            let seconds = f.turn.map(Estimate::deciding_seconds);
            let value = seconds.map_or(scales.turn.missing, |s| scales.turn.at_time(s));
            return (seconds, value);
        }
        Utility::Efficiency => (speed.map(|s| s / f.weights_gb), &scales.efficiency),
        Utility::Reliability => (f.reliability.pass_rate, &scales.reliability),
        Utility::LoadTime => (f.reliability.load_seconds, &scales.load_time),
        Utility::Precision if f.lossless => return (Some(f.bits_per_weight), 1.0),
        Utility::Precision => (Some(f.bits_per_weight), &scales.precision),
        Utility::Context | Utility::Quality | Utility::Specialty => {
            (Some(f64::from(f.context)), &scales.context)
        }
    };
    (figure, figure.map_or(scale.missing, |x| scale.at(x)))
}

fn part(task: &TaskProfile, utility: Utility, f: &Figures<'_>) -> Part {
    let turn = || {
        f.turn.map_or_else(String::new, |turn| {
            let (depth, basis) = (turn.work.depth_tokens, turn.seconds_per_turn().basis());
            format!("seconds a turn at {}, {basis}", exact_tokens(depth))
        })
    };
    let note = match utility {
        Utility::Quality => return quality_part(task, f.model),
        Utility::Specialty => return specialty_part(task, f.model),
        Utility::Precision if f.lossless => {
            "bits per weight, all that its publisher released".to_owned()
        }
        Utility::Speed => turn(),
        Utility::Efficiency => "t/s per GB of weights".to_owned(),
        Utility::Context => "tokens".to_owned(),
        Utility::Reliability => "share of requests passed".to_owned(),
        Utility::LoadTime => "seconds".to_owned(),
        Utility::Precision => "bits per weight".to_owned(),
    };
    let (figure, value) = value(task, utility, f);
    let note = if figure.is_none() {
        "missing: the profile's value stands in".to_owned()
    } else {
        note
    };
    finish(task, utility, figure, value, note)
}

fn finish(
    task: &TaskProfile,
    utility: Utility,
    figure: Option<f64>,
    value: f64,
    note: String,
) -> Part {
    let weight = task.weights.of(utility);
    Part {
        utility,
        weight,
        figure,
        value,
        contribution: weight * value,
        note,
    }
}

/// The weighted mean over the task's benchmarks. One that was not published keeps a share of its
/// weight at the profile's missing value, so that a single good figure does not stand for all; but
/// where its successor or its predecessor was published, that one carries the weight of both.
fn quality_part(task: &TaskProfile, model: &Model) -> Part {
    let lines = lines(task, model);
    let known: Vec<&(&Benchmark, f64)> = lines.iter().flat_map(|l| &l.known).collect();
    let missing = task.scales.quality;
    if known.is_empty() {
        let note =
            "missing: no benchmark of this task was published; the profile's value stands in";
        return finish(
            task,
            Utility::Quality,
            None,
            missing.missing,
            note.to_owned(),
        );
    }
    let (mut reached, mut weight) = (0.0, 0.0);
    for line in &lines {
        let (value, counts) = match line.value() {
            Some(value) => (value, line.weight),
            None => (missing.missing, line.weight * missing.missing_share),
        };
        reached += counts * value;
        weight += counts;
    }
    let figures = known
        .iter()
        .map(|(b, s)| format!("{} {s:.1}", b.name))
        .collect::<Vec<_>>()
        .join(", ");
    let note = match lines.iter().filter(|l| l.known.is_empty()).count() {
        0 => figures,
        n => format!("{figures}; {n} not published"),
    };
    let value = reached / weight;
    finish(task, Utility::Quality, Some(value), value, note)
}

/// A benchmark with its successors: one thing to know of a model.
struct Line<'a> {
    name: &'a str,
    /// The weights of all.
    weight: f64,
    /// Those that were published.
    known: Vec<(&'a Benchmark, f64)>,
}

impl Line<'_> {
    /// The weighted mean of what was published.
    fn value(&self) -> Option<f64> {
        let weight: f64 = self.known.iter().map(|(b, _)| b.weight).sum();
        let reached: f64 = self.known.iter().map(|(b, s)| b.weight * b.at(*s)).sum();
        (weight > 0.0).then(|| reached / weight)
    }
}

fn lines<'a>(task: &'a TaskProfile, model: &Model) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    for benchmark in &task.benchmarks {
        let known = published(model, &benchmark.name).map(|score| (benchmark, score));
        match lines.iter_mut().find(|l| l.name == benchmark.line()) {
            Some(line) => {
                line.weight += benchmark.weight;
                line.known.extend(known);
            }
            None => lines.push(Line {
                name: benchmark.line(),
                weight: benchmark.weight,
                known: known.into_iter().collect(),
            }),
        }
    }
    lines
}

/// The published figure of a model on a benchmark: the median of what the vendor and third
/// parties report. A rival's comparison counts only where nobody else reports.
#[must_use]
pub fn published(model: &Model, benchmark: &str) -> Option<f64> {
    let of = |keep: fn(&PublishedScore) -> bool| -> Vec<f64> {
        model
            .scores
            .iter()
            .filter(|s| s.benchmark == benchmark && keep(s))
            .map(|s| s.score)
            .collect()
    };
    median(of(|s| s.reporter != Reporter::RivalVendor)).or_else(|| median(of(|_| true)))
}

/// 1 for a specialist in the task, one half for a generalist that names it, else 0.
fn specialty(task: &TaskProfile, model: &Model) -> (f64, &'static str) {
    let named = model.specialties.iter().any(|s| s == task.kind());
    let generalist = model.specialties.iter().any(|s| s == "general");
    match (named, generalist) {
        (true, false) => (1.0, "made for this task"),
        (true, true) => (0.5, "a generalist; its publisher names this task"),
        (false, _) => (0.0, "its publisher does not name this task"),
    }
}

fn specialty_part(task: &TaskProfile, model: &Model) -> Part {
    let (value, note) = specialty(task, model);
    finish(
        task,
        Utility::Specialty,
        Some(value),
        value,
        note.to_owned(),
    )
}
