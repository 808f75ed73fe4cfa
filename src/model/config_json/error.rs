//! Why a `config.json` gives no architecture.

use crate::fault::Hinted;

/// Longest configuration that is read.
pub(super) const LENGTH_LIMIT: usize = 8 << 20;

/// Why a configuration gives no architecture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Longer than any real one.
    #[error("`config.json` has {length} bytes, more than the {LENGTH_LIMIT} that can be meant")]
    TooLong {
        /// Its length.
        length: usize,
    },
    /// Not JSON, or no object.
    #[error("`config.json` is not a configuration: {reason}")]
    Json {
        /// What the JSON reader said.
        reason: String,
    },
    /// A key is needed and not there.
    #[error("`config.json` has no `{key}`, so what the model keeps is not known")]
    Missing {
        /// The key.
        key: String,
    },
    /// A value is of another kind than the key calls for.
    #[error("`{key}` in `config.json` is {found}, and should be a whole number below 2^32")]
    Kind {
        /// The key.
        key: String,
        /// What stands there.
        found: String,
    },
    /// A list has not one entry per layer.
    #[error("`{key}` in `config.json` lists {found} layers of {layers}")]
    Layers {
        /// The key.
        key: String,
        /// Entries found.
        found: usize,
        /// Layers of the model.
        layers: usize,
    },
    /// A kind of layer that we do not know.
    #[error("`{key}` in `config.json` names {found}, a kind of layer that is not known")]
    LayerType {
        /// The key.
        key: &'static str,
        /// The entry.
        found: String,
    },
    /// A key of an architecture that we have no formula for.
    #[error("`config.json` has `{key}`, which tells of caches that there is no formula for here")]
    NotPlain {
        /// The key.
        key: String,
    },
    /// A number that cannot be.
    #[error("`{key}` in `config.json` is {found}, which cannot be")]
    Impossible {
        /// The key.
        key: String,
        /// What stands there.
        found: u64,
    },
}

impl Hinted for ConfigError {
    fn hint(&self) -> Option<String> {
        let words = match self {
            Self::TooLong { .. } | Self::Json { .. } => {
                "the file is damaged, or another kind of `config.json`: download the model again"
            }
            Self::LayerType { .. } | Self::NotPlain { .. } => "a newer planner may know it",
            Self::Missing { .. }
            | Self::Kind { .. }
            | Self::Layers { .. }
            | Self::Impossible { .. } => "take `config.json` from the publisher's repository",
        };
        Some(words.to_owned())
    }
}

pub(super) fn missing(key: &str) -> ConfigError {
    ConfigError::Missing {
        key: key.to_owned(),
    }
}
