//! Reasoning effort: how long a model is asked to think before it answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A setting that trades tokens for quality, from least to most. Where none is set, the model's
/// own default holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Thinking switched off.
    Off,
    /// As little as the model offers.
    Low,
    /// Between low and high.
    Medium,
    /// More than medium, less than all.
    High,
    /// All that the model offers: `max`, `xhigh`.
    #[serde(alias = "xhigh")]
    Max,
}

impl Effort {
    /// All, from least to most.
    pub const ALL: [Self; 5] = [Self::Off, Self::Low, Self::Medium, Self::High, Self::Max];

    /// The name in files and on screen.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Max => "max",
        }
    }
}

impl std::fmt::Display for Effort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.id())
    }
}
