//! Where a model stands, by its own scores: the posterior over ability and tilt, in closed form.

use super::constants::{Benchmark, Constants};
use super::evidence::{Evidence, evidence};
use super::kin::{Kin, kin, says};
use super::matrix::{Pair, Symmetric, dot};
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
    /// How much too high its own vendor's figures all are taken to be, log odds.
    pub flattery: f64,
    /// Its covariance with ability and tilt, and its variance.
    pub flattery_covariance: (Pair, f64),
    /// The scores that place it, each with its weight: 1 in the middle, less far off.
    pub evidence: Vec<(Evidence<'a>, f64)>,
    /// Models of its maker and shape.
    kin: Vec<Kin<'a>>,
}

impl<'a> Place<'a> {
    /// The place of a model by the constants and its own scores.
    #[must_use]
    pub fn of(constants: &'a Constants, model: &'a Model) -> Self {
        let usual = |name: &str| constants.benchmark(name).map(|b| b.reporter);
        let evidence = evidence(&model.scores, usual);
        let flattery = constants.flattery(&model.publisher);
        let prior = prior(constants, model);
        Self {
            kin: kin(constants, model),
            ..Self::from_evidence(&constants.benchmarks, prior, flattery, evidence)
        }
    }

    /// The place by a prior, the flattery to be expected of its vendor (a standard deviation, log
    /// odds), and evidence.
    #[must_use]
    pub fn from_evidence(
        benchmarks: &[Benchmark],
        (expected, spread): (Pair, Symmetric),
        flattery: f64,
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
        let mut flattered = (0.0, ([0.0; 2], flattery * flattery));
        let mut weights = vec![1.0; known.len()];
        for _ in 0..ROUNDS {
            let (mut precision, mut reached) = (certain, from_prior);
            let mut shared = Shared::new(flattery);
            for ((benchmark, e), weight) in known.iter().zip(&mut weights) {
                let variance = benchmark.variance + e.variance;
                let off = e.log_odds - benchmark.log_odds(mean) - e.vendor * flattered.0;
                *weight = (FREEDOM + 1.0) / (FREEDOM + off * off / variance);
                let counts = *weight / variance;
                precision = precision.plus_outer(counts, benchmark.loading);
                let above = e.log_odds - benchmark.difficulty;
                reached = [0, 1].map(|i| reached[i] + counts * above * benchmark.loading[i]);
                shared.add(counts, e.vendor, above, benchmark.loading);
            }
            covariance = shared.taken_from(precision).inverse();
            mean = covariance.times(shared.left_of(reached));
            flattered = shared.solved(mean, covariance);
        }
        let evidence = known.into_iter().map(|(_, e)| e).zip(weights).collect();
        Self {
            mean,
            covariance,
            flattery: flattered.0,
            flattery_covariance: flattered.1,
            evidence,
            kin: Vec::new(),
        }
    }

    /// Log odds that a model of its maker and shape lets expect on a benchmark.
    #[must_use]
    pub fn by_kin(&self, benchmark: &Benchmark) -> Option<f64> {
        says(&self.kin, benchmark)
    }

    /// A figure less the part of it that is taken for flattery.
    #[must_use]
    pub fn sober(&self, figure: &Evidence<'_>) -> f64 {
        figure.log_odds - figure.vendor * self.flattery
    }

    /// The variance of what moves so much with ability and tilt, and with flattery.
    #[must_use]
    pub fn variance(&self, gradient: Pair, with_flattery: f64) -> f64 {
        let (with_place, own) = self.flattery_covariance;
        self.covariance.quadratic(gradient)
            + 2.0 * with_flattery * dot(gradient, with_place)
            + with_flattery * with_flattery * own
    }
}

/// What all figures of a vendor share, a third unknown beside ability and tilt: eliminated from
/// their equations, and found again from their solution.
struct Shared {
    precision: f64,
    cross: Pair,
    reached: f64,
}

impl Shared {
    fn new(deviation: f64) -> Self {
        Self {
            precision: deviation.powi(-2),
            cross: [0.0; 2],
            reached: 0.0,
        }
    }

    fn add(&mut self, counts: f64, vendor: f64, above: f64, loading: Pair) {
        self.precision += counts * vendor * vendor;
        self.cross = [0, 1].map(|i| self.cross[i] + counts * vendor * loading[i]);
        self.reached += counts * vendor * above;
    }

    fn taken_from(&self, precision: Symmetric) -> Symmetric {
        precision.plus_outer(-1.0 / self.precision, self.cross)
    }

    fn left_of(&self, reached: Pair) -> Pair {
        [0, 1].map(|i| reached[i] - self.cross[i] * self.reached / self.precision)
    }

    /// Its mean, its covariance with ability and tilt, and its variance.
    fn solved(&self, mean: Pair, covariance: Symmetric) -> (f64, (Pair, f64)) {
        let by = self.cross.map(|c| c / self.precision);
        let with_place = covariance.times(by).map(|c| -c);
        let own = 1.0 / self.precision + covariance.quadratic(by);
        (
            self.reached / self.precision - dot(by, mean),
            (with_place, own),
        )
    }
}
