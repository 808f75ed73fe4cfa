//! The record of an apply: enough to finish it or to take it back after any interruption.
//!
//! It is written before the first change and whenever the phase changes. What was really done is
//! never read from it: LM Studio's own list of loaded models tells.

use serde::{Deserialize, Serialize};

use super::instance::Instance;

/// Version of the journal's shape.
pub const JOURNAL_SCHEMA: u32 = 1;

/// How far an apply came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Changes are under way, or were when it was interrupted.
    Applying,
    /// Putting back what was there before.
    RollingBack,
    /// The plan is loaded.
    Applied,
    /// What was there before is loaded again.
    RolledBack,
}

/// An apply: where it came from, where it was going, how far it got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    /// Version of this shape.
    pub schema: u32,
    /// How far it came.
    pub phase: Phase,
    /// The file of the plan.
    pub plan: String,
    /// What was loaded before.
    pub before: Vec<Instance>,
    /// What should be loaded after.
    pub target: Vec<Instance>,
    /// Other models were to stay loaded.
    pub keep_others: bool,
}

impl Journal {
    /// Whether it was interrupted.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Applying | Phase::RollingBack)
    }
}
