//! What is asked of a download.

use std::path::PathBuf;

use crate::units::Bytes;

/// A download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetRequest {
    /// A saved plan, `model/variant`, or `hf:OWNER/REPOSITORY[:QUANTIZATION]`.
    pub what: String,
    /// The hub that has the files.
    pub endpoint: String,
    /// The models folder; LM Studio's when left out.
    pub models_folder: Option<PathBuf>,
    /// Bytes per second at most.
    pub limit: Option<Bytes>,
    /// Connections at once at most.
    pub connections: u32,
    /// Only say what would be fetched.
    pub dry_run: bool,
}
