//! The only way out: standard output for data, standard error for the rest.

use std::io::{IsTerminal as _, Write as _};

use anyhow::Result;
use schemars::JsonSchema;
use serde::Serialize;

use super::context::{Color, Common, Format};
use crate::report::{Paint, Screen};

/// Where answers go and how they look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    /// Text or JSON.
    pub(super) format: Format,
    /// The screen for text.
    pub(super) screen: Screen,
    error_color: bool,
}

/// Columns of text that goes to a file or a pipe.
const PIPED_WIDTH: usize = 120;

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that looks at the terminal and writes to it"
)]
impl Output {
    /// The output that the arguments and the terminal ask for.
    pub(super) fn of(common: &Common) -> Self {
        let stdout = std::io::stdout();
        let terminal = stdout.is_terminal();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|v| v == "dumb");
        let wanted = |is_terminal: bool| match common.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !no_color && !dumb,
        };
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|c| c.parse::<usize>().ok());
        let seen = terminal
            .then(terminal_size::terminal_size)
            .flatten()
            .map(|(w, _)| usize::from(w.0));
        let width = columns.or(seen).unwrap_or(PIPED_WIDTH);
        Self {
            format: common.format,
            screen: Screen::new(width, wanted(terminal)),
            error_color: wanted(std::io::stderr().is_terminal()),
        }
    }

    /// Writes text.
    pub(super) fn text(&self, text: &str) -> Result<()> {
        self.bytes(text.as_bytes())
    }

    /// Writes a value as JSON.
    pub(super) fn json<T: Serialize>(&self, value: &T) -> Result<()> {
        let mut text = serde_json::to_vec_pretty(value)?;
        text.push(b'\n');
        self.bytes(&text)
    }

    /// Writes bytes.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Result<()> {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()?;
        Ok(())
    }

    /// A word to the user that is not the answer.
    pub(super) fn note(&self, text: &str) {
        say(text);
    }

    /// Says what went wrong, with its causes; as a document where documents were asked for.
    pub(super) fn error(&self, error: &anyhow::Error) {
        if self.format == Format::Json {
            let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
            return say_json(&ErrorReport::of(&causes.join(": ")));
        }
        let screen = Screen {
            color: self.error_color,
            ..self.screen
        };
        let mut text = format!("{} {error}", screen.paint(Paint::Bad, "error:"));
        for cause in error.chain().skip(1) {
            text.push_str(&format!(": {cause}"));
        }
        self.note(&text);
    }
}

/// What went wrong, on standard error where `--format json` was asked for.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ErrorReport {
    /// Version of this shape.
    schema: u32,
    /// What is wrong, with its causes.
    error: String,
    /// The way out, where one is known.
    hint: Option<String>,
}

impl ErrorReport {
    /// A message, with its hint apart.
    pub(super) fn of(message: &str) -> Self {
        let (error, hint) = match message.split_once("\nhint: ") {
            Some((error, hint)) => (error, Some(hint.trim().to_owned())),
            None => (message, None),
        };
        Self {
            schema: 1,
            error: error.trim().to_owned(),
            hint,
        }
    }
}

/// A document on standard error.
pub(super) fn say_json(report: &ErrorReport) {
    // A report of strings can be written.
    if let Ok(text) = serde_json::to_string_pretty(report) {
        say(&text);
    }
}

/// A line on standard error.
pub(super) fn say(text: &str) {
    // Nothing can be done about a standard error that is gone.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Whether the reader of our output went away, which is its right.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause
            .downcast_ref::<std::io::Error>()
            .map(std::io::Error::kind);
        io == Some(std::io::ErrorKind::BrokenPipe)
    })
}
