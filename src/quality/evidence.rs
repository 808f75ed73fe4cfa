//! What was published of a model, as the ability model takes it: one figure per benchmark.
//!
//! Scores become log odds, so that a point near the top counts for more than one in the middle.

use crate::catalog::effort::Effort;
use crate::catalog::schema::{Reporter, Score};

/// Scores beyond these are no further apart: 0 and 100 have no log odds.
const EDGE: f64 = 1.5;

/// How far reporters of each kind lie from a vendor's own figure, in log odds. Measured where
/// one model's figure on one benchmark comes from several: third parties lie 0.24 lower in the
/// mean of 77 pairs (0.20 in the middle), rivals 0.06 lower in 38.
const fn offset(reporter: Reporter) -> f64 {
    match reporter {
        Reporter::Vendor => 0.0,
        Reporter::ThirdParty => -0.22,
        Reporter::RivalVendor => -0.08,
        Reporter::Unclear => -0.05,
    }
}

/// How far two figures of one kind of reporter scatter, in log odds, from the same pairs.
#[must_use]
pub const fn scatter(reporter: Reporter) -> f64 {
    match reporter {
        Reporter::Vendor => 0.12,
        Reporter::ThirdParty | Reporter::Unclear => 0.2,
        Reporter::RivalVendor => 0.35,
    }
}

/// The log odds of a score out of 100.
#[must_use]
pub fn log_odds(score: f64) -> f64 {
    let share = score.clamp(EDGE, 100.0 - EDGE) / 100.0;
    (share / (1.0 - share)).ln()
}

/// The score out of 100 of log odds.
#[must_use]
pub fn score_of(log_odds: f64) -> f64 {
    100.0 / (1.0 + (-log_odds).exp())
}

/// What was published of a model on one benchmark, all reports together.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence<'a> {
    /// The benchmark.
    pub benchmark: &'a str,
    /// Log odds, as the benchmark's usual kind of reporter would have found them.
    pub log_odds: f64,
    /// Variance of that: the reporters' scatter.
    pub variance: f64,
    /// The share of it that rests on the model's own vendor, 0 to 1.
    pub vendor: f64,
}

/// One piece of evidence per benchmark, in the order of first mention.
///
/// `usual` says which kind of reporter a benchmark's figures mostly come from; what it does not
/// know is left out. A figure that several repeat counts once, and so does one that stands under a
/// benchmark's name with and without its version. Runs at less than full effort place nobody.
#[must_use]
pub fn evidence<'a>(
    scores: &'a [Score],
    usual: impl Fn(&str) -> Option<Reporter>,
) -> Vec<Evidence<'a>> {
    evidence_at(scores, None, usual)
}

/// The same of runs at less than full effort.
#[must_use]
pub fn evidence_at<'a>(
    scores: &'a [Score],
    effort: Option<Effort>,
    usual: impl Fn(&str) -> Option<Reporter>,
) -> Vec<Evidence<'a>> {
    let mut all: Vec<Evidence<'a>> = Vec::new();
    for score in scores {
        let name = score.benchmark.as_str();
        if all.iter().any(|e| e.benchmark == name) {
            continue;
        }
        let figures = figures(scores, effort, name);
        if figures.is_empty() || unversioned(scores, name, &figures) {
            continue;
        }
        if let Some(usual) = usual(name) {
            all.push(pool(name, &figures, usual));
        }
    }
    all
}

/// The different figures of a benchmark; of those that agree, the vendor's.
fn figures<'a>(scores: &'a [Score], effort: Option<Effort>, benchmark: &str) -> Vec<&'a Score> {
    let mut all: Vec<&Score> = scores
        .iter()
        .filter(|s| s.benchmark == benchmark && s.effort == effort && s.score.is_finite())
        .collect();
    all.sort_by(|a, b| {
        let by_score = a.score.total_cmp(&b.score);
        by_score.then(order(a.reporter).cmp(&order(b.reporter)))
    });
    all.dedup_by(|later, kept| same(later.score, kept.score));
    all
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.05
}

/// Whether these figures stand again under a name that adds a version to this one.
fn unversioned(scores: &[Score], benchmark: &str, figures: &[&Score]) -> bool {
    let again = |figure: &&Score| {
        scores.iter().any(|s| {
            s.benchmark
                .strip_prefix(benchmark)
                .is_some_and(|rest| rest.starts_with(' '))
                && same(s.score, figure.score)
        })
    };
    figures.iter().all(again)
}

fn pool<'a>(benchmark: &'a str, figures: &[&Score], usual: Reporter) -> Evidence<'a> {
    let precision = |s: &Score| scatter(s.reporter).powi(-2);
    let total: f64 = figures.iter().map(|s| precision(s)).sum();
    let reached: f64 = figures
        .iter()
        .map(|s| precision(s) * (log_odds(s.score) - offset(s.reporter) + offset(usual)))
        .sum();
    let vendor: f64 = figures
        .iter()
        .filter(|s| s.reporter == Reporter::Vendor)
        .map(|s| precision(s))
        .sum();
    Evidence {
        benchmark,
        log_odds: reached / total,
        variance: 1.0 / total,
        vendor: vendor / total,
    }
}

/// Whose word stands for a figure that several repeat: the first.
const fn order(reporter: Reporter) -> u8 {
    match reporter {
        Reporter::Vendor => 0,
        Reporter::ThirdParty => 1,
        Reporter::RivalVendor => 2,
        Reporter::Unclear => 3,
    }
}
