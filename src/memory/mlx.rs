//! MLX: what LM Studio's MLX engine keeps and what a prompt's prefill needs.
//!
//! Caches grow in steps of 256 tokens; sliding-window layers keep their window and the prefill
//! chunk; the attention scores of a chunk are held in full where MLX has no fused kernel for the
//! head size. The rest is the engine's own reserve (`context_fit.py` of lmstudio-ai/mlx-engine:
//! its largest unexplained peak was 2.41 GiB, rounded up to 3 GiB).

use super::settings::{KvType, Settings};
use crate::model::{Architecture, CacheShape};
use crate::units::Bytes;

/// A cache grows by this many tokens at a time.
const CACHE_STEP: u64 = 256;
/// Tokens of a prompt that are read at once.
pub const PREFILL_STEP: u64 = 2048;
/// What the engine leaves for everything it can't count.
pub const ENGINE_RESERVE: Bytes = Bytes::from_gib(3);
/// Head sizes with a fused kernel for prompts (mlx, `scaled_dot_product_attention`).
const FUSED_HEADS: [u64; 3] = [64, 80, 128];
/// Activations and caches are 16-bit.
const ACTIVATION_BYTES: u64 = 2;

/// Bytes of a row of `elements` in MLX's quantized cache: b + 0.5 bits at group size 64.
fn row_bytes(kv: KvType, elements: u64) -> u64 {
    let bits_and_a_half = match kv {
        KvType::F32 => return elements * 4,
        KvType::F16 | KvType::Bf16 => return elements * ACTIVATION_BYTES,
        KvType::Q8_0 => 17,
        KvType::Q5_0 | KvType::Q5_1 => 11,
        KvType::Q4_0 | KvType::Q4_1 | KvType::Iq4Nl => 9,
    };
    (elements * bits_and_a_half).div_ceil(16)
}

/// The KV cache of all layers at a full context. One pool of `context` tokens for all slots.
#[must_use]
pub fn kv_cache(arch: &Architecture, settings: &Settings) -> Bytes {
    let context = u64::from(settings.context).next_multiple_of(CACHE_STEP);
    let slots = u64::from(settings.slots.max(1));
    let pools = if settings.kv_unified { 1 } else { slots };
    let (k, v) = (settings.kv_type_k, settings.kv_type_v);
    arch.attention
        .iter()
        .map(|group| {
            let per_layer = match group.cache {
                CacheShape::Full {
                    kv_heads,
                    key_length,
                    value_length,
                } => {
                    let row =
                        row_bytes(k, kv_heads * key_length) + row_bytes(v, kv_heads * value_length);
                    context * pools * row
                }
                CacheShape::Sliding {
                    window,
                    kv_heads,
                    key_length,
                    value_length,
                } => {
                    let kept = (u64::from(window) + PREFILL_STEP - 1).min(context);
                    kept * slots * kv_heads * (key_length + value_length) * ACTIVATION_BYTES
                }
                CacheShape::Latent {
                    rank,
                    rope_length,
                    index_length,
                    ..
                } => context * pools * row_bytes(k, rank + rope_length + index_length),
                CacheShape::Indexer {
                    key_length,
                    value_length,
                } => context * pools * (row_bytes(k, key_length) + row_bytes(v, value_length)),
                // As llama.cpp packs it; MLX's own layout for this shape is not known to us.
                CacheShape::Compressed {
                    window,
                    ratio,
                    kv_heads,
                    key_length,
                    index_length,
                } => {
                    let raw = (u64::from(window) + PREFILL_STEP).min(context);
                    let packed = if ratio == 0 {
                        0
                    } else {
                        context.div_ceil(u64::from(ratio))
                    };
                    let row = row_bytes(k, kv_heads * key_length);
                    slots * (raw * row + packed * (row + row_bytes(k, index_length)))
                }
            };
            Bytes(u64::from(group.layers) * per_layer)
        })
        .sum()
}

/// The recurrent state of all layers, 32-bit as the delta-net keeps it, one per slot.
#[must_use]
pub fn recurrent_state(arch: &Architecture, settings: &Settings) -> Bytes {
    super::llama_cpp::recurrent_state(arch, settings)
}

/// What reading a full prompt needs beside the caches: the prompt's embeddings, and the scores of
/// one chunk where the kernel is not fused.
#[must_use]
pub fn prefill(arch: &Architecture, settings: &Settings) -> Bytes {
    let context = u64::from(settings.context);
    let embeddings = context * arch.embedding_length * ACTIVATION_BYTES;
    let unfused = arch.attention.iter().any(|group| {
        group.cache.window().is_none() && !FUSED_HEADS.contains(&group.cache.widest_vector())
    });
    let chunk = PREFILL_STEP.min(context);
    let scores = if unfused {
        arch.query_heads * chunk * context * ACTIVATION_BYTES
    } else {
        0
    };
    Bytes(embeddings + scores)
}
