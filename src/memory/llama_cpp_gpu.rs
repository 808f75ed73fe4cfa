//! llama.cpp's compute buffer on the GPU, bounded from above.
//!
//! The allocator's peak lies where the logits are made, inside one attention layer, or where a sparse
//! indexer scores the whole context. The terms were found from what the engine's own planning code
//! for Metal reserves for the headers in `tests/data/llama-cpp`, and the tests hold them against it.

use super::llama_cpp::{Cells, cells, layer_cells, pad};
use super::settings::Settings;
use crate::model::{Architecture, AttentionLayers, CacheShape};
use crate::units::Bytes;

/// What the figures below have in common.
struct Graph<'a> {
    arch: &'a Architecture,
    settings: &'a Settings,
    cells: Cells,
    /// One hidden state of a batch, in 32 bits.
    hidden: u64,
}

/// Compute buffer on the GPU, bounded from above.
#[must_use]
pub fn gpu_compute(arch: &Architecture, settings: &Settings) -> Bytes {
    let cells = cells(settings);
    let graph = Graph {
        arch,
        settings,
        cells,
        hidden: cells.ubatch * arch.embedding_length * 4,
    };
    let groups = arch.attention.iter();
    let inside = groups.map(|g| graph.attention_peak(g).max(graph.indexer_peak(g)));
    // Without attention the recurrent layers' own projections are the peak.
    let inside = inside.max().unwrap_or(21 * graph.hidden);
    let peak = graph.logits_peak().max(inside);
    // On top: the largest shortfall of the terms over the recorded cases.
    Bytes(peak + peak / 1000 * 18) + Bytes::from_mib(35)
}

