//! The record of an apply: enough to finish it or to take it back after any interruption.
//!
//! It is written before the first change and whenever the phase changes. What was really done is
//! never read from it: LM Studio's own list of loaded models tells.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::instance::{Instance, local_models};
use crate::lmstudio::Loaded;
use crate::units::Bytes;

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
    /// How long each load took.
    #[serde(default)]
    pub loads: Vec<LoadTime>,
}

/// How long a load took, until LM Studio listed the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoadTime {
    /// The name that clients ask for.
    pub identifier: String,
    /// How long it took.
    pub milliseconds: u64,
    /// Bytes of the model's files, where LM Studio says them.
    pub files_bytes: Option<Bytes>,
}

/// More bytes per second than any Mac's SSD reads: the fastest seen, of a MacBook Pro M5 Max, read
/// 13.6 GB/s (The Verge, 2026).
const FASTER_THAN_ANY_SSD: u64 = 15_000_000_000;

impl LoadTime {
    /// How long it took, in seconds.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of a load stay far below 2^53"
    )]
    pub const fn seconds(&self) -> f64 {
        self.milliseconds as f64 / 1000.0
    }

    /// `warm` where the files can't have come from the SSD in that time, else `unknown`: a slow
    /// load may be cold, or slow for another reason.
    #[must_use]
    pub fn files(&self) -> &'static str {
        let at_least = self.milliseconds.saturating_mul(FASTER_THAN_ANY_SSD / 1000);
        match self.files_bytes {
            Some(bytes) if bytes.0 > at_least => "warm",
            _ => "unknown",
        }
    }
}

impl Phase {
    /// Whether an apply that stands so was interrupted.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Applying | Self::RollingBack)
    }
}

impl Journal {
    /// One that begins, of a plan's file, from what is loaded now to what should be.
    #[must_use]
    pub fn begun(plan: &str, now: &[Loaded], target: Vec<Instance>, keep_others: bool) -> Self {
        let before = local_models(now, &target).into_iter();
        Self {
            schema: Self::SCHEMA,
            phase: Phase::Applying,
            plan: plan.to_owned(),
            before: before.map(Instance::of).collect(),
            target,
            keep_others,
            loads: Vec::new(),
        }
    }

    /// Whether it was interrupted.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.phase.is_open()
    }
}

/// The record of an apply as a file.
pub trait Record: Serialize + DeserializeOwned {
    /// Version of its shape.
    const SCHEMA: u32;
    /// What it is called in the state folder.
    const FILE: &'static str;
}

impl Record for Journal {
    const SCHEMA: u32 = 1;
    const FILE: &'static str = "apply.json";
}
