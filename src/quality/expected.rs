//! What a model is expected to score, benchmark by benchmark and over a task.

use schemars::JsonSchema;
use serde::Serialize;

use super::constants::{Benchmark, Constants};
use super::effort::Cost;
use super::evidence::{scatter, score_of};
use super::kin::APART;
use super::matrix::Pair;
use super::place::Place;
use super::points::{BAND, Points};
use crate::catalog::effort::Effort;
use crate::catalog::schema::Model;
use crate::task::TaskProfile;

/// The tails of Student's t are wider than a normal's: variance of deviations over their scale,
/// as far as a band of four in five needs it.
const TAILS: f64 = 1.6;

/// Whether a model's score on a benchmark was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScoreBasis {
    /// Somebody published it.
    Published,
    /// It is expected from the model's other scores, its size, date, maker and siblings.
    Estimated,
}

/// An expected score, out of 100, with the band that holds four of five.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Expected {
    /// The benchmark.
    pub benchmark: String,
    /// What its usual reporter would find.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Published or estimated.
    pub basis: ScoreBasis,
}

/// How good a model is expected to be at a task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskQuality {
    /// Weighted mean of the expected scores, out of 100.
    pub mean: f64,
    /// Standard deviation of that, in points, at the model's highest effort.
    pub error: f64,
    /// Standard deviation of what less effort costs, in points; 0 at the highest.
    pub effort_error: f64,
    /// How many of the task's benchmarks were published.
    pub published: usize,
    /// The same by their weights, as a share of the task.
    pub share_published: f64,
    /// Benchmarks outside the task that it rests on too.
    pub others: usize,
    /// Each benchmark of the task; without those that nobody can be placed on.
    pub expected: Vec<Expected>,
}

impl TaskQuality {
    /// The mean and its error alone.
    #[must_use]
    pub const fn points(&self) -> Points {
        Points {
            mean: self.mean,
            error: self.error,
            effort_error: self.effort_error,
            scored: self.published + self.others > 0,
            published: self.share_published,
        }
    }
}

/// Log odds on one benchmark, and where their uncertainty comes from.
struct Outlook {
    /// Expected log odds.
    mean: f64,
    /// How they move with the model's ability and tilt.
    gradient: Pair,
    /// How they move with what its vendor adds to all its figures.
    with_flattery: f64,
    /// Variance besides.
    variance: f64,
    /// Variance between this and what the next reporter would publish.
    report: f64,
    basis: ScoreBasis,
}

/// What is expected on a benchmark: where it was published, the figure and the place together,
/// each by its own uncertainty; else the place and the figure of the model's kin.
fn outlook(benchmark: &Benchmark, place: &Place<'_>) -> Outlook {
    let mean = benchmark.log_odds(place.mean);
    let fitted = benchmark.fitted_variance(place.mean);
    let published = place
        .evidence
        .iter()
        .find(|(e, _)| e.benchmark == benchmark.name);
    let Some((figure, _)) = published else {
        let own = place.covariance.quadratic(benchmark.loading) + benchmark.variance + fitted;
        let (by_kin, trust) = place
            .by_kin(benchmark)
            .map_or((mean, 0.0), |by_kin| (by_kin, own / (own + APART)));
        let rest = 1.0 - trust;
        return Outlook {
            mean: mean + trust * (by_kin - mean),
            gradient: benchmark.loading.map(|l| l * rest),
            with_flattery: 0.0,
            variance: (benchmark.variance * TAILS + fitted) * rest * rest
                + APART * TAILS * trust * trust,
            report: scatter(benchmark.reporter).powi(2) * TAILS,
            basis: ScoreBasis::Estimated,
        };
    };
    let trust = benchmark.variance / (benchmark.variance + figure.variance);
    let rest = 1.0 - trust;
    Outlook {
        mean: mean + trust * (place.sober(figure) - mean),
        gradient: benchmark.loading.map(|l| l * rest),
        with_flattery: -trust * figure.vendor,
        variance: benchmark.variance * rest * TAILS + fitted * rest * rest,
        report: 0.0,
        basis: ScoreBasis::Published,
    }
}

