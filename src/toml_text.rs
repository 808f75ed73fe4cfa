//! TOML with errors that name the file, the line and what was expected.

use serde::de::DeserializeOwned;

use crate::fault::Hinted;

/// A TOML text that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TomlError {
    /// Not UTF-8.
    #[error("{path}: the file is not UTF-8 text")]
    NotText {
        /// The file.
        path: String,
    },
    /// Not TOML, or not the fields that were expected.
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
            Self::NotText { .. } => "save it as UTF-8".to_owned(),
            Self::Syntax { line, path, .. } => format!("correct line {line} of {path}"),
        })
    }
}

/// The text of a file.
///
/// # Errors
/// When the bytes are not UTF-8.
pub fn utf8<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, TomlError> {
    std::str::from_utf8(bytes).map_err(|_| TomlError::NotText {
        path: path.to_owned(),
    })
}

/// Reads a value from TOML.
///
/// # Errors
/// With file, line, column and what was expected.
pub fn parse<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        let before = &text[..floor_char(text, at)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        let message = error.message().trim().replace('\n', " ");
        TomlError::Syntax {
            path: path.to_owned(),
            line,
            column,
            message,
        }
    })
}

fn floor_char(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0)
}
