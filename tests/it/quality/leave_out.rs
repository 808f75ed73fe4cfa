//! Scores left out of the fit, and predicted: how far off, and whether the bands hold them.

use std::collections::BTreeSet;

use planner::catalog::schema::{Model, Reporter, Score};
use planner::quality::evidence::{evidence, score_of};
use planner::quality::prior::release;
use planner::quality::{Constants, quality};
use planner::task::{self, TaskProfile};

use super::fit::{checked, fit};

/// One score that was left out, and what was predicted for it.
struct Outcome {
    what: String,
    predicted: f64,
    published: f64,
    held: bool,
}

/// Errors over a group: what is asserted, and printed by `--nocapture`.
#[derive(Debug)]
pub(super) struct Errors {
    pub(super) median: f64,
    pub(super) ninth: f64,
    pub(super) held: f64,
}

fn summary(name: &str, outcomes: &[Outcome]) -> Errors {
    let mut errors: Vec<f64> = outcomes
        .iter()
        .map(|o| (o.predicted - o.published).abs())
        .collect();
    errors.sort_by(f64::total_cmp);
    if std::env::var_os("PLANNER_SHOW_ERRORS").is_some() {
        for o in outcomes.iter().filter(|o| !o.held) {
            println!(
                "    {name}: {} {:.1}, expected {:.1}",
                o.what, o.published, o.predicted
            );
        }
    }
    let held = outcomes.iter().filter(|o| o.held).count() as f64 / outcomes.len() as f64;
    let of = Errors {
        median: errors[errors.len() / 2],
        ninth: errors[errors.len() * 9 / 10],
        held,
    };
    println!(
        "{name:<44} {:>4} scores, error {:.1} in the middle, {:.1} for nine in ten, bands hold {:.0} %",
        outcomes.len(),
        of.median,
        of.ninth,
        100.0 * of.held
    );
    of
}

/// All benchmarks of the shipped tasks as one task.
fn every_benchmark() -> TaskProfile {
    let mut tasks = task::embedded().unwrap().into_values();
    let mut all = tasks.next().unwrap();
    for other in tasks {
        for benchmark in other.benchmarks {
            if all.benchmarks.iter().all(|b| b.name != benchmark.name) {
                all.benchmarks.push(benchmark);
            }
        }
    }
    all
}

/// The figure that a reader would hold a prediction against: the vendor's, else a third party's,
/// else a rival's.
fn figure(model: &Model, benchmark: &str) -> Option<f64> {
    let first = |reporter: Reporter| {
        let mut scores = model.scores.iter();
        scores.find(|s| s.benchmark == benchmark && s.reporter == reporter && s.effort.is_none())
    };
    [
        Reporter::Vendor,
        Reporter::ThirdParty,
        Reporter::RivalVendor,
        Reporter::Unclear,
    ]
    .into_iter()
    .find_map(first)
    .map(|s| s.score)
}

fn keep(model: &Model, which: impl Fn(&Score) -> bool) -> Model {
    let mut kept = model.clone();
    kept.scores.retain(which);
    kept
}

/// What is predicted for those benchmarks of a model that `known` lacks.
fn predicted(
    constants: &Constants,
    task: &TaskProfile,
    full: &Model,
    known: &Model,
) -> Vec<Outcome> {
    let Some(of) = quality(constants, task, known) else {
        return Vec::new();
    };
    of.expected
        .iter()
        .filter(|e| {
            known
                .scores
                .iter()
                .all(|s| s.benchmark != e.benchmark || s.effort.is_some())
        })
        .filter_map(|e| {
            let published = figure(full, &e.benchmark)?;
            Some(Outcome {
                what: format!("{} {}", full.id, e.benchmark),
                predicted: e.value,
                published,
                held: (e.low..=e.high).contains(&published),
            })
        })
        .collect()
}

/// A number that stays the same on every machine, to deal scores and models out by.
fn dealt(name: &str, hands: u64) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in name.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (hash >> 17) % hands
}

const HANDS: u64 = 5;

/// Single scores: a fifth of all (model, benchmark) pairs at a time.
pub(super) fn single_scores(models: &[Model]) -> Errors {
    let task = every_benchmark();
    let mut all = Vec::new();
    for hand in 0..HANDS {
        let stays =
            |m: &Model, s: &Score| dealt(&format!("{} {}", m.id, s.benchmark), HANDS) != hand;
        let known: Vec<Model> = models.iter().map(|m| keep(m, |s| stays(m, s))).collect();
        let constants = fit(&known);
        let pairs = models.iter().zip(&known);
        all.extend(pairs.flat_map(|(m, k)| predicted(&constants, &task, m, k)));
    }
    summary("single scores", &all)
}

/// All but `kept` benchmarks of the tasks, for each model; the models of a hand are not in the fit.
pub(super) fn whole_models(models: &[Model], kept: usize) -> Errors {
    let task = every_benchmark();
    let mut all = Vec::new();
    for hand in 0..HANDS {
        let (out, known): (Vec<Model>, Vec<Model>) = models
            .iter()
            .cloned()
            .partition(|m| dealt(&m.id, HANDS) == hand);
        let constants = fit(&known);
        all.extend(
            out.iter()
                .flat_map(|m| predicted(&constants, &task, m, &thinned(&task, m, kept))),
        );
    }
    summary(&format!("all but {kept} of a model"), &all)
}

/// Models released after a time: none of them is in the fit.
pub(super) fn released_after(models: &[Model], year: f64, kept: usize) -> Errors {
    let task = every_benchmark();
    let (out, known): (Vec<Model>, Vec<Model>) = models
        .iter()
        .cloned()
        .partition(|m| release(m).is_some_and(|r| r > year));
    let constants = fit(&known);
    let all: Vec<Outcome> = out
        .iter()
        .flat_map(|m| predicted(&constants, &task, m, &thinned(&task, m, kept)))
        .collect();
    summary(&format!("all but {kept} of models after 2026-03"), &all)
}

/// Every figure of one kind of reporter, where nobody else publishes it: each held against what
/// is expected, once the known distance between kinds of reporter is taken off.
pub(super) fn reporter(models: &[Model], who: Reporter) -> Errors {
    let task = every_benchmark();
    let known: Vec<Model> = models
        .iter()
        .map(|m| keep(m, |s| s.reporter != who))
        .collect();
    let mut constants = fit(&known);
    // Whether somebody checked a vendor is known of those whose figures are left out here.
    constants.checked = checked(models);
    let usual = |name: &str| constants.benchmark(name).map(|b| b.reporter);
    let told_alike = |m: &Model| {
        let mut m = m.clone();
        for s in &mut m.scores {
            let alone = std::slice::from_ref(s);
            if let Some(figure) = evidence(alone, usual).first().map(|e| e.log_odds) {
                s.score = score_of(figure);
            }
        }
        m
    };
    let all: Vec<Outcome> = models
        .iter()
        .zip(&known)
        .flat_map(|(m, k)| predicted(&constants, &task, &told_alike(m), k))
        .collect();
    summary(&format!("all figures by {who:?}"), &all)
}

/// The model with `kept` of the task's benchmarks and nothing else.
fn thinned(task: &TaskProfile, model: &Model, kept: usize) -> Model {
    let mut names: Vec<&str> = task
        .benchmarks
        .iter()
        .map(|b| b.name.as_str())
        .filter(|b| figure(model, b).is_some())
        .collect();
    names.sort_by_key(|b| dealt(&format!("{b} {}", model.id), 1_000_003));
    let names: BTreeSet<String> = names.iter().take(kept).map(|b| (*b).to_owned()).collect();
    keep(model, |s| names.contains(&s.benchmark))
}
