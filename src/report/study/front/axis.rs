//! The axes of a front: memory in doublings, as machines are sold, and score.

use super::super::picture::{Axis, Tick};
use crate::units::Bytes;

const GIB: f64 = 1_073_741_824.0;
/// What stands between two doublings, the coarsest first.
const BETWEEN: [&[f64]; 4] = [
    &[1.0],
    &[1.0, 1.5],
    &[1.0, 1.25, 1.5, 1.75],
    &[1.0, 1.125, 1.25, 1.375, 1.5, 1.625, 1.75, 1.875],
];
/// Fewer labels say too little.
const FEWEST: usize = 4;

/// Where a size stands: doublings of a GiB.
pub(super) fn doublings(size: Bytes) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a place on a picture")]
    let bytes = size.0.max(1) as f64;
    (bytes / GIB).log2()
}

/// The axis of memory.
pub(super) fn memory(title: &str, sizes: impl Iterator<Item = Bytes>) -> Axis {
    let (from, to) = padded(sizes.map(doublings), 0.2);
    let of = |between: &&[f64]| -> Vec<f64> {
        let ticks = (-6..16).flat_map(|k| between.iter().map(move |b| b.log2() + f64::from(k)));
        ticks.filter(|t| (from..=to).contains(t)).collect()
    };
    let mut choices = BETWEEN.iter().map(of);
    let enough = choices.find(|t| t.len() >= FEWEST);
    let ticks = enough.unwrap_or_else(|| BETWEEN.last().map(of).unwrap_or_default());
    let text = |at: f64| format!("{}", (at.exp2() * 1000.0).round() / 1000.0);
    axis(title, (from, to), &ticks, text)
}

/// The axis of scores.
pub(super) fn score(title: &str, scores: impl Iterator<Item = f64>) -> Axis {
    let (from, to) = padded(scores, 0.01);
    // Above the highest its label has room.
    let to = to + (to - from) * 0.06;
    let of = |step: f64| -> Vec<f64> {
        let ticks = (0..=100).map(|n| f64::from(n) * step);
        ticks.filter(|t| (from..=to).contains(t)).collect()
    };
    let mut choices = [0.2, 0.1, 0.05, 0.02].map(of).into_iter();
    let enough = choices.find(|t| t.len() >= FEWEST);
    let ticks = enough.unwrap_or_else(|| of(0.01));
    axis(title, (from, to), &ticks, |at| format!("{at:.2}"))
}

fn axis(title: &str, (from, to): (f64, f64), ticks: &[f64], text: impl Fn(f64) -> String) -> Axis {
    let tick = |at: &f64| Tick {
        at: *at,
        text: text(*at),
    };
    Axis {
        title: title.to_owned(),
        from,
        to,
        ticks: ticks.iter().map(tick).collect(),
        grid: true,
    }
}

/// From least to most, with air on both sides.
fn padded(places: impl Iterator<Item = f64>, least: f64) -> (f64, f64) {
    let (low, high) = places.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| {
        (low.min(p), high.max(p))
    });
    let air = ((high - low) * 0.08).max(least);
    (low - air, high + air)
}
