//! A figure of speed or time, measured or predicted; never without a range.

use super::source::Source;
use crate::basis::Basis;

/// The least spread that a measured figure carries, as a logarithm: what another source on the same
/// Mac with the same file was seen to differ by in most cases.
pub(super) const LEAST_SPREAD: f64 = 0.12;

/// The least spread of an owner's own runs on the owner's Mac.
pub(super) const OWN_SPREAD: f64 = 0.03;

/// Seen on this class of machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The figure.
    pub value: f64,
    /// Low end of what runs and sources gave, and at least of their usual spread.
    pub low: f64,
    /// High end.
    pub high: f64,
    /// How many runs.
    pub runs: usize,
    /// Mean over requests of tokens by whole time, prompt included, of the median run; where the
    /// requests are known.
    pub wall_clock_tokens_per_second: Option<f64>,
    /// Program, date and source.
    pub source: Source,
}

/// From the speed model.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// The figure.
    pub value: f64,
    /// Low end of the range.
    pub low: f64,
    /// High end of the range.
    pub high: f64,
    /// Runs of the same file that it rests on, on this Mac at other depths or on others.
    pub runs: usize,
    /// What it rests on, in words.
    pub source: Source,
}

/// A figure with its basis.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// Seen.
    Measured(Seen),
    /// From the model.
    Predicted(Expected),
}

impl Figure {
    pub(super) fn predicted(value: f64, spread: f64, runs: usize, source: Source) -> Self {
        Self::Predicted(Expected {
            value,
            low: value * (-spread).exp(),
            high: value * spread.exp(),
            runs,
            source,
        })
    }

    /// The figure itself.
    #[must_use]
    pub const fn value(&self) -> f64 {
        match self {
            Self::Measured(seen) => seen.value,
            Self::Predicted(expected) => expected.value,
        }
    }

    /// The figure that takes part in decisions, of a speed: a prediction takes part at the low end of
    /// its range, so that a measurement wins when they are close.
    #[must_use]
    pub const fn deciding(&self) -> f64 {
        match self {
            Self::Measured(seen) => seen.value,
            Self::Predicted(expected) => expected.low,
        }
    }

    /// The figure that takes part in decisions, of a time: a prediction takes part at the high end.
    #[must_use]
    pub const fn deciding_time(&self) -> f64 {
        match self {
            Self::Measured(seen) => seen.value,
            Self::Predicted(expected) => expected.high,
        }
    }

    /// Its low and high end.
    #[must_use]
    pub const fn range(&self) -> (f64, f64) {
        match self {
            Self::Measured(seen) => (seen.low, seen.high),
            Self::Predicted(expected) => (expected.low, expected.high),
        }
    }

    /// Runs behind it.
    #[must_use]
    pub const fn runs(&self) -> usize {
        match self {
            Self::Measured(seen) => seen.runs,
            Self::Predicted(expected) => expected.runs,
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

    /// What it rests on.
    #[must_use]
    pub const fn source(&self) -> &Source {
        match self {
            Self::Measured(seen) => &seen.source,
            Self::Predicted(expected) => &expected.source,
        }
    }

    /// The figure with each end changed alike; what grows as it falls is turned around.
    pub(super) fn map(self, change: impl Fn(f64) -> f64) -> Self {
        let (low, high) = self.range();
        let (a, b) = (change(low), change(high));
        let (value, low, high) = (change(self.value()), a.min(b), a.max(b));
        match self {
            Self::Measured(seen) => Self::Measured(Seen {
                value,
                low,
                high,
                ..seen
            }),
            Self::Predicted(expected) => Self::Predicted(Expected {
                value,
                low,
                high,
                ..expected
            }),
        }
    }

    /// A prediction that comes true at one of its ends; a measured figure as it is.
    pub(super) fn at_best(self, end: impl Fn((f64, f64)) -> f64) -> Self {
        match self {
            Self::Predicted(expected) => {
                let value = end((expected.low, expected.high));
                Self::Predicted(Expected {
                    value,
                    low: value,
                    high: value,
                    ..expected
                })
            }
            seen @ Self::Measured(_) => seen,
        }
    }

    /// By how much it is more than another, end by end: predicted, from the same runs.
    pub(super) fn over(&self, other: &Self) -> Self {
        let (ends, of) = (self.range(), other.range());
        Self::Predicted(Expected {
            value: self.value() / other.value(),
            low: ends.0 / of.0,
            high: ends.1 / of.1,
            runs: self.runs(),
            source: self.source().clone(),
        })
    }

    /// A figure made of two; measured where both are.
    pub(super) fn with(&self, other: &Self, join: impl Fn(f64, f64) -> f64) -> Self {
        let (low, high) = self.range();
        let (other_low, other_high) = other.range();
        let value = join(self.value(), other.value());
        let (low, high) = (join(low, other_low), join(high, other_high));
        let source = self.source().and(other.source());
        match (self, other) {
            (Self::Measured(a), Self::Measured(b)) => Self::Measured(Seen {
                value,
                low,
                high,
                runs: a.runs.min(b.runs),
                wall_clock_tokens_per_second: None,
                source,
            }),
            _ => Self::Predicted(Expected {
                value,
                low,
                high,
                runs: self.runs().min(other.runs()),
                source,
            }),
        }
    }
}
