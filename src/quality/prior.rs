//! What to expect of a model before any of its scores: from its size, its date, whether it thinks,
//! and how far its maker's other models lie from what theirs let expect.

use super::constants::{Constants, FACTS, Sibling};
use super::matrix::{Pair, Symmetric, solve};
use crate::catalog::schema::Model;

/// Years that the fitted facts count from.
const REFERENCE_YEAR: f64 = 2025.8;
/// How far an unknown release may lie from the mean, in years.
const UNKNOWN_RELEASE: f64 = 0.4;

/// Variance that all models of a maker share, in ability and tilt.
const MAKER: Pair = [0.05, 0.10];
/// Variance that they share the more, the nearer they are in date and size.
const KIN: Pair = [0.15, 0.15];
/// Variance of each model's own.
const OWN: Pair = [0.03, 0.03];
/// Years, and doublings of size, over which kinship falls to 37 %.
const KIN_YEARS: f64 = 1.0;
const KIN_DOUBLINGS: f64 = 3.0;

/// The whole variance around what facts let expect.
#[must_use]
pub fn spread() -> Pair {
    [0, 1].map(|i| MAKER[i] + KIN[i] + OWN[i])
}

/// A release as years: a month stands for its middle, a year for its middle too.
#[must_use]
pub fn years(released: &str) -> Option<f64> {
    let mut parts = released.split('-').map(|p| p.parse::<u32>().ok());
    let year = parts.next()??;
    let month = parts.next().unwrap_or(Some(6))?;
    let day = parts.next().unwrap_or(Some(15))?;
    Some(
        f64::from(year)
            + f64::from(month - 1.min(month)) / 12.0
            + f64::from(day - 1.min(day)) / 365.0,
    )
}

/// Doublings of all parameters over 100 billion.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a logarithm")]
pub fn size(model: &Model) -> f64 {
    (model.parameters_total as f64 / 1e11).log2()
}

/// Doublings of active parameters over 10 billion.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a logarithm")]
pub fn active(model: &Model) -> f64 {
    (model.parameters_active as f64 / 1e10).log2()
}

/// The facts that ability and tilt are expected from: one, years, doublings of all parameters, of
/// active ones, and whether it thinks.
#[must_use]
pub fn facts(model: &Model, released_mean: f64) -> [f64; FACTS] {
    facts_at(model, release(model).unwrap_or(released_mean))
}

fn facts_at(model: &Model, released: f64) -> [f64; FACTS] {
    [
        1.0,
        released - REFERENCE_YEAR,
        size(model),
        active(model),
        f64::from(u8::from(model.reasoning)),
    ]
}

/// When a model was released, in years, where that is known.
#[must_use]
pub fn release(model: &Model) -> Option<f64> {
    model.released.as_deref().and_then(years)
}

/// What facts alone let expect.
#[must_use]
pub fn expected(slopes: &[[f64; FACTS]; 2], facts: &[f64; FACTS]) -> Pair {
    slopes.map(|of| of.iter().zip(facts).map(|(s, f)| s * f).sum())
}

/// The facts of a model that others of its maker are judged by.
#[must_use]
pub fn facts_of(sibling: &Sibling) -> [f64; FACTS] {
    [
        1.0,
        sibling.released - REFERENCE_YEAR,
        sibling.size,
        sibling.active,
        f64::from(u8::from(sibling.reasoning)),
    ]
}

/// Its maker's other models, and the one that it was tuned from.
pub(super) fn siblings<'c>(
    constants: &'c Constants,
    model: &Model,
) -> impl Iterator<Item = &'c Sibling> {
    let others = constants.siblings.iter().filter(|s| s.model != model.id);
    others.filter(|s| s.publisher == model.publisher || model.base.as_ref() == Some(&s.model))
}

/// When a model learnt most of what it knows, in years: its release, or that of the one that it
/// was tuned from.
pub(super) fn learnt(constants: &Constants, model: &Model) -> Option<f64> {
    let base = model.base.as_ref();
    let base = base.and_then(|id| constants.siblings.iter().find(|s| s.model == *id));
    base.map(|base| base.released).or_else(|| release(model))
}

/// What a model's facts alone let expect of it.
pub(super) fn by_facts(constants: &Constants, model: &Model) -> Pair {
    let released = learnt(constants, model).unwrap_or(constants.released_mean);
    expected(&constants.slopes, &facts_at(model, released))
}

/// Ability and tilt expected of a model before its scores, with their covariance.
#[must_use]
pub fn prior(constants: &Constants, model: &Model) -> (Pair, Symmetric) {
    let learnt = learnt(constants, model);
    let mut mean = by_facts(constants, model);
    let mut variance = spread();
    let siblings: Vec<&Sibling> = siblings(constants, model).collect();
    let released = learnt.unwrap_or(constants.released_mean);
    let kinship = Kinship::of(&siblings, (released, size(model)));
    for i in 0..2 {
        let (shift, known) = kinship.says(i);
        mean[i] += shift;
        variance[i] -= known;
    }
    let mut covariance = Symmetric::diagonal(variance);
    if learnt.is_none() {
        let a_year = [constants.slopes[0][1], constants.slopes[1][1]];
        covariance = covariance.plus_outer(UNKNOWN_RELEASE.powi(2), a_year);
    }
    (mean, covariance)
}

/// How near a maker's other models are to each other and to one of theirs: 1 for the same date and
/// size, falling to 0.
struct Kinship<'s> {
    siblings: &'s [&'s Sibling],
    /// Among the siblings: of each, with those before it and itself.
    among: Vec<Vec<f64>>,
    /// Of each sibling with the model.
    with: Vec<f64>,
}

impl<'s> Kinship<'s> {
    fn of(siblings: &'s [&'s Sibling], at: (f64, f64)) -> Self {
        let nearness = |one: (f64, f64), other: (f64, f64)| {
            let years = (one.0 - other.0).abs() / KIN_YEARS;
            let doublings = (one.1 - other.1).abs() / KIN_DOUBLINGS;
            (-years - doublings).exp()
        };
        let places: Vec<(f64, f64)> = siblings.iter().map(|s| (s.released, s.size)).collect();
        let before = |(j, one): (usize, &(f64, f64))| {
            let row = places[..=j].iter();
            row.map(|other| nearness(*one, *other)).collect()
        };
        Self {
            siblings,
            among: places.iter().enumerate().map(before).collect(),
            with: places.iter().map(|place| nearness(at, *place)).collect(),
        }
    }

    /// What the siblings say of one coordinate: the shift, and the variance it takes away (a
    /// Gaussian process over date and size).
    fn says(&self, i: usize) -> (f64, f64) {
        let shared = |nearness: &f64| MAKER[i] + KIN[i] * nearness;
        let covariances = self.among.iter().zip(self.siblings).map(|(row, sibling)| {
            let mut row: Vec<f64> = row.iter().map(shared).collect();
            if let Some(own) = row.last_mut() {
                *own += OWN[i] + sibling.variance[i];
            }
            row
        });
        let with: Vec<f64> = self.with.iter().map(shared).collect();
        let weights = solve(covariances.collect(), &with);
        let shift = weights
            .iter()
            .zip(self.siblings)
            .map(|(w, s)| w * s.residual[i])
            .sum();
        let known = weights.iter().zip(&with).map(|(w, k)| w * k).sum();
        (shift, known)
    }
}
