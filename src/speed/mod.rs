//! How fast a variant decodes on a machine: measured where it was measured, predicted elsewhere.
//!
//! The two are different types, and a prediction carries its error. Never decides which is better.

mod anchors;
pub mod attention;
mod bands;
mod constants;
mod decode;
pub mod depth;
pub mod estimate;
pub mod figure;
mod fitted;
mod held_out;
pub mod job;
pub mod measured;
pub mod model;
mod observed;
mod physics;
mod pool;
pub mod predict;
mod prefill;
pub mod prefix;
mod regress;
mod rows;
pub mod shared;
pub mod streams;
pub mod turn;
pub mod weights;

pub use depth::DepthClass;
pub use figure::Figure;
pub use measured::{Filter, Measured, Reliability};
pub use model::SpeedModel;
pub use predict::{Predicted, Predictor, SpeedClass, SpeedConstants};
pub use turn::{Estimate, Workload};

use crate::basis::Basis;

/// Depths up to this count as an empty context: speeds are compared there.
pub const SHALLOW_DEPTH: u32 = 4096;

/// A decode speed with its basis.
#[derive(Debug, Clone, PartialEq)]
pub enum Speed {
    /// Seen on this class of machine.
    Measured(Measured),
    /// From the speed model.
    Predicted(Predicted),
}

impl Speed {
    /// The best single figure, tokens per second.
    #[must_use]
    pub const fn decode(&self) -> f64 {
        match self {
            Self::Measured(m) => m.decode_tokens_per_second,
            Self::Predicted(p) => p.decode_tokens_per_second,
        }
    }

    /// The figure that takes part in decisions: a prediction takes part at the low end of its
    /// range, so that a measurement wins when they are close.
    #[must_use]
    pub const fn deciding(&self) -> f64 {
        match self {
            Self::Measured(m) => m.decode_tokens_per_second,
            Self::Predicted(p) => p.low,
        }
    }

    /// Low and high end of the range.
    #[must_use]
    pub const fn range(&self) -> (f64, f64) {
        match self {
            Self::Measured(m) => (m.low, m.high),
            Self::Predicted(p) => (p.low, p.high),
        }
    }

    /// Where the figure comes from.
    #[must_use]
    pub fn source(&self) -> &str {
        match self {
            Self::Measured(m) => &m.source,
            Self::Predicted(p) => &p.source,
        }
    }

    /// Measured or predicted.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        match self {
            Self::Measured(_) => Basis::Measured,
            Self::Predicted(_) => Basis::Predicted,
        }
    }
}

/// The middle of some figures; the mean of the two middle ones when their number is even.
pub(crate) fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    if figures.is_empty() {
        None
    } else if figures.len().is_multiple_of(2) {
        Some(f64::midpoint(figures[middle - 1], figures[middle]))
    } else {
        Some(figures[middle])
    }
}

/// The slope of the least-squares line through (x, y) pairs; none where x does not vary.
pub(crate) fn line_slope(points: &[(f64, f64)]) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a count of measurements")]
    let n = points.len() as f64;
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
    let spread: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    let shared: f64 = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum();
    (points.len() > 1 && spread > 0.0).then(|| shared / spread)
}
