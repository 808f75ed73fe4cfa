//! What `get` answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Bytes;

/// Version of this document's shape.
pub const SCHEMA: u32 = 1;

/// What `get` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GetReport {
    /// Version of this shape.
    pub schema: u32,
    /// What it came to.
    pub outcome: GetOutcome,
    /// The models folder.
    pub folder: String,
    /// What is free on its disk before anything is fetched; absent where that can't be told.
    pub disk_free_bytes: Option<Bytes>,
    /// What has to come over the network, of all models together.
    pub missing_bytes: Bytes,
    /// The models.
    pub models: Vec<GetModel>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// What a run of `get` came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GetOutcome {
    /// All files are here.
    Done,
    /// Nothing was fetched: it was only asked what would be, and there is room for it.
    NotStarted,
    /// Nothing was fetched: the disk has no room.
    NoRoom,
    /// It was interrupted, and what came is kept.
    Interrupted,
}

/// A model of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetModel {
    /// What was asked for.
    pub name: String,
    /// The repository that has it: `owner/name`.
    pub repository: String,
    /// The commit of the repository that the files are of; absent where the hub names none.
    pub commit: Option<String>,
    /// Its folder on this disk.
    pub folder: String,
    /// Its files, in the order in which they are fetched.
    pub files: Vec<GetFile>,
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetFile {
    /// Its path in the repository.
    pub path: String,
    /// Its path below the model's folder.
    pub local: String,
    /// Its size.
    pub bytes: Bytes,
    /// Bytes that were here before.
    pub kept_bytes: Bytes,
    /// Bytes that came over the network in this run.
    pub received_bytes: Bytes,
    /// Where it stands.
    pub state: FileState,
    /// What it was held against.
    pub check: Check,
}

/// Where a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// It was here before, with the right size; whether it is what the hub says was not looked at.
    Present,
    /// It was here before, and is what the hub says.
    Checked,
    /// It was fetched, and is what the hub says.
    Fetched,
    /// Some of it is missing.
    Missing,
}

/// What the bytes of a file are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The SHA-256 that the hub names.
    Sha256,
    /// Git's own name of it.
    GitBlob,
    /// Its size: the hub names no more.
    Size,
}
