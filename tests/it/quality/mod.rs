//! Expected quality: the frozen constants against their fit, scores left out, and what must hold
//! whatever the figures.
#![expect(
    clippy::print_stdout,
    reason = "`--nocapture` shows what the README states"
)]

mod fit;
mod leave_out;
mod quantization;
mod talk;

use std::path::Path;

use planner::catalog::Catalog;
use planner::catalog::schema::{Model, Reporter, Score};
use planner::quality::evidence::score_of;
use planner::quality::{self, Constants, ScoreBasis, Space, TaskQuality};
use planner::task;
use serde_json::Value;

use crate::support::{command, stdout};

/// The frozen file is the fit over the catalog: no expected score of any model differs by a point.
#[test]
fn the_frozen_constants_are_the_fit_over_the_catalog() {
    let models = Catalog::embedded().unwrap().models;
    for space in Space::ALL {
        let fitted = fit::fit_in(&models, space);
        if std::env::var_os("PLANNER_WRITE_CONSTANTS").is_some() {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(space.file());
            std::fs::write(path, fit::written(&fitted)).unwrap();
            continue;
        }
        let frozen = Constants::read(space).unwrap();
        for (id, task) in task::embedded().unwrap() {
            if Space::of(task.role) != space {
                continue;
            }
            for model in models.iter().filter(|m| m.unfit(task.role).is_none()) {
                let both = [&fitted, &frozen];
                let [now, then] = both.map(|c| quality::quality(c, &task, model).unwrap());
                for (a, b) in now.expected.iter().zip(&then.expected) {
                    assert!(
                        (a.value - b.value).abs() < 1.0,
                        "{id}, {}, {}: {:.2} by the fit, {:.2} by the frozen constants: write them anew as {} says",
                        model.id,
                        a.benchmark,
                        a.value,
                        b.value,
                        space.file()
                    );
                }
            }
        }
    }
}

/// The errors that the README states, by what was left out of the fit: all are measured and
/// printed before any is judged.
#[test]
fn scores_left_out_are_predicted_within_their_bands() {
    let models = Catalog::embedded().unwrap().models;
    let single = leave_out::single_scores(&models);
    let two = leave_out::whole_models(&models, 2);
    let nothing = leave_out::whole_models(&models, 0);
    let later = leave_out::released_after(&models, 2026.2, 2);
    let later_unscored = leave_out::released_after(&models, 2026.2, 0);
    let vendors = leave_out::reporter(&models, Reporter::Vendor);
    let third = leave_out::reporter(&models, Reporter::ThirdParty);
    for (errors, median, held) in [
        (&single, 3.5, 0.75..=0.90),
        (&two, 3.5, 0.75..=0.92),
        (&nothing, 5.0, 0.75..=0.92),
        (&later, 3.5, 0.75..=0.92),
        (&later_unscored, 6.0, 0.75..=0.95),
        (&vendors, 5.0, 0.75..=0.95),
        // 27 scores alone.
        (&third, 5.5, 0.70..=0.95),
    ] {
        assert!(
            errors.median < median && held.contains(&errors.held),
            "{errors:?}"
        );
    }
    assert!(single.ninth < 13.0, "{single:?}");
}

fn quality_of(task: &str, model: &Model) -> TaskQuality {
    let tasks = task::embedded().unwrap();
    quality::quality(Constants::shipped(), &tasks[task], model).unwrap()
}

fn published(benchmark: &str, score: f64, reporter: Reporter) -> Score {
    Score {
        benchmark: benchmark.to_owned(),
        score,
        harness: None,
        effort: None,
        reporter,
        reported_by: "test".to_owned(),
        source: "test".to_owned(),
    }
}

/// A model that nobody has published anything of, of a publisher that nobody knows.
fn stranger() -> Model {
    let mut model = Catalog::embedded()
        .unwrap()
        .model("glm-4.7-flash")
        .unwrap()
        .clone();
    model.id = "stranger".to_owned();
    model.publisher = "Stranger".to_owned();
    model.scores.clear();
    model
}

