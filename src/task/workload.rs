//! What a task repeats: the turns that its seconds are counted in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A typical turn of a task, and how a session of it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Tokens in the context when the answer begins.
    pub depth_tokens: u32,
    /// Tokens that nine of ten turns end below: what a context has to hold, and beyond which it is
    /// hardly used. Twice `depth_tokens` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deep_tokens: Option<u32>,
    /// Tokens of them that are new at a turn, and have to be read.
    pub new_tokens: u32,
    /// Tokens that a typical model without thinking writes.
    pub output_tokens: u32,
    /// Tokens that a typical thinking model writes, its thoughts included; as many as without where
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens_thinking: Option<u32>,
    /// Tokens of the first prompt of a session.
    pub first_prompt_tokens: u32,
    /// Conversations at once.
    #[serde(default = "one")]
    pub streams: u32,
}

const fn one() -> u32 {
    1
}

/// How many times as deep as is typical deep turns are taken to be where nobody says it: those of the
/// shipped tasks are three to eleven times as deep, and a profile that wants such says so.
const DEEP: u32 = 2;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of tokens, at most that of the largest context"
)]
fn times(tokens: u32, share: f64) -> u32 {
    (f64::from(tokens) * share).round().min(f64::from(u32::MAX)) as u32
}

/// Questions of every kind: what a profile that says nothing of turns is taken to mean.
impl Default for Workload {
    fn default() -> Self {
        Self {
            depth_tokens: 7000,
            deep_tokens: Some(32_768),
            new_tokens: 2500,
            output_tokens: 350,
            output_tokens_thinking: Some(2000),
            first_prompt_tokens: 500,
            streams: 1,
        }
    }
}

impl Workload {
    /// The same at another depth, or of another number of conversations, where one is given: whose
    /// turns sit twice as deep as is typical, has deep ones that are twice as deep.
    #[must_use]
    pub fn at(self, depth: Option<u32>, agents: Option<u32>) -> Self {
        let depth_tokens = depth.unwrap_or(self.depth_tokens);
        let share = f64::from(depth_tokens) / f64::from(self.depth_tokens.max(1));
        Self {
            depth_tokens,
            deep_tokens: self.deep_tokens.map(|deep| times(deep, share)),
            new_tokens: self.new_tokens.min(depth_tokens),
            streams: agents.unwrap_or(self.streams),
            ..self
        }
    }

    /// Tokens that nine of ten turns end below.
    #[must_use]
    pub fn deep(&self) -> u32 {
        let typically = self.depth_tokens.saturating_mul(DEEP);
        self.deep_tokens.unwrap_or(typically)
    }

    /// Tokens that a typical model writes at a turn.
    #[must_use]
    pub fn typical_output(&self, thinks: bool) -> u32 {
        match self.output_tokens_thinking {
            Some(tokens) if thinks => tokens,
            _ => self.output_tokens,
        }
    }
}
