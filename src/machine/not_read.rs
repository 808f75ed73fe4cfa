//! Why a figure was not read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parse::error::ParseError;

/// Why a figure was not read. In documents it is its words, and read back it is nothing but them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[serde(into = "String", from = "String")]
#[schemars(with = "String")]
pub enum NotRead {
    /// The command is not there.
    #[error("`{0}` is not installed")]
    NoCommand(String),
    /// The command could not be started or waited for.
    #[error("`{command}` could not be run: {error}")]
    NotRun {
        /// The command.
        command: String,
        /// What the system said.
        error: String,
    },
    /// Somebody did not answer in time.
    #[error("`{who}` gave no answer within {seconds} s")]
    TimedOut {
        /// The command or the library.
        who: String,
        /// The limit.
        seconds: u64,
    },
    /// The user ended it.
    #[error("`{0}` was interrupted")]
    Interrupted(String),
    /// The command ran and reported failure.
    #[error("`{command}` failed ({status}): {stderr}")]
    Failed {
        /// The command.
        command: String,
        /// Its exit status.
        status: String,
        /// The first line of what it said.
        stderr: String,
    },
    /// The text is not what it should be.
    #[error(transparent)]
    Unparsable(#[from] ParseError),
    /// The answer does not have this key.
    #[error("this system has no sysctl `{0}`")]
    NoKey(String),
    /// There is no such thing on this machine.
    #[error("{0}")]
    NotHere(String),
    /// Two readings contradict each other.
    #[error("{0}")]
    Contradiction(String),
}

impl From<NotRead> for String {
    fn from(why: NotRead) -> Self {
        why.to_string()
    }
}

impl From<String> for NotRead {
    fn from(words: String) -> Self {
        Self::NotHere(words)
    }
}
