//! Scores: on the scale that they are published on, and once.

use super::finding::{Finding, finding};
use crate::catalog::schema::{Model, Score};

/// Benchmarks count in percent of what can be reached.
pub const MOST_SCORE: f64 = 100.0;

/// Ratings have no upper end, and their names say what they are.
const RATINGS: &str = "(Elo)";

pub(super) fn check(model: &Model) -> Vec<Finding> {
    let off_scale = model.scores.iter().filter(|s| {
        let rating = s.benchmark.ends_with(RATINGS);
        !(s.score >= 0.0 && (rating && s.score.is_finite() || s.score <= MOST_SCORE))
    });
    let off_scale = off_scale.map(|s| {
        let evidence = format!("{} is not between 0 and {MOST_SCORE}", s.score);
        finding(
            "score-off-scale",
            subject(model, s),
            (evidence, vec![("score", s.score.to_string())]),
            "enter it in percent, or take it out",
        )
    });
    let twice = model.scores.iter().enumerate().filter(|(n, s)| {
        let same = |other: &Score| other.score.to_bits() != s.score.to_bits() && is_one(other, s);
        model.scores[..*n].iter().any(same)
    });
    let twice = twice.map(|(_, s)| {
        let evidence = "another figure of the same run stands beside it".to_owned();
        finding(
            "score-twice",
            subject(model, s),
            (evidence, vec![("score", s.score.to_string())]),
            "keep the one that its source gives, or say in `harness` how they differ",
        )
    });
    off_scale.chain(twice).collect()
}

/// Whether two rows say that they are one run of one benchmark.
fn is_one(a: &Score, b: &Score) -> bool {
    a.benchmark == b.benchmark
        && a.harness == b.harness
        && a.effort == b.effort
        && a.reported_by == b.reported_by
        && a.source == b.source
}

fn subject(model: &Model, score: &Score) -> String {
    format!("{} {}", model.id, score.benchmark)
}
