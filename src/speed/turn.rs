//! How long a turn takes: reading what is new, then generating, at the depth where people sit, with
//! others at the same time.

use super::estimate::Unknown;
use super::figure::Figure;
use super::measured::Filter;
use super::model::SpeedModel;
use super::prefix::Prefix;
use super::streams;
use crate::catalog::schema::{Model, Variant};
use crate::machine::Machine;

/// What a task repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workload {
    /// Tokens in the context when the answer begins.
    pub depth_tokens: u32,
    /// Tokens of them that are new at a turn.
    pub new_tokens: u32,
    /// Tokens of the answer.
    pub output_tokens: u32,
    /// Tokens of the first prompt of a session.
    pub first_prompt_tokens: u32,
    /// Conversations at once.
    pub streams: u32,
}

impl Workload {
    /// One token more at a depth, for what is asked of decoding alone.
    #[must_use]
    pub const fn at(depth_tokens: u32, streams: u32) -> Self {
        Self {
            depth_tokens,
            new_tokens: 1,
            output_tokens: 1,
            first_prompt_tokens: 1,
            streams,
        }
    }
}

/// A variant's speed at a workload on a machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Tokens per second of one stream, with the others running.
    pub decode: Figure,
    /// Of all streams together.
    pub decode_in_sum: Figure,
    /// Tokens per second of a whole prompt as long as the context.
    pub prefill: Figure,
    /// Seconds to the first token of a session.
    pub first_token_cold: Figure,
    /// Seconds to the first token of a turn.
    pub first_token_warm: Figure,
    /// Seconds of a turn.
    pub seconds_per_turn: Figure,
    /// Turns of all streams in an hour.
    pub turns_per_hour: Figure,
    /// What a turn reads again.
    pub prefix: Prefix,
}

impl SpeedModel {
    /// How long a workload's turn takes.
    ///
    /// Prompts are read one after the other, so that of several streams each waits for half of the
    /// others on average; answers are generated together.
    ///
    /// # Errors
    /// When the machine's bandwidth or the engine's kernels are not known.
    pub fn estimate(
        &self,
        model: &Model,
        variant: &Variant,
        machine: &Machine,
        work: &Workload,
        filter: Filter<'_>,
    ) -> Result<Estimate, Unknown> {
        let asked = self.asked(model, variant, machine)?;
        let streams = work.streams.max(1);
        let (depth, n) = (f64::from(work.depth_tokens), f64::from(streams));
        let alone = self.decode_of(&asked, depth, filter);
        let in_sum =
            streams::of(&self.gains, &model.id, &asked.file.job, depth).in_sum(&alone, streams);
        let decode = in_sum.clone().map(|tps| tps / n);
        let prefix = Prefix::of(variant, model.architecture.as_ref());
        let new = f64::from(work.new_tokens.clamp(1, work.depth_tokens.max(1)));
        let whole = self.stretch_of(&asked, 0.0, depth.max(1.0), filter);
        let read = match prefix {
            Prefix::Lost => whole.clone(),
            Prefix::Kept | Prefix::FromCheckpoint => {
                self.stretch_of(&asked, depth.max(1.0) - new, new, filter)
            }
        };
        let first = f64::from(work.first_prompt_tokens.max(1));
        let queued = |seconds: Figure| seconds.map(|s| s * (n + 1.0) / 2.0);
        let token = decode.clone().map(f64::recip);
        let after = |read: &Figure| read.with(&token, |a, b| a + b);
        let warm = after(&queued(read));
        let answer = f64::from(work.output_tokens);
        let seconds_per_turn = warm.with(&token, |first, token| {
            first + token * (answer - 1.0).max(0.0)
        });
        Ok(Estimate {
            turns_per_hour: seconds_per_turn.clone().map(|s| n * 3600.0 / s),
            first_token_cold: after(&self.stretch_of(&asked, 0.0, first, filter)),
            first_token_warm: warm,
            seconds_per_turn,
            prefill: whole.map(|s| depth.max(1.0) / s),
            decode,
            decode_in_sum: in_sum,
            prefix,
        })
    }
}
