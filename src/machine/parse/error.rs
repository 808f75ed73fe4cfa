//! Why a text could not be read.

/// Why a text could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Something that must be there is not.
    #[error("{from} does not have {expected}")]
    Absent {
        /// The command.
        from: &'static str,
        /// What was looked for.
        expected: String,
    },
    /// Something is there, but not what it should be.
    #[error("{from} says `{found}` where {expected} was expected")]
    Unexpected {
        /// The command.
        from: &'static str,
        /// What was looked for.
        expected: String,
        /// What stood there.
        found: String,
    },
}

impl ParseError {
    pub(super) fn absent(from: &'static str, expected: impl Into<String>) -> Self {
        Self::Absent {
            from,
            expected: expected.into(),
        }
    }

    /// What was found is cut to what a line on the screen holds.
    pub(super) fn unexpected(from: &'static str, expected: impl Into<String>, found: &str) -> Self {
        Self::Unexpected {
            from,
            expected: expected.into(),
            found: found.chars().take(80).collect(),
        }
    }
}
