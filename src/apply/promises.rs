//! What a plan promises of each model, and whether a measurement kept it. Every threshold comes from
//! the plan, with a stated tolerance, unless one was given.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::basis::Basis;
use crate::measure::document::Bench;
use crate::measure::verdict::{Check, Held, Threshold, Thresholds, verdict};
use crate::plan::Plan;
use crate::plan::document::{Entry, SpeedSummary};

/// Share of a measured speed to reach: runs of the same files differ by a few parts per hundred.
const SHARE_OF_MEASURED: f64 = 0.90;
/// Longest load of files that are in memory already: the key figure of the study llm-mac-512.
const WARM_LOAD_SECONDS: f64 = 10.0;
/// Bytes per second that a disk is expected to read at least. Assumed: the study's coldest loads
/// read 8 to 10 GB per second on a Mac Studio, and smaller Macs have slower disks.
pub const DISK_BYTES_PER_SECOND: f64 = 2e9;

/// Thresholds that were given, and hold for every model.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Given {
    /// Slowest decode speed, tokens per second.
    pub decode_tokens_per_second_min: Option<f64>,
    /// Longest load, seconds.
    pub load_seconds_max: Option<f64>,
}

/// What a measurement says of one model of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Promises {
    /// The name that clients ask for.
    pub identifier: String,
    /// Speed, load time, memory, tests; empty where the model was not measured.
    pub checks: Vec<Check>,
}

impl Promises {
    /// Each was measured, and kept.
    #[must_use]
    pub fn kept(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|c| c.held == Held::Yes)
    }
}

/// The verdict on each model of a plan, by a measurement.
#[must_use]
pub fn promises(plan: &Plan, bench: &Bench, given: Given) -> Vec<Promises> {
    let of = |entry: &Entry| Promises {
        identifier: entry.identifier.clone(),
        checks: (bench.models.iter())
            .find(|m| m.model == entry.identifier)
            .map_or_else(Vec::new, |m| verdict(m, &thresholds(entry, given))),
    };
    plan.loadout.iter().map(of).collect()
}

/// What is asked of one model of a plan.
#[must_use]
pub fn thresholds(entry: &Entry, given: Given) -> Thresholds {
    let by_flag = |figure, flag: &str| Threshold {
        figure,
        why: flag.to_owned(),
    };
    Thresholds {
        decode_tokens_per_second_min: given
            .decode_tokens_per_second_min
            .map(|tps| by_flag(tps, "`--min-tps`"))
            .or_else(|| entry.speed.as_ref().map(slowest)),
        load_seconds_max: given.load_seconds_max.map_or_else(
            || longest_load(entry),
            |seconds| by_flag(seconds, "`--max-load`"),
        ),
        ..Thresholds::default()
    }
}

/// A prediction promises the low end of its range, a measurement most of itself.
fn slowest(speed: &SpeedSummary) -> Threshold {
    let planned = speed.decode_tokens_per_second;
    if speed.basis == Basis::Measured {
        Threshold {
            figure: planned * SHARE_OF_MEASURED,
            why: format!(
                "{:.0} % of the {planned:.1} planned, which were measured",
                SHARE_OF_MEASURED * 100.0
            ),
        }
    } else {
        Threshold {
            figure: speed.low,
            why: format!(
                "the low end of the {planned:.1} planned, which are {}",
                speed.basis
            ),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a time, for a comparison")]
fn longest_load(entry: &Entry) -> Threshold {
    let weights = entry.memory.weights_bytes;
    Threshold {
        figure: WARM_LOAD_SECONDS + weights.0 as f64 / DISK_BYTES_PER_SECOND,
        why: format!(
            "{WARM_LOAD_SECONDS:.0} s, and {} read at {:.0} GB per second or more",
            weights.both(),
            DISK_BYTES_PER_SECOND / 1e9
        ),
    }
}
