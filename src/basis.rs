//! Where a figure comes from. It travels with the figure to the screen and the JSON; a document says who
//! made it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who makes the documents that planner writes.
pub const GENERATOR: &str = concat!("planner ", env!("CARGO_PKG_VERSION"));

/// How a figure came to be, from firmest to softest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Seen on a real machine, with a source.
    Measured,
    /// An exact formula over figures from the model's own files.
    Computed,
    /// A model with a stated error.
    Predicted,
    /// A rule; the source says which.
    Assumed,
}

impl std::fmt::Display for Basis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Measured => "measured",
            Self::Computed => "computed",
            Self::Predicted => "predicted",
            Self::Assumed => "assumed",
        })
    }
}
