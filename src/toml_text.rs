//! TOML with errors that name the file, the line and what was expected.

use serde::de::DeserializeOwned;

use crate::fault::{Hinted, plainly};
use crate::printable::{hidden_in, printable};
use crate::suggest;

/// A TOML text that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TomlError {
    /// A key that nobody knows.
    #[error("{path}:{line}:{column}: unknown key `{key}`{}", suggest::or_nothing(nearest(key, known).as_deref()))]
    UnknownKey {
        /// The file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The key.
        key: String,
        /// The keys that can stand there.
        known: Vec<String>,
    },
    /// A text with something in it that is not seen.
    #[error("{path}: `{key}` contains invisible characters, or more than one line")]
    Hidden {
        /// The file.
        path: String,
        /// The key, as it can be shown.
        key: String,
    },
    /// A file of the binary or of an update that this program does not understand.
    #[error("{path}: {message}")]
    Shipped {
        /// The file, by its place in the repository.
        path: String,
        /// What was wrong.
        message: String,
    },
    /// Not TOML, or not the values that were expected.
    #[error("{path}:{line}:{column}: {message}")]
    Syntax {
        /// The file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What was wrong and what was expected.
        message: String,
    },
}

impl Hinted for TomlError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Hidden { .. } => "write it on one line, without them".to_owned(),
            Self::UnknownKey { known, .. } if known.is_empty() => {
                "leave it out: nothing can stand there".to_owned()
            }
            Self::UnknownKey { known, .. } => format!("known are {}", list(known)),
            Self::Shipped { .. } => {
                "correct it and build planner again; `cargo test catalog` names the line".to_owned()
            }
            Self::Syntax {
                line,
                path,
                message,
                ..
            } => match message.strip_prefix("missing field ") {
                Some(key) => format!("add {key} to what begins on line {line} of {path}"),
                None => format!("correct line {line} of {path}"),
            },
        })
    }
}

/// Reads a value from TOML.
///
/// # Errors
/// With file, line, column and what was expected.
pub fn parse<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        let before = &text[..floor_char(text, at)];
        let line = line_of(before);
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        let (path, message) = (path.to_owned(), error.message().trim().replace('\n', " "));
        match unknown_key(&message) {
            Some((key, known)) => TomlError::UnknownKey {
                path,
                line,
                column,
                key,
                known,
            },
            None => TomlError::Syntax {
                path,
                line,
                column,
                message: plainly(&message),
            },
        }
    })
}

/// Holds a file that a person or a stranger wrote to texts of one line with nothing hidden in them.
///
/// # Errors
/// With the first key that is otherwise.
pub fn nothing_hidden(path: &str, text: &str) -> Result<(), TomlError> {
    match hidden_in(&parse(path, text)?) {
        Some(key) => Err(TomlError::Hidden {
            path: path.to_owned(),
            key: printable(key.trim_start_matches('.')).into_owned(),
        }),
        None => Ok(()),
    }
}

/// The line, from 1, that a text comes to its end in.
#[must_use]
pub fn line_of(before: &str) -> usize {
    1 + before.matches('\n').count()
}

/// The key that a type refused, and those that it has. serde hands them on in its text alone.
fn unknown_key(message: &str) -> Option<(String, Vec<String>)> {
    let named = message.strip_prefix("unknown field ")?;
    let mut names = named.split('`').skip(1).step_by(2).map(str::to_owned);
    Some((names.next()?, names.collect()))
}

fn nearest(key: &str, known: &[String]) -> Option<String> {
    suggest::nearest(key, known.iter().map(String::as_str))
}

fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    quoted.join(", ")
}

fn floor_char(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Shape {
        weights: u32,
        context: u32,
    }

    #[test]
    fn an_unknown_key_names_its_place_and_the_nearest() {
        let error = parse::<Shape>("a.toml", "context = 1\nwieghts = 2\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "a.toml:2:1: unknown key `wieghts`; did you mean `weights`?"
        );
        assert_eq!(
            error.hint().as_deref(),
            Some("known are `weights`, `context`")
        );
    }
}
