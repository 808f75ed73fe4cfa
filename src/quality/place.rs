//! Where a model stands, by its own scores: the posterior over ability and tilt, in closed form.

use super::constants::{Benchmark, Constants};
use super::evidence::{Evidence, evidence};
use super::matrix::{Pair, Symmetric};
use super::prior::prior;
use crate::catalog::schema::Model;

/// Degrees of freedom of the deviations: a score far off counts for less (Student's t).
const FREEDOM: f64 = 5.0;
/// Rounds of weighing the scores anew; the weights settle in three or four.
const ROUNDS: usize = 6;

/// A model's place, and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Place<'a> {
    /// Ability and tilt.
    pub mean: Pair,
    /// Their covariance.
    pub covariance: Symmetric,
    /// The scores that place it, each with its weight: 1 in the middle, less far off.
    pub evidence: Vec<(Evidence<'a>, f64)>,
}

impl<'a> Place<'a> {
    /// The place of a model by the constants and its own scores.
    #[must_use]
    pub fn of(constants: &Constants, model: &'a Model) -> Self {
        let usual = |name: &str| constants.benchmark(name).map(|b| b.reporter);
        let evidence = evidence(&model.scores, usual);
        Self::from_evidence(&constants.benchmarks, prior(constants, model), evidence)
    }

    /// The place by a prior and evidence.
    #[must_use]
    pub fn from_evidence(
        benchmarks: &[Benchmark],
        (expected, spread): (Pair, Symmetric),
        evidence: Vec<Evidence<'a>>,
    ) -> Self {
        let known: Vec<(&Benchmark, Evidence<'a>)> = evidence
            .into_iter()
            .filter_map(|e| {
                let benchmark = benchmarks.iter().find(|b| b.name == e.benchmark)?;
                Some((benchmark, e))
            })
            .collect();
        let certain = spread.inverse();
        let from_prior = certain.times(expected);
        let (mut mean, mut covariance) = (expected, spread);
        let mut weights = vec![1.0; known.len()];
        for _ in 0..ROUNDS {
            let (mut precision, mut reached) = (certain, from_prior);
            for ((benchmark, e), weight) in known.iter().zip(&mut weights) {
                let variance = benchmark.variance + e.variance;
                let off = e.log_odds - benchmark.log_odds(mean);
                *weight = (FREEDOM + 1.0) / (FREEDOM + off * off / variance);
                let counts = *weight / variance;
                precision = precision.plus_outer(counts, benchmark.loading);
                let above = e.log_odds - benchmark.difficulty;
                reached = [0, 1].map(|i| reached[i] + counts * above * benchmark.loading[i]);
            }
            covariance = precision.inverse();
            mean = covariance.times(reached);
        }
        let evidence = known.into_iter().map(|(_, e)| e).zip(weights).collect();
        Self {
            mean,
            covariance,
            evidence,
        }
    }

    /// The share of the evidence that rests on the model's own vendor; 0 where there is none.
    #[must_use]
    pub fn vendor_share(&self) -> f64 {
        let of = |share: fn(&Evidence<'_>) -> f64| -> f64 {
            self.evidence.iter().map(|(e, w)| w * share(e)).sum()
        };
        let all = of(|_| 1.0);
        if all > 0.0 {
            of(|e| e.vendor) / all
        } else {
            0.0
        }
    }
}
