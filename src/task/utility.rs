//! What scores are made of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a score is made of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Utility {
    /// Expected scores on the task's benchmarks, as quantized.
    Quality,
    /// Seconds of a turn.
    Speed,
    /// Context length in tokens.
    Context,
    /// Share of requests that passed.
    Reliability,
    /// Memory that the model takes with its context.
    Memory,
}

impl Utility {
    /// All, in the order that scores print.
    pub const ALL: [Self; 5] = [
        Self::Quality,
        Self::Speed,
        Self::Context,
        Self::Reliability,
        Self::Memory,
    ];

    /// The names of all, in that order.
    pub(super) const NAMES: [&'static str; Self::ALL.len()] = {
        let mut names = [""; Self::ALL.len()];
        let mut i = 0;
        while i < names.len() {
            names[i] = Self::ALL[i].id();
            i += 1;
        }
        names
    };

    /// The name in profiles and on screen.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Speed => "speed",
            Self::Context => "context",
            Self::Reliability => "reliability",
            Self::Memory => "memory",
        }
    }
}
