//! A turn as documents hold it: what it reads and writes, and how long that takes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::basis::Basis;
use crate::catalog::effort::Setting;
use crate::speed::{Estimate, Figure};

/// A figure with its range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ranged {
    /// The figure: measured, or the middle of a prediction.
    pub value: f64,
    /// Low end of its range.
    pub low: f64,
    /// High end.
    pub high: f64,
    /// Measured, or predicted where any part of it is.
    pub basis: Basis,
}

impl From<&Figure> for Ranged {
    fn from(figure: &Figure) -> Self {
        let (low, high) = figure.range();
        Self {
            value: figure.value(),
            low,
            high,
            basis: figure.basis(),
        }
    }
}

/// A range of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenRange {
    /// Low end.
    pub low: u32,
    /// High end; of an answer's length it is what counts in decisions.
    pub high: u32,
}

impl TokenRange {
    fn of((low, high): (u32, u32)) -> Option<Self> {
        (low < high).then_some(Self { low, high })
    }
}

/// A turn of a task with a model: reading what is new, then generating.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Turn {
    /// Id of the task.
    pub task: String,
    /// Tokens in the context when the answer begins.
    pub depth_tokens: u32,
    /// Tokens of them that are new.
    pub new_tokens: u32,
    /// What the model has to be asked for.
    #[serde(default)]
    pub effort: Setting,
    /// Tokens of the answer: the task's, by how long this model talks at that effort.
    pub output_tokens: u32,
    /// The band that holds four of five of them, where they were not counted on this model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_range: Option<TokenRange>,
    /// Tokens of the first prompt of a session.
    pub first_prompt_tokens: u32,
    /// Conversations at once.
    pub streams: u32,
    /// Tokens per second of one conversation at that depth, beside the others.
    pub decode_tokens_per_second: Ranged,
    /// Tokens per second of reading a whole context of that depth.
    pub prefill_tokens_per_second: Ranged,
    /// Seconds to the first token of a session.
    pub first_token_cold_seconds: Ranged,
    /// Seconds to the first token of a turn, with what came before in the engine's cache where it
    /// keeps one.
    pub first_token_warm_seconds: Ranged,
    /// Seconds of a turn.
    pub seconds_per_turn: Ranged,
    /// Turns of all conversations in an hour.
    pub turns_per_hour: Ranged,
    /// What of the context is read again at a turn.
    pub prefix: String,
    /// What the seconds rest on.
    pub source: String,
}

impl Turn {
    /// The turn of a task.
    #[must_use]
    pub fn of(task: &str, effort: Setting, estimate: &Estimate) -> Self {
        let work = estimate.work;
        let seconds = estimate.seconds_per_turn();
        Self {
            task: task.to_owned(),
            depth_tokens: work.depth_tokens,
            new_tokens: work.new_tokens,
            effort,
            output_tokens: work.output_tokens,
            output_range: TokenRange::of(work.output_range),
            first_prompt_tokens: work.first_prompt_tokens,
            streams: work.streams,
            decode_tokens_per_second: (&estimate.decode).into(),
            prefill_tokens_per_second: (&estimate.prefill).into(),
            first_token_cold_seconds: (&estimate.first_token_cold()).into(),
            first_token_warm_seconds: (&estimate.first_token_warm()).into(),
            turns_per_hour: (&estimate.turns_per_hour()).into(),
            seconds_per_turn: (&seconds).into(),
            prefix: estimate.prefix.why().to_owned(),
            source: seconds.source().to_string(),
        }
    }
}
