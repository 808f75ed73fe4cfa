//! How long models talk, and what less effort costs, against published rows.

use planner::catalog::Catalog;
use planner::catalog::effort::Effort;
use planner::quality::constants::{Benchmark, Space};
use planner::quality::effort;
use planner::quality::evidence::log_odds;
use planner::quality::talk::{LengthBasis, length};
use planner::quality::{Constants, quality_at};
use planner::task;

#[test]
fn less_effort_is_shorter_and_no_better() {
    let catalog = Catalog::embedded().unwrap();
    let constants = Constants::shipped();
    let tasks = task::embedded().unwrap();
    let mut offered = 0;
    for model in &catalog.models {
        let Some(thinking) = &model.thinking else {
            continue;
        };
        assert!(model.reasoning, "{}", model.id);
        assert!(thinking.efforts.contains(&thinking.default), "{}", model.id);
        assert!(thinking.efforts.is_sorted() && !thinking.efforts.is_empty());
        let off = thinking.efforts.contains(&Effort::Off);
        assert_eq!(off, thinking.switch.is_some(), "{}", model.id);
        let told = thinking
            .efforts
            .iter()
            .map(|e| thinking.template((*e).into()));
        let told: Vec<_> = told.collect();
        let different = |n: usize| !told[n].is_empty() && !told[..n].contains(&told[n]);
        assert!((0..told.len()).all(different), "{}: {told:?}", model.id);
        let lengths = thinking
            .efforts
            .iter()
            .map(|e| length(&catalog, model, Some(*e)));
        let lengths: Vec<_> = lengths.filter(|l| l.thinks).collect();
        assert!(lengths.windows(2).all(|w| w[0].ratio < w[1].ratio));
        assert!(
            lengths
                .iter()
                .all(|l| l.low <= l.ratio && l.ratio <= l.high)
        );
        for task in [&tasks["code"], &tasks["reasoning"]] {
            let at = |e: &Effort| quality_at(constants, task, model, Some(*e)).unwrap().mean;
            let all: Vec<f64> = thinking.efforts.iter().map(at).collect();
            let rising = all.windows(2).all(|w| w[0] <= w[1] + 1e-9);
            assert!(rising, "{}, {}: {all:?}", model.id, task.id);
        }
        offered += 1;
    }
    assert!(offered > 25, "{offered}");
}

/// Published both at the highest effort and below: how far the one lies below the other in log
/// odds, what it loads on, and how far the effort goes towards thinking switched off.
struct Pair {
    less: f64,
    benchmark: &'static Benchmark,
    way: f64,
}

fn pairs(space: Space) -> Vec<Pair> {
    let catalog = Catalog::embedded().unwrap();
    let constants = Constants::in_space(space);
    let rows = match space {
        Space::Vision => include_str!("../../data/effort-pairs-vision.tsv"),
        _ => include_str!("../../data/effort-pairs.tsv"),
    };
    let rows = rows.lines().filter(|l| !l.starts_with('#')).skip(1);
    let pair = |row: &str| {
        let cells: Vec<&str> = row.split('\t').collect();
        let effort: Effort = serde_json::from_value(cells[2].into()).unwrap();
        let [full, less] = [3, 4].map(|i: usize| log_odds(cells[i].parse().unwrap()));
        let benchmark = constants.benchmark(cells[1]).unwrap();
        // What the catalog has of it is the same figure.
        if let Some(model) = catalog.model(cells[0]) {
            let known = model
                .scores
                .iter()
                .find(|s| s.benchmark == cells[1] && s.effort == Some(effort));
            let same =
                known.is_none_or(|s| (s.score - cells[4].parse::<f64>().unwrap()).abs() < 1e-9);
            assert!(same, "{row}");
        }
        let way = match effort {
            Effort::Off => 1.0,
            Effort::High => 0.2,
            other => panic!("{other}"),
        };
        Pair {
            less: less - full,
            benchmark,
            way,
        }
    };
    rows.map(pair).collect()
}

