//! What may be downloaded for a plan.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Bytes;

/// A limit of what may be downloaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiskLimit {
    /// Bytes that may be downloaded.
    pub most_bytes: Bytes,
    /// The variants that are on the disk (`model/variant`): of them nothing is downloaded.
    pub here: Vec<String>,
}

impl DiskLimit {
    /// Whether a variant is on the disk.
    #[must_use]
    pub fn has(&self, variant: &str) -> bool {
        self.here.iter().any(|name| name == variant)
    }
}

/// What a plan has downloaded, where that is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Downloads {
    /// What of the loadout is not on the disk.
    pub bytes: Bytes,
    /// What may be downloaded.
    pub most_bytes: Bytes,
}
