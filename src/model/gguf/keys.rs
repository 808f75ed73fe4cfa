//! Asks a header for the keys of its own architecture, without repeating the architecture's name.

use super::metadata::{KeyError, Metadata};

/// Reads the keys of one architecture.
pub(super) struct Keys<'a> {
    metadata: &'a Metadata,
    name: &'a str,
}

impl<'a> Keys<'a> {
    pub(super) fn new(metadata: &'a Metadata, name: &'a str) -> Self {
        Self { metadata, name }
    }

    pub(super) fn key(&self, rest: &str) -> String {
        format!("{}.{rest}", self.name)
    }

    pub(super) fn maybe(&self, rest: &str) -> Result<Option<u32>, KeyError> {
        self.metadata.count(&self.key(rest))
    }

    pub(super) fn or_zero(&self, rest: &str) -> Result<u32, KeyError> {
        Ok(self.maybe(rest)?.unwrap_or(0))
    }

    pub(super) fn needed(&self, rest: &str) -> Result<u32, KeyError> {
        self.maybe(rest)?.ok_or_else(|| KeyError::Missing {
            key: self.key(rest),
        })
    }

    pub(super) fn layers(&self, rest: &str, layers: usize) -> Result<Option<Vec<u32>>, KeyError> {
        self.metadata.per_layer(&self.key(rest), layers)
    }

    /// A list of marks, cut or filled up with "no" to the number of layers.
    pub(super) fn marks(&self, rest: &str, layers: usize) -> Result<Option<Vec<bool>>, KeyError> {
        let list = self.metadata.list(&self.key(rest))?;
        Ok(list.map(|list| {
            let mut marks: Vec<bool> = list.into_iter().map(|n| n != 0).collect();
            marks.resize(layers, false);
            marks
        }))
    }

    pub(super) fn list(&self, rest: &str) -> Result<Option<Vec<u32>>, KeyError> {
        self.metadata.list(&self.key(rest))
    }
}