impl Graph<'_> {
    /// What is alive while the logits are made: the logits, the hidden states, and in a hybrid, whose
    /// last layers' masks outlive them, the mask in 16 bits.
    fn logits_peak(&self) -> u64 {
        let Cells {
            per_stream, ubatch, ..
        } = self.cells;
        let rows = self.settings.output_rows.map_or(ubatch, u64::from);
        // A mixture keeps its router's input alive beside the hidden state.
        let hidden_states = if self.arch.experts.is_some() { 2 } else { 1 };
        let hybrid = !self.arch.recurrent.is_empty() && !self.arch.attention.is_empty();
        let mask = if hybrid { per_stream * ubatch * 2 } else { 0 };
        rows * self.arch.vocabulary * 4 + hidden_states * self.hidden + mask
    }

    /// What is alive inside one attention layer: what the kernel works on, the masks of both kinds of
    /// layers, the queries, the batch's own keys and values, and the states around the layer.
    fn attention_peak(&self, group: &AttentionLayers) -> u64 {
        let Self {
            settings,
            cells,
            hidden,
            ..
        } = *self;
        let kept = layer_cells(&group.cache, settings, cells);
        let heads = group.cache.heads();
        let fresh = heads.map_or(0, |heads| cells.ubatch * heads.elements() * 4);
        self.kernel(group, kept)
            + self.mask(kept)
            + self.other_mask(group)
            + fresh
            + self.queries(group)
            + self.states(group) * hidden
            + self.convolution()
            + self.chosen_cells(group)
            + if self.reuses_caches() { 26 * hidden } else { 0 }
            + self.experts() * hidden
    }

    /// The cache in 16 bits and the partial results of the vector kernel; without flash attention the
    /// scores of all heads, which read the cache as it is.
    fn kernel(&self, group: &AttentionLayers, kept: u64) -> u64 {
        let heads = self.arch.query_heads;
        if !self.settings.flash_attention {
            return kept * self.cells.ubatch * heads * 4;
        }
        let (_, value_length) = group.cache.vectors();
        let partial = 4 * 32 * heads * 32 * (value_length + 2);
        let partials = if many_heads(group, heads) { 5 } else { 1 };
        kept * 2 * group.cache.attended_elements() + partials * partial
    }

    /// A mask in 16 bits with its block map.
    const fn mask(&self, kept: u64) -> u64 {
        kept * self.cells.ubatch * 2 + kept * self.cells.ubatch / 64
    }

    /// The mask of the layers with a window, for those without, and the other way round: both are
    /// made before the first layer.
    fn other_mask(&self, group: &AttentionLayers) -> u64 {
        let own = group.cache.window().is_some();
        let others = self.arch.attention.iter();
        let others = others.filter(|g| g.cache.window().is_some() != own);
        let cells = others.map(|g| layer_cells(&g.cache, self.settings, self.cells));
        self.mask(cells.max().unwrap_or(0))
    }

    /// The queries and the result, in 32 bits.
    fn queries(&self, group: &AttentionLayers) -> u64 {
        let latent = matches!(group.cache, CacheShape::Latent { .. });
        let copies = if latent && !self.settings.flash_attention {
            2
        } else {
            3
        };
        copies * self.cells.ubatch * self.arch.query_heads * group.cache.widest_vector() * 4
    }

    /// Hidden states alive around the layer. The latent form also holds the queries before absorption
    /// and the rotated parts.
    fn states(&self, group: &AttentionLayers) -> u64 {
        let latent = matches!(group.cache, CacheShape::Latent { .. });
        let before_absorption = if latent && self.arch.recurrent.is_empty() {
            4
        } else {
            0
        };
        let beside = if many_heads(group, self.arch.query_heads) {
            8
        } else {
            0
        };
        2 + before_absorption + beside
    }

    /// Hidden states that a mixture's router keeps.
    const fn experts(&self) -> u64 {
        match (self.arch.experts, self.arch.recurrent.is_empty()) {
            (None, _) => 0,
            (Some(_), true) => 2,
            (Some(_), false) => 1,
        }
    }

    /// What a hybrid's recurrent layers make of a batch, alive beside the attention.
    fn convolution(&self) -> u64 {
        let layers = self.arch.recurrent.iter();
        let widest = layers.map(|l| l.convolution_elements / 3).max();
        8 * self.cells.ubatch * widest.unwrap_or(0)
    }

    /// The choice that a sparse indexer hands to the attention.
    fn chosen_cells(&self, group: &AttentionLayers) -> u64 {
        let Cells {
            per_stream, ubatch, ..
        } = self.cells;
        let indexed = self.arch.attention.iter().any(|g| match g.cache {
            CacheShape::Latent { index_length, .. }
            | CacheShape::Compressed { index_length, .. } => index_length > 0,
            CacheShape::Indexer { .. } => true,
            CacheShape::Full { .. } | CacheShape::Sliding { .. } => false,
        });
        match group.cache {
            _ if !indexed => 0,
            CacheShape::Compressed { .. } => {
                let ratios = self.arch.attention.iter().filter_map(|g| match g.cache {
                    CacheShape::Compressed {
                        ratio,
                        index_length,
                        ..
                    } if index_length > 0 && ratio > 0 => Some(u64::from(ratio)),
                    _ => None,
                });
                let packed = ratios.map(|ratio| pad(per_stream.div_ceil(ratio))).max();
                packed.unwrap_or(0) * ubatch * 8
            }
            _ => per_stream * ubatch * 2,
        }
    }

    /// Where a sparse indexer scores the whole context for a batch: the scores and the copies that
    /// choosing among them makes, in 32 bits.
    fn indexer_peak(&self, group: &AttentionLayers) -> u64 {
        let scores = self.cells.per_stream * self.cells.ubatch * 4;
        let copies_in_halves = match group.cache {
            CacheShape::Latent { index_length, .. } if index_length > 0 => 10,
            // With a value of its own, ten copies where its keys are read as they are.
            CacheShape::Indexer { value_length, .. } if value_length > 0 => {
                if self.settings.kv_type_k.is_quantized() {
                    return 0;
                }
                20
            }
            CacheShape::Indexer { .. } => 9,
            _ => return 0,
        };
        scores * copies_in_halves / 2 + 10 * self.hidden
    }

    /// Layers that read another layer's cache come with inputs of their own for each layer.
    fn reuses_caches(&self) -> bool {
        let groups = self.arch.attention.iter();
        let own = groups.filter(|g| !matches!(g.cache, CacheShape::Indexer { .. }));
        let own: u64 = own.map(|g| u64::from(g.layers)).sum();
        let plain = (self.arch.attention.iter()).all(|g| g.cache.heads().is_some());
        plain && self.arch.recurrent.is_empty() && own < u64::from(self.arch.layers)
    }
}

/// As many KV heads as query heads, or nearly, and more than any common model has: a kernel with more
/// partial results, beside a feed-forward part that runs at the same time.
fn many_heads(group: &AttentionLayers, query_heads: u64) -> bool {
    let heads = group.cache.heads();
    heads.is_some_and(|kv| kv.heads > 32 && kv.heads * 2 > query_heads)
}
