//! llama.cpp: context memory to the byte, compute buffers bounded from above.
//!
//! The context formulas agree with the engine's own planner in every recorded case
//! (`tests/data/llama-cpp`). The compute buffers follow its Metal allocator within a few per cent,
//! and a margin on top makes them a bound.

use super::settings::{KvType, Settings};
use crate::model::{Architecture, AttentionLayers, CacheShape};
use crate::units::Bytes;

/// Cells are allocated in steps of this many tokens.
const CELL_STEP: u64 = 256;
/// The logical batch, which caps the physical one.
const BATCH: u64 = 2048;

/// How the engine lays out its cells for these settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cells {
    /// Cells of each stream that sees the whole context.
    pub per_stream: u64,
    /// Separate pools: one when unified, else one per slot.
    pub streams: u64,
    /// Tokens of a physical batch, after the engine's caps.
    pub ubatch: u64,
}

pub(super) fn pad(tokens: u64) -> u64 {
    tokens.next_multiple_of(CELL_STEP)
}

/// The cells for these settings.
#[must_use]
pub fn cells(settings: &Settings) -> Cells {
    let context = pad(u64::from(settings.context));
    let slots = u64::from(settings.slots.max(1));
    let (per_stream, streams) = if settings.kv_unified || slots == 1 {
        (context, 1)
    } else {
        (pad(context / slots), slots)
    };
    Cells {
        per_stream,
        streams,
        ubatch: u64::from(settings.ubatch)
            .min(BATCH)
            .min(per_stream * streams),
    }
}

/// Cells of one stream that a layer of this shape keeps.
pub(super) fn layer_cells(shape: &CacheShape, settings: &Settings, cells: Cells) -> u64 {
    match shape.window() {
        Some(window) if !settings.swa_full => {
            let shared = cells.streams == 1;
            let sequences = if shared {
                u64::from(settings.slots.max(1))
            } else {
                1
            };
            pad((u64::from(window) * sequences + cells.ubatch).min(cells.per_stream))
        }
        _ => cells.per_stream,
    }
}

/// Values per cell of the widest layer: without flash attention values lie transposed, and every
/// layer with values takes as much room as the widest.
pub(super) fn widest_values(arch: &Architecture, settings: &Settings) -> Option<u64> {
    let widths = arch.attention.iter().filter_map(|g| {
        let kv = g.cache.heads()?;
        Some(kv.heads * kv.value_length)
    });
    if settings.flash_attention {
        None
    } else {
        widths.max()
    }
}

/// Bytes that one layer of this shape keeps for all streams.
pub(super) fn layer_bytes(
    shape: &CacheShape,
    settings: &Settings,
    cells: Cells,
    widest: Option<u64>,
) -> u64 {
    let (k, v) = (settings.kv_type_k, settings.kv_type_v);
    let kept = layer_cells(shape, settings, cells) * cells.streams;
    match *shape {
        CacheShape::Full {
            kv_heads,
            key_length,
            value_length,
        }
        | CacheShape::Sliding {
            kv_heads,
            key_length,
            value_length,
            ..
        } => {
            let own = kv_heads * value_length;
            let values = if value_length > 0 {
                widest.unwrap_or(own)
            } else {
                own
            };
            kept * (k.row_bytes(kv_heads * key_length) + v.row_bytes(values))
        }
        CacheShape::Latent {
            rank,
            rope_length,
            index_length,
            ..
        } => kept * (k.row_bytes(rank + rope_length) + k.row_bytes(index_length)),
        CacheShape::Indexer {
            key_length,
            value_length,
        } => kept * (k.row_bytes(key_length) + v.row_bytes(value_length)),
        CacheShape::Compressed {
            window,
            ratio,
            kv_heads,
            key_length,
            index_length,
        } => {
            // Never shared: each sequence has its own cells, as many as the pool has.
            let slots = u64::from(settings.slots.max(1));
            let bounded = pad((u64::from(window) + cells.ubatch).min(cells.per_stream));
            let raw = if settings.swa_full {
                cells.per_stream
            } else {
                bounded
            };
            let packed = match u64::from(ratio) {
                0 => 0,
                ratio => pad(cells.per_stream.div_ceil(ratio)),
            };
            let row = k.row_bytes(kv_heads * key_length);
            slots * (raw * row + packed * (row + k.row_bytes(index_length)))
        }
    }
}

/// The KV cache of all layers.
#[must_use]
pub fn kv_cache(arch: &Architecture, settings: &Settings) -> Bytes {
    let cells = cells(settings);
    let widest = widest_values(arch, settings);
    let group = |g: &AttentionLayers| {
        Bytes(u64::from(g.layers) * layer_bytes(&g.cache, settings, cells, widest))
    };
    arch.attention.iter().map(group).sum()
}

/// What sliding-window layers keep for all slots of a shared pool, or for one of split ones.
pub(super) fn sliding_cache(arch: &Architecture, settings: &Settings) -> Bytes {
    let cells = Cells {
        streams: 1,
        ..cells(settings)
    };
    let widest = widest_values(arch, settings);
    let sliding = arch.attention.iter().filter(|g| g.cache.window().is_some());
    sliding
        .map(|g| Bytes(u64::from(g.layers) * layer_bytes(&g.cache, settings, cells, widest)))
        .sum()
}

/// Whether the engine starts with these types: where keys serve as values, both types are one.
#[must_use]
pub fn stores(arch: &Architecture, k: KvType, v: KvType) -> bool {
    let keys_only = |shape: &CacheShape| {
        matches!(
            shape,
            CacheShape::Latent { .. } | CacheShape::Compressed { .. }
        )
    };
    k == v || !arch.attention.iter().any(|g| keys_only(&g.cache))
}

/// The recurrent state of all layers, 32-bit, one per slot whatever the context; and one more for
/// each token drafted ahead, to return to when it is refused.
#[must_use]
pub fn recurrent_state(arch: &Architecture, settings: &Settings) -> Bytes {
    let elements: u64 = arch
        .recurrent
        .iter()
        .map(|g| u64::from(g.layers) * (g.convolution_elements + g.state_elements))
        .sum();
    let copies = 1 + u64::from(settings.draft_tokens.unwrap_or(0));
    Bytes(elements * 4 * u64::from(settings.slots.max(1)) * copies)
}

/// Compute buffer in ordinary memory, bounded from above: the batch's inputs and the masks.
#[must_use]
pub fn cpu_compute(arch: &Architecture, settings: &Settings) -> Bytes {
    let cells = cells(settings);
    let element = if settings.flash_attention { 2 } else { 4 };
    let full = arch.attention.iter().find(|g| g.cache.window().is_none());
    let sliding = arch.attention.iter().find(|g| g.cache.window().is_some());
    let masks: u64 = [full, sliding]
        .into_iter()
        .flatten()
        .map(|g| layer_cells(&g.cache, settings, cells) * cells.ubatch * element)
        .sum();
    bound(2 * cells.ubatch * arch.embedding_length * 4 + masks, 8)
}

/// 2 % and a constant on top: the largest shortfall of the formulas over the recorded cases.
fn bound(bytes: u64, margin_mib: u64) -> Bytes {
    Bytes(bytes + bytes / 50) + Bytes::from_mib(margin_mib)
}
