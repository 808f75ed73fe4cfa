//! A plan as files: scripts, LM Studio's own files, and the same plan for its engines and clients.
//!
//! Pure: it makes texts, and the edge writes them. Texts with more than a value in them are real
//! files in `templates/`; every value goes through the quoting of the language it stands in.

mod artifacts;
mod install;
mod manifest;
mod models;
mod render;

pub use artifacts::{Artifact, artifacts};
pub use install::{INSTALL_SCHEMA, Installation, Placed, Placement, placements, planned_text};
pub use manifest::{MANIFEST, Manifest, ManifestEntry};
pub use models::{Options, UnknownKey, keyed, only_by_file};

use crate::fault::Hinted;

/// Why a plan can't be made into files.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// A plan without models.
    #[error("the plan has no models")]
    Empty,
    /// Two models of one name.
    #[error("two models of the plan have the identifier `{0}`")]
    Twice(String),
    /// A setting that LM Studio has no value for.
    #[error(transparent)]
    Unsupported(#[from] crate::lmstudio::config::Unsupported),
    /// A key for a model that the plan does not have.
    #[error(transparent)]
    UnknownKey(#[from] UnknownKey),
    /// A name that no script can hold.
    #[error("can't write {file}: {error}")]
    Template {
        /// The file.
        file: String,
        /// Why.
        error: String,
    },
    /// A document that is no JSON.
    #[error("can't write {file}: {error}")]
    Json {
        /// The file.
        file: String,
        /// Why.
        error: serde_json::Error,
    },
}

impl Hinted for EmitError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Empty => Some("`planner recommend` says why none fits".to_owned()),
            Self::Twice(_) => Some("make the plan anew with `planner recommend`".to_owned()),
            Self::Unsupported(error) => error.hint(),
            Self::UnknownKey(error) => error.hint(),
            Self::Template { .. } | Self::Json { .. } => None,
        }
    }
}
