//! The parts of a summary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::statistics::{Spread, Trend};

/// All requests of one model together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Requests that count: warm-up and calibration do not.
    pub requests: usize,
    /// Of these, with a whole answer and all figures.
    pub measured: usize,
    /// With a whole answer, and figures missing.
    pub unmeasured: usize,
    /// Without a whole answer.
    pub failed: usize,
    /// Decode speed over the standard tests.
    pub decode_tokens_per_second: Option<Spread>,
    /// Steady decode speed: the slope of tokens over time across the standard tests, which leaves
    /// out what every request pays once.
    pub steady_tokens_per_second: Option<f64>,
    /// Mean over the standard tests of tokens by whole time, prompt included: the method of the
    /// study llm-mac-512. A test's figure is its median over the runs.
    pub wall_clock_mean_tokens_per_second: Option<f64>,
    /// Time to first token over the standard tests.
    pub time_to_first_token_seconds: Option<Spread>,
    /// Prefill speed over all prompts of 256 tokens and more.
    pub prefill_tokens_per_second: Option<Spread>,
    /// Each standard test.
    pub tests: Vec<TestSummary>,
    /// Each depth.
    pub depths: Vec<DepthSummary>,
    /// Each number of streams.
    pub concurrency: Vec<ConcurrencySummary>,
    /// The soak.
    pub soak: Option<SoakSummary>,
    /// How the server's own figures compare.
    pub server: Vec<Agreement>,
}

/// One standard test over its runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestSummary {
    /// Its id.
    pub test: String,
    /// Requests.
    pub runs: usize,
    /// With a whole answer.
    pub passed: usize,
    /// Tokens generated.
    pub completion_tokens: Option<Spread>,
    /// Time to first token.
    pub time_to_first_token_seconds: Option<Spread>,
    /// Decode speed.
    pub decode_tokens_per_second: Option<Spread>,
    /// Speed over the whole request.
    pub wall_clock_tokens_per_second: Option<Spread>,
}

/// One depth over its runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DepthSummary {
    /// The depth aimed at.
    pub depth_tokens: u32,
    /// The prompts' real lengths.
    pub prompt_tokens: Option<Spread>,
    /// Time to first token.
    pub time_to_first_token_seconds: Option<Spread>,
    /// Prefill speed.
    pub prefill_tokens_per_second: Option<Spread>,
    /// Decode speed there.
    pub decode_tokens_per_second: Option<Spread>,
    /// Requests that failed.
    pub failed: usize,
    /// The same prompts with more at their end, which the server had read but for that; absent of an
    /// empty context.
    #[serde(default)]
    pub warm: Option<WarmSummary>,
}

/// A prompt of which the server has read all but the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WarmSummary {
    /// The prompts' real lengths.
    pub prompt_tokens: Option<Spread>,
    /// Of these, kept by the server, where it says so.
    pub cached_tokens: Option<Spread>,
    /// Time to first token.
    pub time_to_first_token_seconds: Option<Spread>,
    /// Prefill speed of the tokens that were not kept.
    pub prefill_tokens_per_second: Option<Spread>,
    /// Decode speed there.
    pub decode_tokens_per_second: Option<Spread>,
    /// Requests that failed.
    pub failed: usize,
}

/// One number of streams.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConcurrencySummary {
    /// Requests at once.
    pub streams: u32,
    /// The depth of each that was aimed at; absent of a short prompt.
    #[serde(default)]
    pub depth_tokens: Option<u32>,
    /// Tokens of all streams over the time from the first one sent to the last one ended.
    pub aggregate_tokens_per_second: Option<f64>,
    /// Tokens after each stream's first over the time from the earliest first token to the last end;
    /// at a depth, absent where the first tokens lie far apart: prompts were read in between.
    pub aggregate_decode_tokens_per_second: Option<f64>,
    /// Decode speed of each stream.
    pub stream_decode_tokens_per_second: Option<Spread>,
    /// Time to first token of each stream.
    pub time_to_first_token_seconds: Option<Spread>,
    /// Streams that failed.
    pub failed: usize,
}

/// The soak.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SoakSummary {
    /// From its first request to the end of its last.
    pub seconds: f64,
    /// Requests.
    pub requests: usize,
    /// That failed.
    pub failed: usize,
    /// Decode speed.
    pub decode_tokens_per_second: Option<Spread>,
    /// Its change, tokens per second per hour.
    pub decode_trend: Option<Trend>,
    /// Change of the whole system's memory, bytes per hour.
    pub memory_trend_bytes: Option<Trend>,
    /// Change of what the model engines hold, bytes per hour.
    pub engines_trend_bytes: Option<Trend>,
}

/// A server's own figure beside ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Agreement {
    /// Which figure.
    pub figure: String,
    /// Where the server gives it.
    pub source: String,
    /// Median of ours over the median of theirs, over the requests that have both; less one, in
    /// percent.
    pub difference_percent: f64,
    /// Requests compared.
    pub requests: usize,
    /// Whether they agree: within 5 %, or within 20 ms for a time to the first token.
    pub agrees: bool,
}
