//! Why a header gives no architecture.

use super::metadata::KeyError;

/// Why a header gives no architecture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownArchitecture {
    /// No `general.architecture`.
    #[error("the header has no `general.architecture`; it is not a language model for llama.cpp")]
    Unnamed,
    /// A vision or audio projector: it has weights and keeps no context.
    #[error(
        "the file is a projector (`general.architecture` is `clip`), which belongs to a model and keeps no context of its own"
    )]
    Projector,
    /// An adapter.
    #[error(
        "the file is an adapter (`general.type` is `adapter`), which changes a model and keeps no context of its own"
    )]
    Adapter,
    /// The name is not known, and the keys speak of more than plain attention.
    #[error(
        "the architecture `{name}` is not known and has `{key}`, which plain attention has not; an update may know it"
    )]
    NotPlain {
        /// The architecture.
        name: String,
        /// The first such key.
        key: String,
    },
    /// A key is missing or has an unusable value.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Keys contradict each other.
    #[error("`{key}` is {found}, which cannot be: {reason}")]
    Impossible {
        /// The key.
        key: String,
        /// What stands there.
        found: u64,
        /// Why it cannot be.
        reason: &'static str,
    },
}
