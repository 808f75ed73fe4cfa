//! How long a turn takes: reading what is new, then generating, at the depth where people sit, with
//! others at the same time.

use super::estimate::{OnMachine, Unknown};
use super::figure::{Expected, Figure};
use super::measured::Filter;
use super::model::SpeedModel;
use super::prefix::Prefix;
use crate::catalog::schema::{Model, Variant};
use crate::machine::Machine;

/// What a task repeats with one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workload {
    /// Tokens in the context when the answer begins.
    pub depth_tokens: u32,
    /// Tokens of them that are new at a turn.
    pub new_tokens: u32,
    /// Tokens of the answer.
    pub output_tokens: u32,
    /// The band that holds four of five of them; twice the tokens where they are known.
    pub output_range: (u32, u32),
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
            output_range: (1, 1),
            first_prompt_tokens: 1,
            streams,
        }
    }

    /// Tokens of context that a turn takes with its answer, in all its conversations.
    #[must_use]
    pub const fn tokens(&self) -> u32 {
        let one = self.depth_tokens.saturating_add(self.output_tokens);
        let streams = if self.streams == 0 { 1 } else { self.streams };
        one.saturating_mul(streams)
    }

    fn output(&self) -> f64 {
        f64::from(self.output_tokens)
    }

    /// Whether the answer is as long as it was counted to be.
    fn is_exact(&self) -> bool {
        self.output_range == (self.output_tokens, self.output_tokens)
    }

    /// By what factor the answer may be longer than expected.
    fn longer(&self) -> f64 {
        (f64::from(self.output_range.1) / self.output().max(1.0)).max(1.0)
    }

    /// By what factor it may be shorter.
    fn shorter(&self) -> f64 {
        (self.output() / f64::from(self.output_range.0.max(1))).max(1.0)
    }
}

/// A variant's speed at a workload on a machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// What it was asked for.
    pub work: Workload,
    /// Tokens per second of one stream, with the others running.
    pub decode: Figure,
    /// Of all streams together.
    pub decode_in_sum: Figure,
    /// Tokens per second of a whole prompt as long as the context.
    pub prefill: Figure,
    /// Seconds to read what is new at a turn, the wait for other streams before it included.
    pub reading: Figure,
    /// Seconds to read the first prompt of a session.
    pub reading_first: Figure,
    /// What a turn reads again.
    pub prefix: Prefix,
}

impl Estimate {
    /// Seconds to the first token of a session.
    #[must_use]
    pub fn first_token_cold(&self) -> Figure {
        after(&self.reading_first, &self.decode, 1.0)
    }

    /// Seconds to the first token of a turn.
    #[must_use]
    pub fn first_token_warm(&self) -> Figure {
        after(&self.reading, &self.decode, 1.0)
    }

    /// Seconds of a turn: predicted, too, where the length of the answer is.
    #[must_use]
    pub fn seconds_per_turn(&self) -> Figure {
        if self.work.is_exact() {
            after(&self.reading, &self.decode, self.output())
        } else {
            self.reading
                .with(&self.writing(), |read, write| read + write)
        }
    }

    /// Turns of all streams in an hour.
    #[must_use]
    pub fn turns_per_hour(&self) -> Figure {
        let streams = f64::from(self.work.streams.max(1));
        self.seconds_per_turn().map(|s| streams * 3600.0 / s)
    }

    /// Seconds of a turn that take part in decisions: what was measured of it as it is, what was
    /// predicted at the slow end of its range.
    #[must_use]
    pub fn deciding_seconds(&self) -> f64 {
        self.deciding_seconds_of(&self.work)
    }

    /// The same where the answer has another length.
    #[must_use]
    pub fn deciding_seconds_of(&self, work: &Workload) -> f64 {
        let (value, slow) = (self.decode.value(), self.decode.deciding());
        let later = together(value / slow, work.longer());
        self.reading.deciding_time() + work.output() / value * later
    }

    /// Seconds that a turn with an answer of another length is expected to take.
    #[must_use]
    pub fn expected_seconds_of(&self, work: &Workload) -> f64 {
        self.reading.value() + work.output() / self.decode.value()
    }

