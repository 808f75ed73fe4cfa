//! The servers that a node's part can be run by.

/// What serves a node's models.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NodeServer {
    /// LM Studio, on both engines.
    #[default]
    LmStudio,
    /// llama.cpp's own server with a preset for each model: GGUF files alone.
    LlamaCpp,
}
