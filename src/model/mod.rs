//! What a model is made of: the figures of its architecture that memory and speed depend on.
//!
//! Never opens a file: readers of file formats take bytes, or whatever reads and seeks (a file, or one
//! behind HTTP), and give an [`Architecture`]. `fuzz/` feeds them any bytes.

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
