//! The index of a sharded safetensors model (`model.safetensors.index.json`): which file holds
//! which tensor.
//!
//! Never looks whether a file is there, and never gives a name that leads out of the folder.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::fault::Hinted;
use crate::units::Bytes;

/// Longest index that is read.
const INDEX_LIMIT: usize = 100_000_000;

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Bytes of all tensors, where the index says so.
    pub total: Option<Bytes>,
    /// The file of each tensor.
    pub files: BTreeMap<String, String>,
}

/// Why an index could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// Longer than any real one.
    #[error("the index has {length} bytes, more than the {INDEX_LIMIT} that can be meant")]
    TooLong {
        /// Its length.
        length: usize,
    },
    /// Not the JSON that it has to be.
    #[error("the index is not a map of tensors to files: {reason}")]
    Json {
        /// What the JSON reader said.
        reason: String,
    },
    /// A file name that is not a plain name.
    #[error("the index names the file `{file}`, which is not a plain file name in its folder")]
    FileName {
        /// The name.
        file: String,
    },
}

impl Hinted for IndexError {
    fn hint(&self) -> Option<String> {
        let words = match self {
            Self::TooLong { .. } | Self::Json { .. } => "the file is damaged: download it again",
            Self::FileName { .. } => {
                "do not trust this download: take it from the publisher's page"
            }
        };
        Some(words.to_owned())
    }
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    metadata: Totals,
    weight_map: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
struct Totals {
    #[serde(default)]
    total_size: Option<serde_json::Number>,
}

impl Index {
    /// Reads an index.
    ///
    /// # Errors
    /// When it is not one, or names files outside its folder.
    pub fn read(text: &[u8]) -> Result<Self, IndexError> {
        if text.len() > INDEX_LIMIT {
            return Err(IndexError::TooLong { length: text.len() });
        }
        let raw: Raw = serde_json::from_slice(text).map_err(|e| IndexError::Json {
            reason: e.to_string(),
        })?;
        let plain = |file: &&String| {
            !file.is_empty() && !file.starts_with('.') && !file.contains(['/', '\\', '\0', ':'])
        };
        if let Some(file) = raw.weight_map.values().find(|file| !plain(file)) {
            return Err(IndexError::FileName { file: file.clone() });
        }
        let total = raw.metadata.total_size.and_then(|n| whole(&n));
        Ok(Self {
            total,
            files: raw.weight_map,
        })
    }

    /// The files, each once, in the order of their names.
    #[must_use]
    pub fn shards(&self) -> Vec<&str> {
        let names: BTreeSet<&str> = self.files.values().map(String::as_str).collect();
        names.into_iter().collect()
    }
}

/// Some tools write the total as `1.5e10`.
fn whole(n: &serde_json::Number) -> Option<Bytes> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number below 2^53"
    )]
    n.as_u64().map(Bytes).or_else(|| {
        let x = n.as_f64()?;
        ((0.0..9e15).contains(&x) && x.fract() == 0.0).then_some(Bytes(x as u64))
    })
}
