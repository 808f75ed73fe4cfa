//! How long models talk, and what less effort costs, against published rows.

use planner::catalog::Catalog;
use planner::catalog::effort::Effort;
use planner::quality::talk::{LengthBasis, length};
use planner::quality::{Constants, quality_at};
use planner::task;

#[test]
fn less_effort_is_shorter_and_no_better() {
    let catalog = Catalog::embedded().unwrap();
    let constants = Constants::shipped();
    let tasks = task::embedded().unwrap();
    for model in catalog.models.iter().filter(|m| m.reasoning) {
        let all = Effort::ALL.map(|e| length(&catalog, model, Some(e)));
        assert!(
            all.windows(2).all(|w| w[0].ratio < w[1].ratio),
            "{}",
            model.id
        );
        assert!(all.iter().all(|l| l.low < l.ratio && l.ratio < l.high));
        for task in [&tasks["code"], &tasks["reasoning"]] {
            let all =
                Effort::ALL.map(|e| quality_at(constants, task, model, Some(e)).unwrap().mean);
            assert!(
                all.windows(2).all(|w| w[0] <= w[1]),
                "{}, {}: {all:?}",
                model.id,
                task.id
            );
        }
    }
}

/// Every published score at less than full effort, against the published one at full effort moved
/// by the effort.
#[test]
fn what_an_effort_costs_is_what_was_published() {
    let catalog = Catalog::embedded().unwrap();
    let constants = Constants::shipped();
    let mut errors = Vec::new();
    for model in &catalog.models {
        for row in &model.scores {
            let (Some(effort), Some(benchmark)) = (row.effort, constants.benchmark(&row.benchmark))
            else {
                continue;
            };
            let full = model
                .scores
                .iter()
                .find(|s| s.benchmark == row.benchmark && s.effort.is_none());
            let Some(full) = full else { continue };
            let moved = planner::quality::evidence::log_odds(full.score)
                + benchmark.change(planner::quality::talk::shift(constants, effort));
            let expected = planner::quality::evidence::score_of(moved);
            println!(
                "{} {} {effort}: {expected:.1}, published {}",
                model.id, row.benchmark, row.score
            );
            errors.push((expected - row.score).abs());
        }
    }
    errors.sort_by(f64::total_cmp);
    assert!(
        errors.len() >= 8 && errors[errors.len() / 2] < 5.0,
        "{errors:?}"
    );
}

#[test]
fn a_length_says_what_it_rests_on() {
    let catalog = Catalog::embedded().unwrap();
    let of = |id: &str| length(&catalog, catalog.model(id).unwrap(), None);
    let counted = of("qwen3.8-flash-next");
    assert_eq!(counted.basis, LengthBasis::Measured);
    assert!(counted.ratio > 1.2 && of("minimax-m3").ratio < counted.ratio);
    assert_eq!(of("qwen3.6-27b").basis, LengthBasis::Predicted);
    let mut stranger = catalog.model("qwen3.6-27b").unwrap().clone();
    stranger.publisher = "Nobody".to_owned();
    stranger.id = "stranger".to_owned();
    let unknown = length(&catalog, &stranger, None);
    assert_eq!(unknown.basis, LengthBasis::Assumed);
    assert!(unknown.high / unknown.low > counted.high / counted.low);
}