#[test]
fn adding_a_model_moves_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog/qwen3.8-27b.toml"),
    )
    .unwrap();
    let text = text.replace("id = \"qwen3.8-27b\"", "id = \"newcomer\"");
    std::fs::write(folder.path().join("newcomer.toml"), text).unwrap();
    let rank = |more: &[&str]| -> Vec<Value> {
        let args = [
            &["catalog", "rank", "--task", "code", "--format", "json"],
            more,
        ]
        .concat();
        let all: Value = serde_json::from_str(&stdout(&args)).unwrap();
        all["models"].as_array().unwrap().clone()
    };
    let before = rank(&[]);
    let mut after = rank(&["--catalog", folder.path().to_str().unwrap()]);
    after.retain(|m| m["model"] != "newcomer");
    assert_eq!(before, after);
}

/// More evidence narrows the band, better scores raise the mean, and a vendor's word narrows it
/// less than a third party's.
#[test]
fn evidence_narrows_and_scores_raise() {
    let mut model = stranger();
    let nothing = quality_of("general", &model);
    assert_eq!(nothing.published, 0);
    assert!(
        nothing
            .expected
            .iter()
            .all(|e| e.basis == ScoreBasis::Estimated)
    );
    let mut last = nothing;
    for (benchmark, score) in [
        ("GPQA-Diamond", 75.0),
        ("HLE", 14.0),
        ("MMLU-Pro", 80.0),
        ("IFBench", 60.0),
    ] {
        model
            .scores
            .push(published(benchmark, score, Reporter::ThirdParty));
        let now = quality_of("general", &model);
        assert!(
            now.error < last.error,
            "{benchmark}: {:.2} after {:.2}",
            now.error,
            last.error
        );
        last = now;
    }
    let by_vendor = {
        let mut model = model.clone();
        for s in &mut model.scores {
            s.reporter = Reporter::Vendor;
        }
        quality_of("general", &model)
    };
    assert!(
        by_vendor.mean < last.mean,
        "a vendor's 75 is less than a third party's"
    );
    for i in 0..model.scores.len() {
        let mut better = model.clone();
        better.scores[i].score += 4.0;
        assert!(quality_of("general", &better).mean > last.mean);
    }
    let cautious = [0.0, 0.5, 1.0].map(|c| last.points().cautious(c));
    assert!(cautious[0] > cautious[1] && cautious[1] > cautious[2]);
    // What nobody published a score of counts at the lower end of its band, whatever the profile.
    let unknown = quality_of("general", &stranger()).points();
    assert_eq!(unknown.cautious(0.0).to_bits(), unknown.low().to_bits());
}

/// A model of its maker and shape that published a benchmark says what to expect of one that did
/// not; another maker's of that shape says nothing.
#[test]
fn kin_of_one_shape_inform_what_was_not_published() {
    let catalog = Catalog::embedded().unwrap();
    let sibling = catalog.model("qwen3-next-80b-a3b-instruct").unwrap();
    let mut model = sibling.clone();
    model.id = "newcomer".to_owned();
    model.scores = vec![published("SWE-bench Verified", 80.0, Reporter::ThirdParty)];
    let chat = |model: &Model| {
        let of = quality_of("chat", model);
        of.expected[0].clone()
    };
    assert_eq!(chat(&model).basis, ScoreBasis::Estimated);
    let benchmark = |of: &Constants| of.benchmark("MMLU-Pro").unwrap().clone();
    let mut silent = Constants::shipped().clone();
    for sibling in &mut silent.siblings {
        sibling.figures.clear();
    }
    let task = task::embedded().unwrap().remove("chat").unwrap();
    let alone = quality::quality(&silent, &task, &model).unwrap().expected[0].value;
    let by_kin = |of: &Constants, m: &Model| quality::Place::of(of, m).by_kin(&benchmark(of));
    let said = score_of(by_kin(Constants::shipped(), &model).unwrap());
    let [near, far] = [chat(&model).value, alone].map(|value| (value - said).abs());
    assert!(near < far, "{near} against {far}");
    // The same but for a tenth more parameters, or of another maker: no kin.
    let mut larger = model.clone();
    larger.parameters_total += larger.parameters_total / 10;
    let mut strange = model.clone();
    strange.publisher = "Stranger".to_owned();
    for other in [&larger, &strange] {
        assert!(by_kin(Constants::shipped(), other).is_none());
    }
}

