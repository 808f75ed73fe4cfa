//! One message of a chat completion, streamed or whole, in the words of the servers that exist.
//!
//! OpenAI's shape, with the additions of llama.cpp (`timings`), LM Studio (`stats`, `model_info`,
//! `runtime`) and vLLM. Fields that are not read are not minded.

use serde::Deserialize;
use serde_json::Value;

use super::problem::message;
use super::request::ServerFigures;
use super::said::Piece;

/// Tokens as the server counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Of the prompt, cached ones too.
    pub(super) prompt_tokens: Option<u32>,
    /// Of the prompt, taken from a cache.
    pub(super) cached_tokens: Option<u32>,
    /// Generated.
    pub(super) completion_tokens: Option<u32>,
    /// Generated while thinking.
    pub(super) reasoning_tokens: Option<u32>,
}

/// What one message says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Chunk {
    /// Bytes of text in it: answer, thoughts, calls of tools.
    pub(super) text_bytes: usize,
    /// The answer's part of it.
    pub(super) said: Vec<Piece>,
    /// The model that answers, as the server calls it.
    pub(super) model: Option<String>,
    /// Why it ended.
    pub(super) finish_reason: Option<String>,
    /// Tokens so far.
    pub(super) usage: Option<Usage>,
    /// The server's own figures.
    pub(super) server: Option<ServerFigures>,
    /// The engine and its version.
    pub(super) engine: Option<String>,
    /// What went wrong, in the server's words.
    pub(super) error: Option<String>,
}

#[derive(Deserialize)]
struct RawMessage {
    model: Option<String>,
    choices: Option<Vec<RawChoice>>,
    usage: Option<RawUsage>,
    timings: Option<RawTimings>,
    stats: Option<RawStats>,
    runtime: Option<RawRuntime>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct RawChoice {
    /// Of a stream.
    delta: Option<RawText>,
    /// Of a whole answer.
    message: Option<RawText>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct RawText {
    content: Option<Value>,
    /// llama.cpp, vLLM, LM Studio.
    reasoning_content: Option<Value>,
    /// vLLM and mlx-lm, newer.
    reasoning: Option<Value>,
    tool_calls: Option<Value>,
}

#[derive(Deserialize)]
struct RawUsage {
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
    prompt_tokens_details: Option<RawDetails>,
    completion_tokens_details: Option<RawDetails>,
}

#[derive(Deserialize)]
struct RawDetails {
    cached_tokens: Option<u32>,
    reasoning_tokens: Option<u32>,
}

#[derive(Deserialize)]
struct RawTimings {
    prompt_ms: Option<f64>,
    prompt_per_second: Option<f64>,
    predicted_per_second: Option<f64>,
}

#[derive(Deserialize)]
struct RawStats {
    tokens_per_second: Option<f64>,
    time_to_first_token: Option<f64>,
}

#[derive(Deserialize)]
struct RawRuntime {
    name: Option<String>,
    version: Option<String>,
}

/// Reads one message.
///
/// # Errors
/// When it is not JSON of this shape.
pub(super) fn read(json: &str) -> Result<Chunk, serde_json::Error> {
    let raw: RawMessage = serde_json::from_str(json)?;
    let choices = raw.choices.unwrap_or_default();
    let text_bytes = choices
        .iter()
        .filter_map(|c| c.delta.as_ref().or(c.message.as_ref()))
        .map(RawText::bytes)
        .sum();
    // Answers that were not asked for say nothing of the one that was.
    let first = choices.first();
    let said = first
        .and_then(|c| c.delta.as_ref().or(c.message.as_ref()))
        .map_or_else(Vec::new, RawText::pieces);
    Ok(Chunk {
        text_bytes,
        said,
        model: raw.model.filter(|m| !m.is_empty()),
        finish_reason: choices.into_iter().find_map(|c| c.finish_reason),
        usage: raw.usage.map(RawUsage::usage),
        server: raw
            .timings
            .map(RawTimings::figures)
            .or_else(|| raw.stats.and_then(RawStats::figures)),
        engine: raw.runtime.and_then(RawRuntime::name),
        error: raw.error.filter(|e| !e.is_null()).map(|e| message(&e)),
    })
}

impl RawText {
    fn bytes(&self) -> usize {
        [
            &self.content,
            &self.reasoning_content,
            &self.reasoning,
            &self.tool_calls,
        ]
        .into_iter()
        .flatten()
        .map(length)
        .sum()
    }
}

impl RawText {
    /// The answer's text and its calls of tools, without its thoughts.
    fn pieces(&self) -> Vec<Piece> {
        let text = self.content.as_ref().and_then(Value::as_str);
        let text = text.filter(|t| !t.is_empty());
        let calls = self.tool_calls.as_ref().and_then(Value::as_array);
        let calls = calls.into_iter().flatten().zip(0_u64..);
        let call = |(call, at): (&Value, u64)| {
            let function = &call["function"];
            let arguments = match &function["arguments"] {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                // Some servers give what the text would hold.
                other => other.to_string(),
            };
            Piece::Call {
                index: call["index"].as_u64().unwrap_or(at),
                name: function["name"].as_str().unwrap_or_default().to_owned(),
                arguments,
            }
        };
        let text = text.map(|t| Piece::Text(t.to_owned()));
        text.into_iter().chain(calls.map(call)).collect()
    }
}

/// Text is text; a list or an object counts where it holds anything.
fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(parts) => parts.iter().map(length).sum(),
        Value::Object(fields) => fields.values().map(length).sum(),
        _ => 0,
    }
}

impl RawUsage {
    fn usage(self) -> Usage {
        Usage {
            prompt_tokens: self.prompt_tokens,
            cached_tokens: self.prompt_tokens_details.and_then(|d| d.cached_tokens),
            completion_tokens: self.completion_tokens,
            reasoning_tokens: self
                .completion_tokens_details
                .and_then(|d| d.reasoning_tokens),
        }
    }
}

impl RawTimings {
    fn figures(self) -> ServerFigures {
        ServerFigures {
            source: "llama.cpp `timings`".to_owned(),
            time_to_first_token_seconds: self.prompt_ms.map(|ms| ms / 1000.0),
            decode_tokens_per_second: self.predicted_per_second,
            prefill_tokens_per_second: self.prompt_per_second,
        }
    }
}

impl RawStats {
    fn figures(self) -> Option<ServerFigures> {
        // The OpenAI-compatible endpoint sends `stats: {}`.
        (self.tokens_per_second.is_some() || self.time_to_first_token.is_some()).then(|| {
            ServerFigures {
                source: "LM Studio `stats`".to_owned(),
                time_to_first_token_seconds: self.time_to_first_token,
                decode_tokens_per_second: self.tokens_per_second,
                prefill_tokens_per_second: None,
            }
        })
    }
}

impl RawRuntime {
    fn name(self) -> Option<String> {
        match (self.name, self.version) {
            (Some(name), Some(version)) => Some(format!("{name} {version}")),
            (name, version) => name.or(version),
        }
    }
}
