//! Why a user's file is left alone.

/// Why a file can't be merged into.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CantMerge(pub(super) String);