/// A fine-tune starts from its base: strong claims of a tuner whom nobody checked count for less
/// than those of a new model, and what it did not publish lies near its base.
#[test]
fn a_fine_tune_starts_from_its_base() {
    let catalog = Catalog::embedded().unwrap();
    let base = catalog.model("qwen3.5-35b-a3b").unwrap();
    let mut tuned = base.clone();
    tuned.id = "tuned".to_owned();
    tuned.publisher = "Stranger".to_owned();
    tuned.released = Some("2026-08".to_owned());
    tuned.scores = vec![
        published("SWE-bench Verified", 82.0, Reporter::Vendor),
        published("Terminal-Bench 2.1", 70.0, Reporter::Vendor),
    ];
    let mut known = tuned.clone();
    known.base = Some(base.id.clone());
    for task in ["code", "general"] {
        let [without, with] = [&tuned, &known].map(|m| quality_of(task, m).mean);
        let of_base = quality_of(task, base).mean;
        assert!(
            of_base < with && with < without - 1.0,
            "{task}: {of_base}, {with}, {without}"
        );
    }
}

/// The same figure told twice, under an unversioned name too, is one figure.
#[test]
fn a_figure_told_twice_counts_once() {
    let mut model = stranger();
    model
        .scores
        .push(published("LiveCodeBench v6", 70.0, Reporter::Vendor));
    let once = quality_of("code", &model);
    model
        .scores
        .push(published("LiveCodeBench v6", 70.0, Reporter::RivalVendor));
    model
        .scores
        .push(published("LiveCodeBench", 70.0, Reporter::Vendor));
    assert_eq!(quality_of("code", &model), once);
}

/// A run at less than full effort says what effort is worth, and places nobody.
#[test]
fn a_run_at_low_effort_places_nobody() {
    let mut model = stranger();
    model
        .scores
        .push(published("GPQA-Diamond", 70.0, Reporter::Vendor));
    let once = quality_of("general", &model);
    let mut low = published("HLE", 5.0, Reporter::Vendor);
    low.effort = Some(planner::catalog::effort::Effort::Low);
    model.scores.push(low);
    assert_eq!(quality_of("general", &model), once);
}

const FLATTERY: f64 = 0.3;

/// The closed form against numbers: the posterior by summing over a fine grid of places and of what
/// a vendor may add to all its figures.
#[test]
fn the_place_is_the_posterior() {
    use planner::quality::evidence::Evidence;
    use planner::quality::matrix::Symmetric;
    let constants = Constants::shipped();
    let spread = Symmetric {
        a: 0.2,
        b: 0.05,
        c: 0.3,
    };
    let figures = [
        ("GPQA-Diamond", 1.4),
        ("SWE-bench Verified", 0.9),
        ("HLE", -1.2),
    ];
    let evidence: Vec<Evidence<'_>> = figures
        .iter()
        .map(|(benchmark, log_odds)| Evidence {
            benchmark,
            log_odds: *log_odds,
            variance: 0.04,
            vendor: if *benchmark == "HLE" { 0.3 } else { 1.0 },
        })
        .collect();
    let place = quality::Place::from_evidence(
        &constants.benchmarks,
        ([0.3, 0.1], spread),
        FLATTERY,
        evidence.clone(),
    );
    let certain = spread.inverse();
    let (mut sum, mut mean) = (0.0, [0.0; 3]);
    let benchmarks = figures.map(|(n, _)| constants.benchmark(n).unwrap());
    for i in -100..=100 {
        for j in -100..=100 {
            let at = [0.3 + f64::from(i) / 40.0, 0.1 + f64::from(j) / 40.0];
            let prior = -0.5 * certain.quadratic([at[0] - 0.3, at[1] - 0.1]);
            let usual = benchmarks.map(|b| b.log_odds(at));
            for k in -40..=40 {
                let flattery = f64::from(k) / 32.0;
                let mut log = prior - 0.5 * (flattery / FLATTERY).powi(2);
                for ((e, weight), (b, usual)) in
                    place.evidence.iter().zip(benchmarks.iter().zip(usual))
                {
                    let off = e.log_odds - usual - e.vendor * flattery;
                    log -= 0.5 * weight * off * off / (b.variance + e.variance);
                }
                let likely = log.exp();
                sum += likely;
                let here = [at[0], at[1], flattery];
                mean = [0, 1, 2].map(|i| mean[i] + likely * here[i]);
            }
        }
    }
    let placed = [place.mean[0], place.mean[1], place.flattery];
    for (mean, placed) in mean.iter().zip(placed) {
        assert!(
            (mean / sum - placed).abs() < 1e-3,
            "{mean} / {sum}, {placed}"
        );
    }
}