    /// Seconds of a turn if every prediction came true at the good end of its range.
    #[must_use]
    pub fn best_seconds(&self) -> f64 {
        let (reading, decode) = (self.reading.clone(), self.decode.clone());
        let value = decode.value();
        let fast = decode.at_best(|(_, high)| high).value();
        let sooner = together(fast / value, self.work.shorter());
        reading.at_best(|(low, _)| low).value() + self.output() / value / sooner
    }

    /// Seconds to write the answer, its length predicted.
    fn writing(&self) -> Figure {
        let value = self.decode.value();
        let (slow, fast) = self.decode.range();
        let seconds = self.output() / value;
        Figure::Predicted(Expected {
            value: seconds,
            low: seconds / together(fast / value, self.work.shorter()),
            high: seconds * together(value / slow, self.work.longer()),
            runs: self.decode.runs(),
            source: self.decode.source().to_owned(),
        })
    }

    /// The same turn with an answer of another length.
    #[must_use]
    pub fn writes(self, work: Workload) -> Self {
        Self { work, ..self }
    }

    /// The same beside streams of other models, which leave `left` of the speed that it has alone:
    /// reading and generating take as much longer.
    #[must_use]
    pub fn beside(self, alone: &Figure, left: &Figure) -> Self {
        let share = left.over(alone);
        let longer = share.clone().map(f64::recip);
        let slower = |speed: &Figure| speed.with(&share, |speed, share| speed * share);
        let late = |time: &Figure| time.with(&longer, |time, longer| time * longer);
        Self {
            decode: slower(&self.decode),
            decode_in_sum: slower(&self.decode_in_sum),
            prefill: slower(&self.prefill),
            reading: late(&self.reading),
            reading_first: late(&self.reading_first),
            ..self
        }
    }

    /// The same where every prediction comes true at the good end of its range.
    #[must_use]
    pub fn hopeful(self) -> Self {
        Self {
            decode: self.decode.at_best(|(_, high)| high),
            decode_in_sum: self.decode_in_sum.at_best(|(_, high)| high),
            prefill: self.prefill.at_best(|(_, high)| high),
            reading: self.reading.at_best(|(low, _)| low),
            reading_first: self.reading_first.at_best(|(low, _)| low),
            ..self
        }
    }

    fn output(&self) -> f64 {
        self.work.output()
    }
}

/// The factor by which two independent factors err together.
fn together(one: f64, other: f64) -> f64 {
    one.ln().hypot(other.ln()).exp()
}

/// Seconds to read, then to generate so many tokens.
fn after(reading: &Figure, decode: &Figure, tokens: f64) -> Figure {
    let token = decode.clone().map(f64::recip);
    reading.with(&token, |read, token| read + token * tokens)
}

impl SpeedModel {
    /// How long a workload's turn takes.
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
        let file = self.on(model, variant, machine, filter)?;
        Ok(file.estimate(work))
    }
}

impl OnMachine<'_> {
    /// How long a workload's turn takes.
    ///
    /// Prompts are read one after the other, so that of several streams each waits for half of the
    /// others on average; answers are generated together.
    #[must_use]
    pub fn estimate(&self, work: &Workload) -> Estimate {
        let streams = work.streams.max(1);
        let (depth, n) = (f64::from(work.depth_tokens), f64::from(streams));
        let alone = self.decode(work.depth_tokens);
        let in_sum = self.in_sum(&alone, depth, streams);
        let prefix = self.prefix();
        let new = f64::from(work.new_tokens.clamp(1, work.depth_tokens.max(1)));
        let whole = self.prompt(depth.max(1.0));
        let read = match prefix {
            Prefix::Lost => whole.clone(),
            Prefix::Kept | Prefix::FromCheckpoint => self.after(depth.max(1.0) - new, new),
        };
        let first = f64::from(work.first_prompt_tokens.max(1));
        Estimate {
            work: *work,
            decode: in_sum.clone().map(|tps| tps / n),
            decode_in_sum: in_sum,
            prefill: whole.map(|s| depth.max(1.0) / s),
            reading: read.map(|s| s * (n + 1.0) / 2.0),
            reading_first: self.prompt(first),
            prefix,
        }
    }
}