/// The constants are the least squares of what was published, and most pairs lie in the band of four of
/// five.
#[test]
fn what_an_effort_costs_is_what_was_published() {
    let held = as_published(Space::General, 40);
    assert!(held >= 0.7, "{held}");
    // Of pictures fewer models were published both ways, and they differ less.
    let held = as_published(Space::Vision, 20);
    assert!(held >= 0.7, "{held}");
}

/// The share of at least so many pairs that lies in the band.
fn as_published(space: Space, least: usize) -> f64 {
    let pairs = pairs(space);
    assert!(pairs.len() >= least, "{}", pairs.len());
    // Normal equations of less = way x (loading . shift).
    let (mut normal, mut right) = ([0.0; 3], [0.0; 2]);
    for Pair {
        less,
        benchmark,
        way,
    } in &pairs
    {
        let [a, t] = benchmark.loading.map(|l| l * way);
        normal = [normal[0] + a * a, normal[1] + a * t, normal[2] + t * t];
        right = [right[0] + less * a, right[1] + less * t];
    }
    let [aa, at, tt] = normal;
    let determinant = aa * tt - at * at;
    let fitted = match space {
        // Pictures know no tilt.
        Space::Vision => [right[0] / aa, 0.0],
        _ => [
            (right[0] * tt - right[1] * at) / determinant,
            (aa * right[1] - at * right[0]) / determinant,
        ],
    };
    let (mut off, mut within) = (0.0, 0);
    for Pair {
        less,
        benchmark,
        way,
    } in &pairs
    {
        let frozen = way * effort::without_thinking(space, benchmark);
        let refitted = way * benchmark.change(fitted);
        off += (frozen - refitted).abs();
        let error = (0.3 * frozen).hypot(0.27 * way).hypot(0.2);
        within += usize::from((less - frozen).abs() <= 1.2816 * error);
    }
    #[expect(clippy::cast_precision_loss, reason = "some dozens")]
    let (off, held) = (off / pairs.len() as f64, within as f64 / pairs.len() as f64);
    println!(
        "{} pairs, fitted {fitted:?}, apart {off:.3}, in band {held:.2}",
        pairs.len()
    );
    assert!(off < 0.15, "{off}");
    held
}

/// The spread of how long models talk is that of the models that were counted.
#[test]
fn an_unknown_model_talks_like_those_that_were_counted() {
    let catalog = Catalog::embedded().unwrap();
    let counted: Vec<(&str, f64)> = catalog
        .models
        .iter()
        .filter(|m| m.reasoning)
        .filter_map(|m| {
            let length = length(&catalog, m, None);
            let measured = length.basis == LengthBasis::Measured;
            measured.then(|| (m.publisher.as_str(), length.ratio.ln()))
        })
        .collect();
    let n = counted.len();
    #[expect(clippy::cast_precision_loss, reason = "some dozens")]
    let variance = counted.iter().map(|(_, log)| log * log).sum::<f64>() / n as f64;
    let mut stranger = catalog.model("qwen3.6-27b").unwrap().clone();
    stranger.publisher = "Nobody".to_owned();
    stranger.id = "stranger".to_owned();
    let unknown = length(&catalog, &stranger, None);
    let spread = (unknown.high / unknown.ratio).ln() / 1.2816;
    println!(
        "{n} models, deviation {:.3}, taken {spread:.3}",
        variance.sqrt()
    );
    assert!(n >= 15 && (unknown.ratio - 1.0).abs() < 1e-9);
    assert!((spread - variance.sqrt()).abs() < 0.05);
    // Each left out, four of five lie in the band of what its maker's others let expect.
    let within = catalog
        .models
        .iter()
        .filter(|m| m.reasoning)
        .filter_map(|m| {
            let own = length(&catalog, m, None);
            let mut unseen = m.clone();
            unseen.id = "unseen".to_owned();
            let mut others = catalog.clone();
            others.models.retain(|other| other.id != m.id);
            let expected = length(&others, &unseen, None);
            (own.basis == LengthBasis::Measured)
                .then(|| (expected.low..=expected.high).contains(&own.ratio))
        });
    let within: Vec<bool> = within.collect();
    let held = within.iter().filter(|held| **held).count();
    println!("{held} of {} in band", within.len());
    assert!(held * 10 >= within.len() * 7, "{held} of {}", within.len());
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
