//! What a model of the same maker and shape published says of one that did not: its figure on the
//! benchmark, moved by what the facts of both let expect.

use super::constants::{Benchmark, Constants, Sibling};
use super::matrix::{Pair, dot};
use super::prior::{active, by_facts, expected, facts_of, learnt, siblings, size};
use crate::catalog::schema::Model;

/// Doublings of parameters by which two models of one shape may differ: some one percent.
const SAME_SHAPE: f64 = 0.02;
/// Variance of one model's figure around that of its kin, log odds squared: of 0.04, 0.08 and 0.16
/// what foretells scores left out best and keeps its bands.
pub(super) const APART: f64 = 0.16;

/// A sibling of the same shape, and how far its facts put the model from it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kin<'a> {
    sibling: &'a Sibling,
    /// Ability and tilt.
    further: Pair,
}

/// The kin of a model, the nearest in date first.
pub(super) fn kin<'a>(constants: &'a Constants, model: &Model) -> Vec<Kin<'a>> {
    let released = learnt(constants, model).unwrap_or(constants.released_mean);
    let (total, active) = (size(model), active(model));
    let alike = |s: &&Sibling| {
        (s.size - total).abs() < SAME_SHAPE && (s.active - active).abs() < SAME_SHAPE
    };
    let mut all: Vec<&Sibling> = siblings(constants, model).filter(alike).collect();
    let apart = |s: &Sibling| (s.released - released).abs();
    all.sort_by(|a, b| apart(a).total_cmp(&apart(b)));
    let own = by_facts(constants, model);
    let of = |sibling: &'a Sibling| {
        let its = expected(&constants.slopes, &facts_of(sibling));
        let further = [own[0] - its[0], own[1] - its[1]];
        Kin { sibling, further }
    };
    all.into_iter().map(of).collect()
}

/// Log odds by the nearest of the kin that published a benchmark.
pub(super) fn says(kin: &[Kin<'_>], benchmark: &Benchmark) -> Option<f64> {
    kin.iter().find_map(|k| {
        let figure = k.sibling.figures.get(&benchmark.name)?;
        Some(figure + dot(benchmark.loading, k.further))
    })
}
