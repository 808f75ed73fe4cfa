//! What is wrong with a fleet's file, by its line.

use crate::fault::{Fault, Hinted};
use crate::toml_text::TomlError;

/// Why a fleet can't be planned for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FleetError {
    /// The file can't be read.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// Something in it can't be.
    #[error("{path}:{line}: {problem}")]
    At {
        /// The file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong, and how to mend it.
        problem: Fault,
    },
    /// What is asked of it can't be.
    #[error(transparent)]
    Asked(#[from] Fault),
    /// The request can't be planned for.
    #[error(transparent)]
    Request(#[from] crate::scenario::error::RecommendError),
}

impl Hinted for FleetError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Toml(error) => error.hint(),
            Self::At { problem, .. } | Self::Asked(problem) => problem.hint(),
            Self::Request(error) => error.hint(),
        }
    }
}
