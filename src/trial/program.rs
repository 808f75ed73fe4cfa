//! A program that has to run to tell whether an answer passes, and what it came to.

use crate::printable::printable;

/// A program to run, in a folder of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Files to put there: name and text.
    pub files: Vec<(String, String)>,
    /// A folder whose files are put there before.
    pub beside: Option<String>,
    /// The command; none stands for `python3 check.py`.
    pub command: Option<Vec<String>>,
    /// What it reads.
    pub stdin: String,
    /// How long it may take.
    pub seconds: u32,
    /// How much memory it may have.
    pub memory_mib: u32,
}

/// What a program came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Whether it ended by itself with 0.
    pub succeeded: bool,
    /// What ended it, where it did not end by itself.
    pub ended_by: Option<String>,
    /// What it printed.
    pub stdout: String,
    /// What it said beside that.
    pub stderr: String,
}

impl Ran {
    /// The last line that it said.
    pub(super) fn last_words(&self) -> String {
        let lines = |text: &'_ str| {
            text.lines()
                .rev()
                .find(|l| !l.trim().is_empty())
                .map(str::to_owned)
        };
        let last = lines(&self.stderr).or_else(|| lines(&self.stdout));
        last.map_or_else(
            || "it said nothing".to_owned(),
            |l| printable(l.trim()).into_owned(),
        )
    }
}
