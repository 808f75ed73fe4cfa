//! The user's own tasks: a folder with a folder for each, of a prompt and a command.

use serde::Deserialize;

use super::task::{Check, Kind, OwnCheck, Task};
use crate::fault::Hinted;
use crate::toml_text;
use crate::toml_text::TomlError;

/// More is no check of one answer.
const MOST_SECONDS: u32 = 3600;
const MOST_MIB: u32 = 1 << 20;

/// `task.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnFile {
    /// Passes with exit code 0.
    command: Vec<String>,
    #[serde(default = "text")]
    answer: String,
    #[serde(default = "minute")]
    seconds: u32,
    #[serde(default = "gibibytes")]
    memory_mib: u32,
}

const fn gibibytes() -> u32 {
    4096
}

fn text() -> String {
    "answer.txt".to_owned()
}

const fn minute() -> u32 {
    60
}

/// Why a folder is no task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotATask {
    /// Not the TOML of one.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// It makes no sense.
    #[error("{path}: {what}")]
    Nonsense {
        /// The file.
        path: String,
        /// What is wrong with it.
        what: String,
    },
}

impl Hinted for NotATask {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Toml(error) => error.hint(),
            Self::Nonsense { .. } => Some(
                "write `command = [\"python3\", \"check.py\"]`, and the answer's file as a bare name"
                    .to_owned(),
            ),
        }
    }
}

impl Task {
    /// A task of the user's: the name of its folder, the folder, and the texts in it.
    ///
    /// # Errors
    /// With what is wrong with its `task.toml` or its prompt.
    pub fn own(name: &str, folder: &str, toml: &str, prompt: &str) -> Result<Self, NotATask> {
        let path = format!("{folder}/task.toml");
        toml_text::nothing_hidden(&path, toml)?;
        let file: OwnFile = toml_text::parse(&path, toml)?;
        let wrong = if file.command.is_empty() {
            Some("it has no command")
        } else if file.answer.is_empty()
            || file.answer.starts_with('.')
            || file.answer.contains(['/', '\\'])
        {
            Some("`answer` is no name of a file")
        } else if !(1..=MOST_SECONDS).contains(&file.seconds) {
            Some("`seconds` go from 1 to 3600")
        } else if !(16..=MOST_MIB).contains(&file.memory_mib) {
            Some("`memory_mib` goes from 16 to 1048576")
        } else if prompt.trim().is_empty() {
            Some("its prompt.md is empty")
        } else {
            None
        };
        if let Some(what) = wrong {
            let what = what.to_owned();
            return Err(NotATask::Nonsense { path, what });
        }
        let check = Check::Own(OwnCheck {
            folder: folder.to_owned(),
            command: file.command,
            answer: file.answer,
            seconds: file.seconds,
            memory_mib: file.memory_mib,
        });
        Ok(Self::asking(Kind::Own, name, prompt, check))
    }
}
