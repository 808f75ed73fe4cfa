//! What attention costs with tokens before it: bytes of KV cache to read, products to compute.

use crate::model::{Architecture, AttentionLayers, CacheShape};

/// Bytes of a cached number: engines keep 16 bits unless told otherwise.
const ELEMENT_BYTES: f64 = 2.0;
/// Tokens that a sparse indexer selects: only their cache is read, and every token's index key.
const INDEXED_TOKENS: f64 = 2048.0;
/// Compressed keys that DeepSeek V4's indexer selects.
const INDEXED_COMPRESSED: f64 = 512.0;
/// Heads of an indexer, and of the one of compressed keys.
const INDEX_HEADS: (f64, f64) = (32.0, 64.0);
/// Length of an indexer's key vector where what is kept pools several.
const INDEX_KEY: f64 = 128.0;
/// Query heads where the architecture does not say.
const USUAL_HEADS: f64 = 32.0;
/// Parts that a prompt is summed in: the cost per token is nearly a straight line.
const PARTS: u32 = 24;

/// What one token, or a stretch of a prompt, costs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Cost {
    /// Bytes of KV cache read.
    pub(super) bytes: f64,
    /// Operations of grouped heads.
    pub(super) grouped: f64,
    /// Operations of latent and compressed heads.
    pub(super) latent: f64,
    /// Operations of indexers.
    pub(super) index: f64,
}

impl Cost {
    fn add(&mut self, times: f64, other: Self) {
        self.bytes += times * other.bytes;
        self.grouped += times * other.grouped;
        self.latent += times * other.latent;
        self.index += times * other.index;
    }
}

/// Bytes of KV cache that one token reads with `depth` tokens before it.
#[must_use]
pub fn kv_bytes_read(arch: &Architecture, depth: u32) -> f64 {
    of_token(arch, f64::from(depth)).bytes
}

/// One token that sees `depth` tokens.
pub(super) fn of_token(arch: &Architecture, depth: f64) -> Cost {
    Layers::of(arch).at(depth)
}

/// A prompt of `tokens` after `from` others, summed over its tokens; the bytes are the last one's.
pub(super) fn of_stretch(arch: &Architecture, from: f64, tokens: f64) -> Cost {
    let layers = Layers::of(arch);
    let part = tokens / f64::from(PARTS);
    let mut sum = Cost::default();
    for i in 0..PARTS {
        sum.add(part, layers.at(from + part * (f64::from(i) + 0.5)));
    }
    Cost {
        bytes: layers.at(from + tokens).bytes,
        ..sum
    }
}

/// The layers of an architecture, and what all of them go by.
struct Layers<'a> {
    groups: &'a [AttentionLayers],
    heads: f64,
    sparse: Sparse,
}

/// Which heads of an architecture see only what an indexer selects.
#[derive(Clone, Copy)]
struct Sparse {
    grouped: bool,
    latent: bool,
}

impl<'a> Layers<'a> {
    #[expect(clippy::cast_precision_loss, reason = "a number of heads")]
    fn of(arch: &'a Architecture) -> Self {
        let any = |keep: fn(&CacheShape) -> bool| arch.attention.iter().any(|g| keep(&g.cache));
        let latent =
            |c: &_| matches!(c, CacheShape::Latent { index_length, .. } if *index_length > 0);
        Self {
            groups: &arch.attention,
            heads: match arch.query_heads {
                0 => USUAL_HEADS,
                heads => heads as f64,
            },
            sparse: Sparse {
                grouped: any(|c| matches!(c, CacheShape::Indexer { .. })),
                latent: any(latent),
            },
        }
    }

    /// One token that sees so many.
    fn at(&self, depth: f64) -> Cost {
        let mut sum = Cost::default();
        for group in self.groups {
            let layer = of_layer(&group.cache, self.heads, depth, self.sparse);
            sum.add(f64::from(group.layers), layer);
        }
        sum
    }
}

#[expect(clippy::cast_precision_loss, reason = "lengths of vectors")]
fn of_layer(cache: &CacheShape, heads: f64, depth: f64, sparse: Sparse) -> Cost {
    if let Some(own) = cache.heads() {
        let (read, seen) = match cache {
            CacheShape::Sliding { window, .. } => [depth.min(f64::from(*window)); 2].into(),
            _ => (depth, among(depth, sparse.grouped, INDEXED_TOKENS)),
        };
        let vectors = (own.key_length + own.value_length) as f64;
        return grouped(heads, own.heads as f64, vectors, read, seen);
    }
    match *cache {
        // Their heads are told above.
        CacheShape::Full { .. } | CacheShape::Sliding { .. } => Cost::default(),
        CacheShape::Latent {
            rank,
            rope_length,
            index_length,
        } => {
            let own = index_length > 0;
            let read = (rank + rope_length) as f64 * among(depth, own, INDEXED_TOKENS);
            let index = if own { INDEX_KEY * depth } else { 0.0 };
            let seen = among(depth, sparse.latent, INDEXED_TOKENS);
            Cost {
                bytes: ELEMENT_BYTES * (read + index_length as f64 * depth),
                latent: 2.0 * heads * (2 * rank + rope_length) as f64 * seen,
                index: 2.0 * INDEX_HEADS.0 * index,
                ..Cost::default()
            }
        }
        CacheShape::Indexer {
            key_length,
            value_length,
        } => Cost {
            bytes: ELEMENT_BYTES * (key_length + value_length) as f64 * depth,
            index: 2.0 * INDEX_HEADS.0 * key_length as f64 * depth,
            ..Cost::default()
        },
        CacheShape::Compressed {
            window,
            ratio,
            kv_heads,
            key_length,
            index_length,
        } => {
            let keys = if ratio == 0 {
                0.0
            } else {
                depth / f64::from(ratio)
            };
            let chosen = among(keys, index_length > 0, INDEXED_COMPRESSED);
            let seen = depth.min(f64::from(window)) + chosen;
            let index = index_length as f64 * keys;
            Cost {
                bytes: ELEMENT_BYTES * ((kv_heads * key_length) as f64 * seen + index),
                latent: 2.0 * heads * 2.0 * key_length as f64 * seen,
                index: 2.0 * INDEX_HEADS.1 * index,
                ..Cost::default()
            }
        }
    }
}

/// So many, or the most that an indexer selects.
fn among(all: f64, indexed: bool, most: f64) -> f64 {
    if indexed { all.min(most) } else { all }
}

/// Grouped heads: every KV head's vectors are read, and every query head sees its own.
fn grouped(heads: f64, kv_heads: f64, vectors: f64, read: f64, seen: f64) -> Cost {
    Cost {
        bytes: ELEMENT_BYTES * kv_heads * vectors * read,
        grouped: 2.0 * heads * vectors * seen,
        ..Cost::default()
    }
}
