//! What one request of a run gave.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problem::{Problem, ProblemKind};
use crate::units::Bytes;

/// Which part of a run a request belongs to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Series {
    /// Before the rest; counts nowhere.
    WarmUp,
    /// The five standard tests.
    Standard,
    /// Finds how many tokens a word is; counts nowhere.
    Calibration,
    /// After a long prompt that the server has not seen.
    Depth,
    /// The same prompt with more at its end: what the server kept of it need not be read again.
    Warm,
    /// Several at once.
    Concurrency,
    /// For a long time.
    Soak,
    /// Through the server's own interface, for its own figures.
    CrossCheck,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// Its part of the run.
    pub series: Series,
    /// Which test.
    pub test: String,
    /// Which run of it, from 1.
    pub run: u32,
    /// The depth that was aimed at.
    pub depth_tokens: Option<u32>,
    /// Requests at once.
    pub concurrency: u32,
    /// Which of them, from 1.
    pub stream: u32,
    /// When it was sent, since the run began.
    pub sent_seconds: f64,
    /// Most tokens that were asked for.
    pub max_tokens: u32,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it failed, or why figures are missing.
    pub problem: Option<Problem>,
    /// What was measured.
    pub figures: Figures,
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A whole answer with all figures.
    Measured,
    /// A whole answer, and figures are missing: `problem` says why.
    Unmeasured,
    /// No whole answer: `problem` says why.
    Failed,
}

/// What was measured of one request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    /// From sending it to the end of the answer.
    pub seconds: f64,
    /// From sending it to the first token.
    pub time_to_first_token_seconds: Option<f64>,
    /// The longest wait between two pieces after it.
    pub longest_gap_seconds: Option<f64>,
    /// Tokens of the prompt, by the server's count.
    pub prompt_tokens: Option<u32>,
    /// Of these, taken from a cache, where the server says so.
    pub cached_tokens: Option<u32>,
    /// Tokens generated, by the server's count.
    pub completion_tokens: Option<u32>,
    /// Of these, thoughts, where the server says so.
    pub reasoning_tokens: Option<u32>,
    /// Pieces of text that came; one may hold several tokens.
    pub pieces: u32,
    /// Bytes of text that came.
    pub text_bytes: u64,
    /// Tokens after the first over the time after the first.
    pub decode_tokens_per_second: Option<f64>,
    /// All generated tokens over the whole time, prompt included.
    pub wall_clock_tokens_per_second: Option<f64>,
    /// Tokens of the prompt that were not cached over the time to the first token less a step of
    /// decoding; absent where an answer of one token tells no step, and of a warm prompt where the
    /// server does not say what it kept.
    pub prefill_tokens_per_second: Option<f64>,
    /// Why it ended: `stop`, `length`, ...
    pub finish_reason: Option<String>,
    /// The name that the answering model bears.
    pub served_by: Option<String>,
    /// What the server says of the same request.
    pub server: Option<ServerFigures>,
}

/// A server's own figures of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerFigures {
    /// Where it gives them.
    pub source: String,
    /// Its time to the first token, or of the prompt.
    pub time_to_first_token_seconds: Option<f64>,
    /// Its decode speed.
    pub decode_tokens_per_second: Option<f64>,
    /// Its prefill speed.
    pub prefill_tokens_per_second: Option<f64>,
}

/// Memory at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemorySample {
    /// When, since the run began, in whole seconds.
    pub at_seconds: u64,
    /// What the whole system uses.
    pub in_use_bytes: Bytes,
    /// What the model engines hold.
    pub engines_bytes: Bytes,
    /// Swap in use, where it can be read.
    pub swap_used_bytes: Option<Bytes>,
}

impl Request {
    /// Whether a whole answer came.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.outcome != Outcome::Failed
    }

    /// Whether the user stopped it: then it says nothing of the model.
    #[must_use]
    pub fn was_interrupted(&self) -> bool {
        let kind = self.problem.as_ref().map(|p| p.kind);
        kind == Some(ProblemKind::Interrupted)
    }

    /// Whether it counts in a summary.
    #[must_use]
    pub fn counts(&self) -> bool {
        !matches!(self.series, Series::WarmUp | Series::Calibration) && !self.was_interrupted()
    }
}
