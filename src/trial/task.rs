//! A task: what is asked, and what an answer is held to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Most tokens of an answer, thoughts among them: beyond it a model talks in circles.
pub const MOST_TOKENS: u32 = 4096;
/// Tokens that an answer needs at least beside its prompt.
const SPARE_TOKENS: u32 = 1024;
/// No tokenizer makes more tokens of English and JSON than one for so many bytes.
const BYTES_PER_TOKEN: usize = 3;

/// What a task tries.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// JSON by a schema.
    Json,
    /// Calls of tools, or none.
    Tool,
    /// Python that is run.
    Code,
    /// One record in a long text.
    Needle,
    /// Of the user's own folder.
    Own,
}

impl Kind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Tool => "tool",
            Self::Code => "code",
            Self::Needle => "needle",
            Self::Own => "own",
        }
    }
}

/// A task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// `json/order`: one name in all sets.
    pub id: String,
    /// What it tries.
    pub kind: Kind,
    /// The conversation so far, as the interface has it.
    pub messages: Value,
    /// The tools that may be called.
    pub tools: Option<Value>,
    /// What the answer is held to.
    pub check: Check,
}

/// What an answer is held to.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// JSON of this schema, with these values at their places (JSON pointers).
    Json {
        /// The schema.
        schema: Value,
        /// The values.
        expects: Map<String, Value>,
    },
    /// These calls and no other; without any, an answer with this word in it.
    Tool {
        /// The calls: `name` and `arguments`.
        calls: Vec<Value>,
        /// The word.
        says: Option<String>,
    },
    /// A function that does in each case what it should.
    Code {
        /// Its name.
        function: String,
        /// The cases.
        cases: Vec<Case>,
    },
    /// This number.
    Number(u32),
    /// A command of the user's that ends with 0.
    Own(OwnCheck),
}

/// A call, and what has to come of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the function is called with.
    pub arguments: Vec<Value>,
    /// What it returns.
    #[serde(default)]
    pub returns: Option<Value>,
    /// The error that it raises.
    #[serde(default)]
    pub raises: Option<String>,
}

/// A command of the user's that passes an answer or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCheck {
    /// The task's folder, whose files the command finds beside the answer.
    pub folder: String,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// The file that the answer goes into.
    pub answer: String,
    /// How long it may take.
    pub seconds: u32,
    /// How much memory it may have.
    pub memory_mib: u32,
}

impl Task {
    /// One that asks with a single message.
    pub(super) fn asking(kind: Kind, id: &str, prompt: &str, check: Check) -> Self {
        Self {
            id: format!("{}/{id}", kind.name()),
            kind,
            messages: json!([{ "role": "user", "content": prompt.trim() }]),
            tools: None,
            check,
        }
    }

    /// The body of the request.
    #[must_use]
    pub fn body(&self, model: &str, max_tokens: u32) -> Value {
        let mut body = json!({
            "model": model,
            "messages": self.messages,
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": true,
            "stream_options": { "include_usage": true },
        });
        if let Some(tools) = &self.tools {
            body["tools"] = tools.clone();
        }
        body
    }

    /// Whether a program has to run to tell whether an answer passes.
    #[must_use]
    pub const fn runs(&self) -> bool {
        matches!(self.check, Check::Code { .. } | Check::Own(_))
    }

    /// Whether it certainly fits a context.
    #[must_use]
    pub fn fits(&self, context: u32) -> bool {
        let bytes = self.messages.to_string().len() / BYTES_PER_TOKEN;
        let tokens = u32::try_from(bytes).unwrap_or(u32::MAX);
        tokens.saturating_add(SPARE_TOKENS) <= context
    }
}
