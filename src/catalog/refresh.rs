//! What a hub says of a model's files, held against the catalog's entry, as a document
//! (`schemas/catalog-refresh.json`).

use schemars::JsonSchema;
use serde::Serialize;

use super::schema::{SizeBasis, Variant};
use crate::units::Bytes;

/// Version of this document's shape.
pub const SCHEMA: u32 = 1;

/// The answer to `catalog refresh`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Refresh {
    /// Version of this shape.
    pub schema: u32,
    /// Id of the model.
    pub model: String,
    /// Its variants, in the catalog's order.
    pub variants: Vec<Refreshed>,
    /// The catalog file that was written; absent where nothing was.
    pub written: Option<String>,
}

/// A variant as the catalog has it, and as its hub does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Refreshed {
    /// Its id.
    pub variant: String,
    /// Bytes that the catalog has.
    pub weights_bytes: Bytes,
    /// How well it knows them.
    pub size: SizeBasis,
    /// What the hub has; absent where that is not known.
    pub hub: Option<OnHub>,
    /// Whether the entry would change.
    pub changes: bool,
    /// Why the hub was not asked, or has no such file.
    pub reason: Option<String>,
}

/// The files of a variant on its hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OnHub {
    /// `owner/name`.
    pub repository: String,
    /// All of their bytes.
    pub bytes: Bytes,
    /// The files.
    pub files: Vec<FileOnHub>,
    /// How many tensors are of each type, by the files' headers; empty where those were not read.
    pub tensor_types: Vec<TensorCount>,
}

/// A file on a hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileOnHub {
    /// Its path in the repository.
    pub path: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// Its SHA-256 in hexadecimal digits, where the hub tells it.
    pub sha256: Option<String>,
}

/// How many tensors are of a type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TensorCount {
    /// The type as ggml names it.
    pub r#type: String,
    /// Tensors of it.
    pub tensors: usize,
}

impl OnHub {
    /// The variant as the hub has it. What was entered before stays in its notes where it differs.
    #[must_use]
    pub fn variant(&self, before: &Variant, includes: &str, day: &str) -> Variant {
        let mut notes = before.notes.clone();
        if !notes.iter().any(|note| note.contains(includes)) {
            notes.push(format!("{includes}."));
        }
        if before.weights_bytes != self.bytes {
            notes.push(format!(
                "Entered before as {} bytes: {}.",
                before.weights_bytes.0, before.source
            ));
        }
        let types: Vec<String> = (self.tensor_types.iter())
            .map(|t| format!("{} {}", t.tensors, t.r#type))
            .collect();
        if !types.is_empty() {
            notes.retain(|note| !note.starts_with("Tensors: "));
            notes.push(format!("Tensors: {}.", types.join(", ")));
        }
        let fits = |part: &Bytes| *part < self.bytes;
        Variant {
            weights_bytes: self.bytes,
            size: SizeBasis::Exact,
            cpu_weights_bytes: before.cpu_weights_bytes.filter(fits),
            other_weights_bytes: before.other_weights_bytes.filter(fits),
            sha256: self.files.iter().filter_map(|f| f.sha256.clone()).collect(),
            source: format!(
                "https://huggingface.co/{}: the hub's own list of files, {day}",
                self.repository
            ),
            notes,
            ..before.clone()
        }
    }

    /// Whether an entry says something else of the files.
    #[must_use]
    pub fn differs(&self, from: &Variant) -> bool {
        let sha256: Vec<&String> = self
            .files
            .iter()
            .filter_map(|f| f.sha256.as_ref())
            .collect();
        from.weights_bytes != self.bytes
            || from.size != SizeBasis::Exact
            || !from.sha256.iter().eq(sha256)
    }
}
