//! What many figures say together: the middle, the spread, the slope.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::speed::{line_slope, median};

/// The middle of some figures and how far they lie apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    /// The middle one.
    pub median: f64,
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// How many there are.
    pub count: usize,
}

impl Spread {
    /// Of some figures; none of none.
    #[must_use]
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let figures: Vec<f64> = figures.into_iter().collect();
        Some(Self {
            median: round(median(figures.clone())?, 6),
            low: figures.iter().copied().fold(f64::INFINITY, f64::min),
            high: figures.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            count: figures.len(),
        })
    }

    /// Half the distance from lowest to highest, in percent of the median.
    #[must_use]
    pub fn percent(&self) -> f64 {
        if self.median > 0.0 {
            (self.high - self.low) / 2.0 / self.median * 100.0
        } else {
            0.0
        }
    }
}

/// A straight line through values over time: its slope per hour.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trend {
    /// Change per hour, by least squares.
    pub per_hour: f64,
    /// Twice the standard error of that: a smaller slope cannot be told from none.
    pub uncertainty_per_hour: f64,
    /// Values it rests on.
    pub count: usize,
}

impl Trend {
    /// Of (seconds, value) pairs; none of fewer than three.
    pub(super) fn of(points: &[(f64, f64)]) -> Option<Self> {
        if points.len() < 3 {
            return None;
        }
        let slope = line_slope(points)?;
        #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
        let n = points.len() as f64;
        let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
        let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
        let spread: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
        let left: f64 = points
            .iter()
            .map(|p| (p.1 - mean_y - slope * (p.0 - mean_x)).powi(2))
            .sum();
        let error = (left / (n - 2.0) / spread).sqrt();
        Some(Self {
            per_hour: slope * 3600.0,
            uncertainty_per_hour: 2.0 * error * 3600.0,
            count: points.len(),
        })
    }

    /// Whether the slope is larger than what chance gives.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.per_hour.abs() > self.uncertainty_per_hour
    }
}

/// Rounds to what a clock can tell.
pub(super) fn round(value: f64, places: i32) -> f64 {
    let scale = 10_f64.powi(places);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_its_spread() {
        let spread = Spread::of([48.0, 50.0, 47.0]).unwrap();
        assert_eq!((spread.median, spread.low, spread.high), (48.0, 47.0, 50.0));
        assert!((spread.percent() - 3.125).abs() < 1e-9);
        assert_eq!(Spread::of([]), None);
    }

    /// Norris, a line of the NIST Statistical Reference Datasets (lower difficulty): its certified
    /// slope and standard error.
    #[test]
    fn a_trend_is_the_certified_line() {
        let norris = [
            (0.2, 0.1),
            (337.4, 338.8),
            (118.2, 118.1),
            (884.6, 888.0),
            (10.1, 9.2),
            (226.5, 228.1),
            (666.3, 668.5),
            (996.3, 998.5),
            (448.6, 449.1),
            (777.0, 778.9),
            (558.2, 559.2),
            (0.4, 0.3),
            (0.6, 0.1),
            (775.5, 778.1),
            (666.9, 668.8),
            (338.0, 339.3),
            (447.5, 448.9),
            (11.6, 10.8),
            (556.0, 557.7),
            (228.1, 228.3),
            (995.8, 998.0),
            (887.6, 888.8),
            (120.2, 119.6),
            (0.3, 0.3),
            (0.3, 0.6),
            (556.8, 557.6),
            (339.1, 339.3),
            (887.2, 888.0),
            (999.0, 998.5),
            (779.0, 778.9),
            (11.1, 10.2),
            (118.3, 117.6),
            (229.2, 228.9),
            (669.1, 668.4),
            (448.9, 449.2),
            (0.5, 0.2),
        ];
        let trend = Trend::of(&norris).unwrap();
        assert!((trend.per_hour / 3600.0 - 1.002_116_818_020_45).abs() < 1e-11);
        let error = trend.uncertainty_per_hour / 2.0 / 3600.0;
        assert!((error - 0.429_796_848_199_937e-3).abs() < 1e-12);
        assert!(trend.is_sure());
    }
}