/// A vendor whose figures nobody has checked is taken at its word less than one whose figures
/// were; what third parties say counts alike.
#[test]
fn claims_that_nobody_checked_count_for_less() {
    let claims = |publisher: &str, reporter| {
        let mut model = stranger();
        model.publisher = publisher.to_owned();
        for (benchmark, score) in [("SWE-bench Verified", 79.0), ("SWE-bench Pro", 60.0)] {
            model.scores.push(published(benchmark, score, reporter));
        }
        model
    };
    let mut constants = Constants::shipped().clone();
    let code = task::embedded().unwrap().remove("code").unwrap();
    let of = |constants: &Constants, reporter| {
        quality::quality(constants, &code, &claims("Stranger", reporter)).unwrap()
    };
    let [told, found] =
        [Reporter::Vendor, Reporter::ThirdParty].map(|reporter| of(&constants, reporter));
    constants.checked.push("Stranger".to_owned());
    let [trusted, found_again] =
        [Reporter::Vendor, Reporter::ThirdParty].map(|reporter| of(&constants, reporter));
    assert!(told.mean < trusted.mean - 1.0 && told.error > trusted.error);
    assert_eq!(found.mean.to_bits(), found_again.mean.to_bits());
}

#[test]
fn the_ranking_keeps_to_its_contract() {
    let all: Value = serde_json::from_str(&stdout(&[
        "catalog",
        "rank",
        "--task",
        "agent",
        "--machine",
        "m4-max-64gb",
        "--format",
        "json",
    ]))
    .unwrap();
    let schema: Value =
        serde_json::from_str(include_str!("../../../schemas/ranking.json")).unwrap();
    assert!(jsonschema::is_valid(&schema, &all));
    let models = all["models"].as_array().unwrap();
    let catalog = Catalog::embedded().unwrap();
    let ranked = |m: &&Model| m.narrow_purpose().is_none();
    assert_eq!(models.len(), catalog.models.iter().filter(ranked).count());
    let quality = |m: &Value| m["quality"].as_f64().unwrap();
    assert!(models.windows(2).all(|w| quality(&w[0]) >= quality(&w[1])));
    for m in models {
        assert!(
            m["low"].as_f64() <= m["quality"].as_f64()
                && m["quality"].as_f64() <= m["high"].as_f64()
        );
        assert_eq!(m["expected"].as_array().unwrap().len(), 5);
    }
    assert!(
        models.iter().any(|m| m["fits"] == false),
        "models that do not fit are there too"
    );
    let alone: Value = serde_json::from_str(&stdout(&[
        "catalog", "rank", "--task", "agent", "--format", "json",
    ]))
    .unwrap();
    assert!(
        alone["models"]
            .as_array()
            .unwrap()
            .iter()
            .all(|m| m["memory_bytes"].is_null())
    );
}

#[test]
fn the_ranking_reads_well_on_eighty_columns() {
    let args = [
        "catalog",
        "rank",
        "--task",
        "code",
        "--machine",
        "m4-max-64gb",
    ];
    let output = command(&args).env("COLUMNS", "80").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
    assert!(text.lines().any(|l| l.ends_with(" no")) && text.lines().any(|l| l.ends_with(" yes")));
}
