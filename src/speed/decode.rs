//! A decode speed, measured or predicted.

use super::measured::Measured;
use super::predicted::Predicted;
use crate::basis::Basis;

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
