//! What a model is made of: the figures of its architecture that memory and speed depend on.
//!
//! Never opens a file: readers of file formats take bytes and give an [`Architecture`].

mod architecture;
pub mod config_json;
mod folder_weights;
pub mod gguf;
pub mod repository;
pub mod safetensors;
pub mod safetensors_index;
mod truncation;

pub use architecture::{Architecture, AttentionLayers, CacheShape, Experts, RecurrentLayers};
pub use folder_weights::FolderWeights;
pub use truncation::Truncation;
