//! What a tool answers: a document, and the same in words.

use anyhow::{Error, Result};
use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;
use serde_json::Value;

use super::words::for_callers;
use crate::app::hint_of;
use crate::printable::on_screen;
use crate::report::Screen;

/// Columns of text that a model reads.
const WIDTH: usize = 110;

/// The screen that answers are laid out for.
pub(super) fn screen() -> Screen {
    Screen::new(WIDTH, false)
}

/// An answer.
pub(super) struct Reply {
    text: String,
    document: Value,
}

impl Reply {
    /// A document, and what it says in words.
    pub(super) fn of<T: Serialize>(document: &T, text: &str) -> Result<Self> {
        Ok(Self {
            text: for_callers(&on_screen(text, false)),
            document: serde_json::to_value(document)?,
        })
    }
}

/// As the protocol has it. What went wrong is told to the model, with its hint.
pub(super) fn result(reply: Result<Reply>) -> CallToolResult {
    match reply {
        Ok(reply) => {
            let mut result = CallToolResult::structured(reply.document);
            result.content = vec![ContentBlock::text(reply.text)];
            result
        }
        Err(error) => CallToolResult::error(vec![ContentBlock::text(words(&error))]),
    }
}

fn words(error: &Error) -> String {
    let mut lines = vec![format!("error: {error:#}")];
    lines.extend(hint_of(error).map(|hint| format!("hint: {hint}")));
    for_callers(&on_screen(&lines.join("\n"), false))
}
