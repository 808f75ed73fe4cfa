//! A plan as steps from what is loaded now: what changes, what that gains and costs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::ChangeRow;
use super::standing::Standing;
use crate::plan::Plan;
use crate::units::Bytes;

/// Version of this document's shape.
pub const CURRENT_SCHEMA: u32 = 1;

/// What `recommend --current` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Current {
    /// Version of this shape.
    pub schema: u32,
    /// What is loaded beside the plan.
    pub standing: Standing,
    /// What stays, goes and comes; where nothing is to change, what stays.
    pub steps: Vec<ChangeRow>,
    /// What has to be there first, of what is loaded or loaded otherwise.
    pub downloads: Vec<Download>,
    /// Sum of the downloads.
    pub download_bytes: Bytes,
    /// What is loaded, with the seconds that it takes where they were measured.
    pub loads: Vec<Loading>,
    /// Sum of the seconds that are known.
    pub loading_seconds: f64,
    /// Models that stay, and go by themselves after a time without a request.
    pub expiring: Vec<String>,
    /// The plan.
    pub plan: Plan,
}

/// A model that is not on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Download {
    /// The name that clients ask for once it is loaded.
    pub identifier: String,
    /// `model/variant`.
    pub variant: String,
    /// Bytes of its files.
    pub bytes: Bytes,
}

/// A model that is to be loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Loading {
    /// The name that clients ask for once it is loaded.
    pub identifier: String,
    /// Seconds that its loading was measured to take on this chip; absent where nobody measured it.
    pub seconds: Option<f64>,
}
