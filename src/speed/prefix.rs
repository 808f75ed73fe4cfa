//! What of a prompt has to be read again at a turn: where an engine keeps the prefix, only what is
//! new; where it does not, everything.

use super::kernels::Kernels;
use crate::catalog::schema::Variant;
use crate::model::{Architecture, CacheShape};

/// What a turn that appends to its conversation reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// Only new tokens: keys and values of every token before are there.
    Kept,
    /// Only new tokens, from the last checkpoint of the state; whatever breaks the prefix (a
    /// dropped thought, an edited system prompt) has everything after the last checkpoint read
    /// again, and often the whole prompt.
    FromCheckpoint,
    /// Everything, at every turn.
    Lost,
}

impl Prefix {
    /// By engine and architecture. llama.cpp and the engines of LM Studio keep prefixes; hybrids,
    /// sliding windows and compressed caches can't be cut back, and start from checkpoints. Ollama's
    /// MLX engine keeps none (ollama 0.32.14, issue 17829).
    #[must_use]
    pub fn of(variant: &Variant, arch: Option<&Architecture>) -> Self {
        if variant.engine == "ollama" {
            return Self::Lost;
        }
        let cannot_be_cut = arch.is_some_and(|arch| {
            let fixed = |cache: &CacheShape| {
                matches!(
                    cache,
                    CacheShape::Sliding { .. } | CacheShape::Compressed { .. }
                )
            };
            !arch.recurrent.is_empty() || arch.attention.iter().any(|g| fixed(&g.cache))
        });
        if cannot_be_cut && Kernels::of_engine(&variant.engine).is_some() {
            Self::FromCheckpoint
        } else {
            Self::Kept
        }
    }

    /// In a line.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Kept => "the prefix is kept: a turn reads what is new",
            Self::FromCheckpoint => {
                "the prefix is kept up to the last checkpoint: a turn that appends reads what is new"
            }
            Self::Lost => "this engine keeps no prefix: every turn reads the whole context",
        }
    }
}
