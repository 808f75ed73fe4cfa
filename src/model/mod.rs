//! What a model is made of: the figures of its architecture that memory and speed depend on.
//!
//! Never opens a file: readers of file formats take bytes and give an [`Architecture`].

mod architecture;
pub mod gguf;

pub use architecture::{Architecture, AttentionLayers, CacheShape, Experts, RecurrentLayers};
