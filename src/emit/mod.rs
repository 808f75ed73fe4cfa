//! A plan as files: scripts, LM Studio's own files, and the same plan for its engines and clients.
//!
//! Pure: it makes texts, and the edge writes them. Texts with more than a value in them are real
//! files in `templates/`; every value goes through the quoting of the language it stands in.

mod artifact;
mod artifacts;
mod clients;
pub mod coexist;
mod error;
mod fleet;
mod install;
mod manifest;
mod models;
mod render;

pub use artifact::Artifact;
pub use artifacts::{artifacts, client_files};
pub use clients::servers::{Host, Left, server_files, without_server};
pub use clients::{Base, CantMerge, Client, ClientFile};
pub use error::EmitError;
pub use fleet::{NodeServer, fleet_artifacts};
pub use install::{INSTALL_SCHEMA, Installation, Placed, Placement, placements, planned_text};
pub use manifest::{MANIFEST, Manifest, ManifestEntry};
pub use models::{Options, UnknownKey, keyed, only_by_file};
