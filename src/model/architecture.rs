//! The architecture figures that decide memory: what each layer keeps per token or per sequence.
//!
//! Layers are listed as groups with the same cache shape, so that grouped-query, sliding-window,
//! latent (MLA), indexed (DSA), hybrid and recurrent models are all sums over groups, and nothing
//! ever asks what a model is called.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Figures of one architecture, from the model's own configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// The architecture's name in llama.cpp (`general.architecture`), for people; never matched on.
    pub name: String,
    /// All layers of the main model; multi-token-prediction layers are not counted.
    pub layers: u32,
    /// Width of the residual stream (`embedding_length`, `hidden_size`).
    pub embedding_length: u64,
    /// Entries of the vocabulary.
    pub vocabulary: u64,
    /// Query heads of the widest attention layer; 0 where there is no attention.
    pub query_heads: u64,
    /// The output matrix is the token embedding: it lies on the GPU, and once.
    #[serde(default)]
    pub tied_embeddings: bool,
    /// Experts, for a mixture of experts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experts: Option<Experts>,
    /// Layers that keep a KV cache, in groups of one shape. Layers that reuse another layer's
    /// cache are not listed; attention layers without KV heads are, since without flash attention
    /// llama.cpp gives them the room of the widest layer's values.
    #[serde(default)]
    pub attention: Vec<AttentionLayers>,
    /// Layers that keep a state of fixed size per sequence, in groups of one shape.
    #[serde(default)]
    pub recurrent: Vec<RecurrentLayers>,
}

impl Architecture {
    /// A figure far beyond any model, where there is one: what a damaged file says is not computed
    /// with, so that no sum runs over.
    #[must_use]
    pub fn beyond_reason(&self) -> Option<String> {
        let layers = |n: u64, m: u32| n.saturating_add(u64::from(m));
        let attention = self.attention.iter().map(|g| g.layers).fold(0, layers);
        let recurrent = self.recurrent.iter().map(|g| g.layers).fold(0, layers);
        let row = self.attention.iter().map(|g| g.cache.row_elements()).max();
        let state = self
            .recurrent
            .iter()
            .map(|g| g.convolution_elements.saturating_add(g.state_elements))
            .max();
        let vector = self.attention.iter().map(|g| g.cache.widest_vector()).max();
        let most: [(&str, u64, u64); 8] = [
            ("layers with attention", attention, 1 << 13),
            ("recurrent layers", recurrent, 1 << 13),
            (
                "numbers kept per token and layer",
                row.unwrap_or(0),
                1 << 18,
            ),
            (
                "numbers kept per sequence and layer",
                state.unwrap_or(0),
                1 << 32,
            ),
            ("numbers in a key or value", vector.unwrap_or(0), 1 << 18),
            ("entries in its vocabulary", self.vocabulary, 1 << 28),
            ("numbers per token", self.embedding_length, 1 << 20),
            ("query heads", self.query_heads, 1 << 16),
        ];
        let (what, found, _) = most.into_iter().find(|(_, found, most)| found > most)?;
        Some(format!(
            "it would have {found} {what}, far more than any model"
        ))
    }

    /// Whether two are built alike: the same figures, and the same groups in any order.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let groups = |a: &Self, b: &Self| {
            a.attention.len() == b.attention.len()
                && a.attention.iter().all(|g| b.attention.contains(g))
        };
        let other_order = Self {
            attention: self.attention.clone(),
            ..other.clone()
        };
        groups(self, other) && groups(other, self) && *self == other_order
    }
}

/// How many experts there are and how many each token uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experts {
    /// Routed experts in each mixture layer.
    pub total: u32,
    /// Routed experts used per token.
    pub used: u32,
}

/// Layers whose KV cache has one shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttentionLayers {
    /// How many layers.
    pub layers: u32,
    /// What each of them keeps.
    pub cache: CacheShape,
}

