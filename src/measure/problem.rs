//! What can go wrong with a request, and how it is explained to the person who must act on it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What went wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Which kind.
    pub kind: ProblemKind,
    /// What happened, with the server's own words where it gave any.
    pub explanation: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The status of the HTTP answer, where it is not success.
    pub http_status: Option<u16>,
}

/// Kinds of problems.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// No connection.
    Unreachable,
    /// HTTP 401 or 403.
    Unauthorized,
    /// Any other HTTP status than success.
    HttpStatus,
    /// The server reported an error within its answer.
    ServerError,
    /// Another model than the one asked for answered.
    WrongModel,
    /// The stream holds what is not of its format.
    MalformedStream,
    /// No token in time.
    NoFirstToken,
    /// No further token in time.
    Stalled,
    /// The whole request took too long.
    TooLong,
    /// The connection broke.
    ConnectionLost,
    /// The answer ended before it was whole.
    CutShort,
    /// A whole answer without any text.
    EmptyAnswer,
    /// The answer is whole, but the server does not say how many tokens it has.
    NoUsage,
    /// The answer is whole and counted, but came in a few bursts: it has no decode speed.
    Bursts,
    /// The answer is whole and counted, but this program stood still while it came: its times are none.
    StoodStill,
    /// The server counts far fewer tokens of the prompt than it was sent: the depth was not reached.
    ShortPrompt,
    /// Stopped by the user.
    Interrupted,
}

impl ProblemKind {
    /// Whether the answer is whole all the same, and only some of its figures are missing.
    #[must_use]
    pub const fn leaves_an_answer(self) -> bool {
        matches!(
            self,
            Self::NoUsage | Self::Bursts | Self::StoodStill | Self::ShortPrompt
        )
    }
}

impl Problem {
    /// A problem without a hint.
    #[must_use]
    pub fn new(kind: ProblemKind, explanation: impl Into<String>) -> Self {
        Self {
            kind,
            explanation: explanation.into(),
            hint: None,
            http_status: None,
        }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// An HTTP answer that is not success, with the text of its body.
    #[must_use]
    pub fn http(status: u16, body: &str) -> Self {
        let said = said(body);
        let words = if said.is_empty() {
            "and said nothing more".to_owned()
        } else {
            format!("and said: {said}")
        };
        let (kind, hint) = match status {
            401 | 403 => (
                ProblemKind::Unauthorized,
                "the server wants a token: give it with `--token`, or set PLANNER_API_TOKEN",
            ),
            400 => (
                ProblemKind::HttpStatus,
                "the usual reasons are a prompt and answer longer than the context that the model is loaded with (`lms ps`), and a model name that the server does not know",
            ),
            404 => (
                ProblemKind::HttpStatus,
                "check `--base-url` (LM Studio's is http://localhost:1234/v1) and the model's name",
            ),
            429 | 503 => (
                ProblemKind::HttpStatus,
                "the server is busy or still loading: wait, and run again",
            ),
            300..400 => (
                ProblemKind::HttpStatus,
                "give the address that it redirects to as `--base-url`",
            ),
            _ => (ProblemKind::HttpStatus, "look into the server's log"),
        };
        Self {
            kind,
            explanation: format!("the server answered with HTTP {status} {words}"),
            hint: Some(hint.to_owned()),
            http_status: Some(status),
        }
    }
}

/// The words of an error's body: JSON in one of its usual shapes, else its first line.
fn said(body: &str) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(json) => message(&json),
        Err(_) => super::sse::shown(body.trim().as_bytes()),
    }
}

/// The words of an error, which servers put in different places.
pub(super) fn message(error: &Value) -> String {
    let inner = error.get("error").unwrap_or(error);
    let text = inner
        .as_str()
        .or_else(|| inner.get("message").and_then(Value::as_str))
        .or_else(|| inner.get("detail").and_then(Value::as_str));
    text.map_or_else(|| inner.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_servers_words() {
        let body = r#"{"error":{"message":"the request exceeds the available context size"}}"#;
        let problem = Problem::http(400, body);
        assert_eq!(
            problem.explanation,
            "the server answered with HTTP 400 and said: the request exceeds the available context size"
        );
        assert_eq!(Problem::http(401, "").kind, ProblemKind::Unauthorized);
        let plain = Problem::http(502, "<html>\nBad Gateway</html>");
        assert!(plain.explanation.ends_with("<html> Bad Gateway</html>"));
        let words = Problem::http(400, r#"{"error": "Model is not loaded"}"#);
        assert!(words.explanation.ends_with("said: Model is not loaded"));
    }
}