impl Outlook {
    fn expected(&self, benchmark: &Benchmark, place: &Place<'_>) -> Expected {
        let of_place = place.variance(self.gradient, self.with_flattery);
        let variance = of_place + self.variance + self.report;
        let half = BAND * variance.sqrt();
        Expected {
            benchmark: benchmark.name.clone(),
            value: score_of(self.mean),
            low: score_of(self.mean - half),
            high: score_of(self.mean + half),
            basis: self.basis,
        }
    }

    /// Points that a step of one in log odds adds.
    fn steepness(&self) -> f64 {
        let share = score_of(self.mean) / 100.0;
        100.0 * share * (1.0 - share)
    }
}

/// How good a model is expected to be at a task.
///
/// A benchmark that fewer than six models of the catalog published counts for nobody. Absent
/// where that leaves none.
#[must_use]
pub fn quality(constants: &Constants, task: &TaskProfile, model: &Model) -> Option<TaskQuality> {
    quality_at(constants, task, model, None)
}

/// The same at a reasoning effort: below the model's highest, each expected score moves towards that
/// of the same model without thinking. Nothing changes for one that does not think.
#[must_use]
pub fn quality_at(
    constants: &Constants,
    task: &TaskProfile,
    model: &Model,
    effort: Option<Effort>,
) -> Option<TaskQuality> {
    let place = Place::of(constants, model);
    let cost = effort.and_then(|effort| cost(constants, &place, model, effort));
    quality_of(constants, task, &place, cost.as_ref())
}

/// What an effort costs a model of this place; none where it costs nothing.
#[must_use]
pub fn cost<'m>(
    constants: &Constants,
    place: &Place<'_>,
    model: &'m Model,
    effort: Effort,
) -> Option<Cost<'m>> {
    Cost::new(constants, model, effort, |benchmark| {
        let outlook = outlook(benchmark, place);
        (outlook.mean, outlook.variance)
    })
}

/// The same of a place that is known, at an effort that costs so much.
#[must_use]
pub fn quality_of(
    constants: &Constants,
    task: &TaskProfile,
    place: &Place<'_>,
    cost: Option<&Cost<'_>>,
) -> Option<TaskQuality> {
    let known: Vec<(&Benchmark, f64)> = task
        .benchmarks
        .iter()
        .filter_map(|b| Some((constants.benchmark(&b.name)?, b.weight)))
        .collect();
    let weight: f64 = known.iter().map(|(_, w)| w).sum();
    if weight <= 0.0 {
        return None;
    }
    let (mut mean, mut gradient, mut variance) = (0.0, [0.0; 2], 0.0);
    let (mut with_flattery, mut share_published) = (0.0, 0.0);
    let (mut of_effort, mut of_effort_alone) = (0.0, 0.0);
    let mut expected = Vec::new();
    for (benchmark, share) in known.iter().map(|(b, w)| (*b, w / weight)) {
        let mut outlook = outlook(benchmark, place);
        let change = cost.map(|cost| cost.change(benchmark, outlook.mean));
        outlook.mean += change.map_or(0.0, |c| c.mean);
        let step = share * outlook.steepness();
        mean += share * score_of(outlook.mean);
        gradient = [0, 1].map(|i| gradient[i] + step * outlook.gradient[i]);
        variance += step * step * outlook.variance;
        if let Some(change) = change {
            of_effort += step * change.shared;
            of_effort_alone += (step * change.own).powi(2);
            outlook.variance += change.shared.powi(2) + change.own.powi(2);
        }
        with_flattery += step * outlook.with_flattery;
        if outlook.basis == ScoreBasis::Published {
            share_published += share;
        }
        expected.push(outlook.expected(benchmark, place));
    }
    let published = expected
        .iter()
        .filter(|e| e.basis == ScoreBasis::Published)
        .count();
    Some(TaskQuality {
        mean,
        error: (place.variance(gradient, with_flattery) + variance).sqrt(),
        effort_error: (of_effort.powi(2) + of_effort_alone).sqrt(),
        published,
        share_published,
        others: place.evidence.len() - published,
        expected,
    })
}