/// What one attention layer keeps per cell (token).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CacheShape {
    /// Keys and values of every token.
    Full {
        /// KV heads.
        kv_heads: u64,
        /// Length of a key vector per head.
        key_length: u64,
        /// Length of a value vector per head.
        value_length: u64,
    },
    /// Keys and values of the last `window` tokens.
    Sliding {
        /// Tokens that stay visible.
        window: u32,
        /// KV heads.
        kv_heads: u64,
        /// Length of a key vector per head.
        key_length: u64,
        /// Length of a value vector per head.
        value_length: u64,
    },
    /// Multi-head latent attention: one compressed vector per token, no separate values. The
    /// lengths of keys and values before compression decide no memory and are not kept.
    Latent {
        /// Rank of the compressed KV (`kv_lora_rank`).
        rank: u64,
        /// Length of the part that carries the position (`rope.dimension_count`).
        rope_length: u64,
        /// Length of the sparse indexer's key, on layers that have one.
        #[serde(default)]
        index_length: u64,
    },
    /// What a sparse indexer keeps beside the keys and values of the same layers, with one head.
    Indexer {
        /// Length of its key vector.
        key_length: u64,
        /// Length of the value vector kept with it; 0 where there is none.
        value_length: u64,
    },
    /// Keys of the last tokens, and compressed keys of all of them; no separate values. Each
    /// sequence has cells of its own, also where slots share one pool.
    Compressed {
        /// Tokens whose own keys are kept.
        window: u32,
        /// Tokens that share one compressed key; 0 where the layer has the window only.
        ratio: u32,
        /// KV heads.
        kv_heads: u64,
        /// Length of a key vector per head.
        key_length: u64,
        /// Length of the sparse indexer's key, kept for each compressed key.
        #[serde(default)]
        index_length: u64,
    },
}

/// Heads of a layer with plain keys and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KvHeads {
    /// How many.
    pub heads: u64,
    /// Length of a key vector per head.
    pub key_length: u64,
    /// Length of a value vector per head.
    pub value_length: u64,
}

impl KvHeads {
    /// Numbers per token, keys and values of all heads.
    #[must_use]
    pub const fn elements(&self) -> u64 {
        let vectors = self.key_length.saturating_add(self.value_length);
        self.heads.saturating_mul(vectors)
    }
}

impl CacheShape {
    /// The heads of a layer with plain keys and values, with a window or without one.
    #[must_use]
    pub const fn heads(&self) -> Option<KvHeads> {
        match *self {
            Self::Full {
                kv_heads,
                key_length,
                value_length,
            }
            | Self::Sliding {
                kv_heads,
                key_length,
                value_length,
                ..
            } => Some(KvHeads {
                heads: kv_heads,
                key_length,
                value_length,
            }),
            Self::Latent { .. } | Self::Indexer { .. } | Self::Compressed { .. } => None,
        }
    }

    /// Numbers per token that attention reads, without the keys that a sparse indexer compares.
    #[must_use]
    pub fn attended_elements(&self) -> u64 {
        match *self {
            Self::Full { .. } | Self::Sliding { .. } => {
                self.heads().map_or(0, |heads| heads.elements())
            }
            Self::Latent {
                rank, rope_length, ..
            } => rank.saturating_add(rope_length),
            Self::Indexer {
                key_length,
                value_length,
            } => key_length.saturating_add(value_length),
            Self::Compressed {
                kv_heads,
                key_length,
                ..
            } => kv_heads.saturating_mul(key_length),
        }
    }

    /// Numbers that one layer keeps per token, at most.
    fn row_elements(&self) -> u64 {
        let index = match *self {
            Self::Latent { index_length, .. } | Self::Compressed { index_length, .. } => {
                index_length
            }
            Self::Full { .. } | Self::Sliding { .. } | Self::Indexer { .. } => 0,
        };
        self.attended_elements().saturating_add(index)
    }

    /// The larger of the key and value vectors that a kernel works on, per head.
    #[must_use]
    pub fn widest_vector(&self) -> u64 {
        let (key, value) = self.vectors();
        key.max(value)
    }

    /// Lengths of the key and value vectors per head that attention works on.
    #[must_use]
    pub fn vectors(&self) -> (u64, u64) {
        match *self {
            Self::Full {
                key_length,
                value_length,
                ..
            }
            | Self::Sliding {
                key_length,
                value_length,
                ..
            }
            | Self::Indexer {
                key_length,
                value_length,
            } => (key_length, value_length),
            // Attention works on the compressed vectors themselves.
            Self::Latent {
                rank, rope_length, ..
            } => (rank + rope_length, rank),
            // The keys serve as values.
            Self::Compressed { key_length, .. } => (key_length, key_length),
        }
    }

    /// Tokens that a layer of this shape can see, where that is less than the context.
    #[must_use]
    pub const fn window(&self) -> Option<u32> {
        match *self {
            Self::Sliding { window, .. } => Some(window),
            Self::Full { .. }
            | Self::Latent { .. }
            | Self::Indexer { .. }
            | Self::Compressed { .. } => None,
        }
    }
}

/// Layers that keep a state of fixed size per sequence (Mamba, gated delta-net, RWKV).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecurrentLayers {
    /// How many layers.
    pub layers: u32,
    /// Numbers kept for the short convolution, per layer and sequence.
    pub convolution_elements: u64,
    /// Numbers kept as the recurrent state, per layer and sequence.
    pub state_elements: u64,
}
