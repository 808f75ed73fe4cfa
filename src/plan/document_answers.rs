//! What a plan answers beyond its loadout: its models at once, the front, why there is no loadout.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::Member;
use crate::basis::Basis;
use crate::speed::Speed;
use crate::units::Bytes;

/// What happens when all tasks of the request generate at once, each a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Concurrency {
    /// Always predicted.
    pub basis: Basis,
    /// The rule, in words.
    pub rule: String,
    /// The speed of each model that serves a task, in the order of their names.
    pub streams: Vec<Stream>,
    /// Tokens per second of all streams together.
    pub total_tokens_per_second: f64,
}

/// One model that generates beside all other streams.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stream {
    /// `model/variant`.
    pub variant: String,
    /// Tasks that it serves, each in a stream of its own.
    #[serde(default)]
    pub tasks: usize,
    /// Tokens per second of one stream alone.
    pub alone_tokens_per_second: f64,
    /// Tokens per second of each stream beside the others.
    pub together_tokens_per_second: f64,
    /// Low end: the GPU serves one stream after the other.
    pub low: f64,
    /// High end.
    pub high: f64,
}

/// A speed as it is shown, with its basis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpeedFigure {
    /// Tokens per second: measured, or the middle of a prediction.
    pub decode_tokens_per_second: f64,
    /// Measured or predicted.
    pub basis: Basis,
    /// Low end of its range; of a prediction it is what counts in decisions.
    pub low: f64,
    /// High end.
    pub high: f64,
}

impl From<&Speed> for SpeedFigure {
    fn from(speed: &Speed) -> Self {
        let (low, high) = speed.range();
        Self {
            decode_tokens_per_second: speed.decode(),
            basis: speed.basis(),
            low,
            high,
        }
    }
}

/// A loadout that no other beats in score, memory and speed at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ParetoPoint {
    /// What it would keep loaded.
    pub members: Vec<Member>,
    /// Its score.
    pub objective: f64,
    /// What it takes of the GPU working set.
    pub gpu_total_bytes: Bytes,
    /// What it takes of physical memory.
    pub total_bytes: Bytes,
    /// The speed of its slowest model that counts in decisions: of a prediction, the low end.
    /// Absent where a speed is not known.
    pub slowest_tokens_per_second: Option<f64>,
    /// That model's speed in full.
    #[serde(default)]
    pub slowest: Option<SpeedFigure>,
}

/// Why there is no loadout, and what would give one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Infeasible {
    /// The fewest requirements that cannot hold together, as they were given.
    pub conflict: Vec<String>,
    /// Single changes that give a loadout, each tried by solving again; the cheapest first.
    pub changes: Vec<Change>,
}

/// One change that gives a loadout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// In words.
    pub text: String,
    /// The flag that makes it, or `without` the flag that stands in the way.
    pub flags: String,
    /// What the loadout would be: `model/variant` of each.
    pub loadout: Vec<String>,
    /// Its score.
    pub objective: f64,
}
