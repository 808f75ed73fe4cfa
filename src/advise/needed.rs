//! What a model that is not in the answer would have to score.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::schema::{Reporter, Score};
use crate::quality::constants::Constants;
use crate::scenario::error::RecommendError;
use crate::scenario::{Prepared, Scenario};
use crate::solve::Deadline;

/// Benchmarks that are tried, of those that the model has or its tasks count.
const TRIED: usize = 3;
/// The highest score that is tried, in percent.
const MOST: u8 = 99;

/// The score with which a model would be in the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreNeeded {
    /// The benchmark, all else being as it is.
    pub benchmark: String,
    /// What the model is said to score there; the mean where several say so.
    pub now: Option<f64>,
    /// The least whole percentage with which it serves a task; absent where none up to 99 does.
    pub needed: Option<u8>,
}

/// Tries, for each benchmark that the model of this id has a score of (the first that its tasks count
/// where it has none), the least score with which it serves a task.
///
/// # Errors
/// When the solver fails or the deadline comes first.
pub(super) fn needed(
    scenario: &Scenario<'_>,
    id: &str,
    deadline: Deadline<'_>,
) -> Result<Vec<ScoreNeeded>, RecommendError> {
    let benchmarks = benchmarks(scenario, id).into_iter();
    let one = |benchmark: String| {
        Ok(ScoreNeeded {
            needed: least(scenario, id, &benchmark, deadline)?,
            now: mean(scenario, id, &benchmark),
            benchmark,
        })
    };
    benchmarks.map(one).collect()
}

fn benchmarks(scenario: &Scenario<'_>, id: &str) -> Vec<String> {
    let tasks = &scenario.request.tasks;
    let known = |name: &str| {
        let mut judged = tasks.iter().map(|(task, _)| Constants::of(task.role));
        judged.any(|constants| constants.benchmark(name).is_some())
    };
    let model = scenario.catalog.model(id);
    let scores = model.into_iter().flat_map(|m| &m.scores);
    let mut names: Vec<String> = Vec::new();
    for score in scores.filter(|s| known(&s.benchmark)) {
        if !names.contains(&score.benchmark) {
            names.push(score.benchmark.clone());
        }
    }
    if names.is_empty() {
        let tasks = scenario.request.tasks.iter();
        let mut heaviest = tasks.filter_map(|(task, _)| {
            let counted = task.benchmarks.iter().filter(|b| known(&b.name));
            counted.max_by(|a, b| a.weight.total_cmp(&b.weight))
        });
        names.extend(heaviest.next().map(|b| b.name.clone()));
    }
    names.truncate(TRIED);
    names
}

fn mean(scenario: &Scenario<'_>, id: &str, benchmark: &str) -> Option<f64> {
    let scores = scenario.catalog.model(id)?.scores.iter();
    let of_it: Vec<f64> = scores
        .filter(|s| s.benchmark == benchmark)
        .map(|s| s.score)
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a few scores")]
    let mean = of_it.iter().sum::<f64>() / of_it.len() as f64;
    (!of_it.is_empty()).then_some(mean)
}

/// The least score that makes it serve: more is never worse, so halving finds it.
fn least(
    scenario: &Scenario<'_>,
    id: &str,
    benchmark: &str,
    deadline: Deadline<'_>,
) -> Result<Option<u8>, RecommendError> {
    let serves = |score: u8| -> Result<bool, RecommendError> {
        if deadline.passed() {
            return Err(RecommendError::OutOfTime);
        }
        let there = with_score(scenario, id, benchmark, f64::from(score));
        let best = Prepared::once(&there).best(deadline)?;
        Ok(best.is_some_and(|answer| answer.is_served_by(id)))
    };
    if !serves(MOST)? {
        return Ok(None);
    }
    let (mut low, mut high) = (0, MOST);
    while low < high {
        let middle = low.midpoint(high);
        match serves(middle)? {
            true => high = middle,
            false => low = middle + 1,
        }
    }
    Ok(Some(high))
}

fn with_score<'a>(scenario: &Scenario<'a>, id: &str, benchmark: &str, score: f64) -> Scenario<'a> {
    let mut there = scenario.clone();
    let catalog = there.catalog.to_mut();
    if let Some(model) = catalog.models.iter_mut().find(|m| m.id == id) {
        let before = model.scores.iter().find(|s| s.benchmark == benchmark);
        let reporter = before.map_or(Reporter::Unclear, |s| s.reporter);
        model.scores.retain(|s| s.benchmark != benchmark);
        model.scores.push(Score {
            benchmark: benchmark.to_owned(),
            score,
            harness: None,
            effort: None,
            reporter,
            reported_by: "tried".to_owned(),
            source: "tried".to_owned(),
        });
    }
    there
}
