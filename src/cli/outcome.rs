//! What a command came to.

use std::process::ExitCode;

/// What a command came to, where it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Done.
    Done,
    /// An honest no.
    No,
}

impl Outcome {
    /// Done where it holds.
    pub(super) const fn when(holds: bool) -> Self {
        if holds { Self::Done } else { Self::No }
    }

    /// Done where both are.
    pub(super) fn and(self, other: Self) -> Self {
        Self::when(self == Self::Done && other == Self::Done)
    }

    /// As the shell takes it.
    pub(super) fn code(self) -> ExitCode {
        match self {
            Self::Done => ExitCode::SUCCESS,
            Self::No => ExitCode::from(1),
        }
    }
}
