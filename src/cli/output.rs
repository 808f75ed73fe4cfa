//! The only way out: standard output for data, standard error for the rest.

use std::io::{IsTerminal as _, Write as _};

use anyhow::Result;
use schemars::JsonSchema;
use serde::Serialize;

use super::context::{Color, Common, Format};
use super::usage::Usage;
use crate::app::hint_of;
use crate::app::save::Saved;
use crate::fault::Hinted as _;
use crate::printable::{hides, on_screen};
use crate::report;
use crate::report::{Paint, Screen};

/// Version of an error's shape.
const SCHEMA: u32 = 1;

/// Where answers go and how they look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    /// Text or JSON.
    pub(super) format: Format,
    /// The screen for text.
    pub(super) screen: Screen,
    error_color: bool,
    /// Columns of what goes to standard error; none where nobody looks at its lines.
    error_width: Option<usize>,
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
        Self::new(common.format, common.color)
    }

    /// The output in this format and colour.
    pub(super) fn new(format: Format, color: Color) -> Self {
        let stdout = std::io::stdout();
        let terminal = stdout.is_terminal();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|v| v == "dumb");
        let wanted = |is_terminal: bool| match color {
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
        let stderr = std::io::stderr().is_terminal();
        let seen = seen.or_else(|| {
            terminal_size::terminal_size_of(std::io::stderr()).map(|(w, _)| usize::from(w.0))
        });
        Self {
            format,
            screen: Screen::new(width, wanted(terminal)),
            error_color: wanted(stderr),
            error_width: columns.or(seen.filter(|_| stderr)),
        }
    }

    /// Writes text, with nothing in it that a terminal would obey but our own colours.
    pub(super) fn text(&self, text: &str) -> Result<()> {
        self.bytes(on_screen(text, self.screen.color).as_bytes())
    }

    /// Writes a value as JSON.
    pub(super) fn json<T: Serialize>(&self, value: &T) -> Result<()> {
        let text = json_text(value)?;
        self.bytes(format!("{text}\n").as_bytes())
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
        write_line(&on_screen(text, self.error_color));
    }

    /// Says where something was saved, and where what it replaced is now.
    pub(super) fn saved(&self, saved: &Saved) {
        let kept = saved.backup.as_ref().map_or(String::new(), |b| {
            format!(" (the one before is {})", b.display())
        });
        say(&format!("saved to {}{kept}", saved.path.display()));
    }

    /// Says what went wrong with its causes and what to do about it; as a document where documents
    /// were asked for. The only place that words an error.
    pub(super) fn error(&self, error: &anyhow::Error) {
        let report = ErrorReport::of(error);
        if self.format == Format::Json {
            return say_json(&report);
        }
        let screen = Screen {
            color: self.error_color,
            ..self.screen
        };
        self.wrapped(&format!(
            "{} {}",
            screen.paint(Paint::Bad, "error:"),
            report.error
        ));
        if let Some(hint) = &report.hint {
            self.hint(hint);
        }
    }

    /// Says which file of the user's was left out, and why.
    pub(super) fn left_out(&self, error: &anyhow::Error) {
        let report = ErrorReport::of(error);
        self.note(&format!("left out of the catalog: {}", report.error));
        if let Some(hint) = &report.hint {
            self.hint(hint);
        }
    }

    /// Says what would set right what was said before.
    pub(super) fn hint(&self, hint: &str) {
        let screen = Screen {
            color: self.error_color,
            ..self.screen
        };
        self.wrapped(&format!("{} {hint}", screen.paint(Paint::Strong, "hint:")));
    }

    /// Lines on standard error, those that are too long for it folded.
    fn wrapped(&self, text: &str) {
        match self.error_width {
            Some(width) => self.note(&report::lines_within(width, text)),
            None => self.note(text),
        }
    }
}

/// What went wrong, on standard error where `--format json` was asked for.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ErrorReport {
    /// Version of this shape.
    schema: u32,
    /// What is wrong, with its causes.
    error: String,
    /// What to do about it, where something is known.
    hint: Option<String>,
}

impl ErrorReport {
    fn of(error: &anyhow::Error) -> Self {
        Self {
            schema: SCHEMA,
            error: without_numbers(&own_lines(&format!("{error:#}"))),
            hint: hint_of(error)
                .or_else(|| error.downcast_ref::<Usage>().and_then(Usage::hint))
                .map(|hint| own_lines(&hint)),
        }
    }
}

/// Less the system's numbers of errors, which stand behind its words: ` (os error 2)`.
fn without_numbers(text: &str) -> String {
    const NUMBER: &str = " (os error ";
    let mut parts = text.split(NUMBER);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut shown, part| {
        match part.split_once(')') {
            Some((number, rest)) if number.parse::<u32>().is_ok() => shown.push_str(rest),
            _ => {
                shown.push_str(NUMBER);
                shown.push_str(part);
            }
        }
        shown
    })
}

/// Lists in our own messages stand on indented lines; any other line break came with a name from
/// outside, and must not begin a line that looks like ours.
fn own_lines(text: &str) -> String {
    let mut lines = text.split('\n');
    let mut shown = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let own = line.starts_with("  ");
        shown.push_str(if own { "\n" } else { "\\u{a}" });
        shown.push_str(line);
    }
    shown
}

/// A document on standard error.
fn say_json(report: &ErrorReport) {
    // A report of strings can be written.
    if let Ok(text) = json_text(report) {
        write_line(&text);
    }
}

/// A value as JSON, in which what a terminal would obey is written as `\u001b`: the same value, since
/// such characters stand in strings alone.
pub(super) fn json_text<T: Serialize>(value: &T) -> Result<String> {
    let text = serde_json::to_string_pretty(value)?;
    if !text.contains(|c| hides(c) && c != '\n') {
        return Ok(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if hides(c) && c != '\n' {
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units).iter();
            shown.extend(units.map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(c);
        }
    }
    Ok(shown)
}

/// Lines on standard error, with nothing in them that a terminal would obey.
pub(super) fn say(text: &str) {
    write_line(&on_screen(text, false));
}

fn write_line(text: &str) {
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
