//! Layers with the same cache, counted: what llama.cpp's `create_memory` allocates.
//!
//! Decides from figures by layer and the rules which layers keep what; reads no keys.

use crate::model::{AttentionLayers, CacheShape, RecurrentLayers};

use super::hparams::Hparams;
use super::rules::{Indexer, Recurrent, Rule};
use super::unknown::UnknownArchitecture;

type Groups = (Vec<AttentionLayers>, Vec<RecurrentLayers>);

/// All caches and states of a model.
pub(super) fn collect(hparams: &Hparams, rule: &Rule) -> Result<Groups, UnknownArchitecture> {
    let mut attention = Vec::new();
    let count = match rule.counts_prediction(hparams) {
        true => hparams.heads.len(),
        false => hparams.layers() as usize,
    };
    for il in (0..count).filter(|&il| keeps_kv(hparams, rule, il)) {
        let (main, index) = shapes(hparams, rule, il)?;
        for shape in std::iter::once(main).chain(index) {
            add(&mut attention, shape, hparams.loops);
        }
    }
    if rule.router {
        add(
            &mut attention,
            full(1, hparams.key_length, hparams.value_length),
            1,
        );
    }
    let states = if rule.compressed {
        compressor_states(hparams)
    } else {
        recurrent(hparams, rule)
    };
    Ok((attention, states))
}

/// The caches of layers for multi-token prediction, in the context of their own that they get when
/// prediction is on; empty where they take part in the main one or are not there.
pub(super) fn prediction(
    hparams: &Hparams,
    rule: &Rule,
) -> Result<Vec<AttentionLayers>, UnknownArchitecture> {
    let mut attention = Vec::new();
    if !rule.counts_prediction(hparams) {
        for il in hparams.layers() as usize..hparams.heads.len() {
            let (main, index) = shapes(hparams, rule, il)?;
            for shape in std::iter::once(main).chain(index) {
                add(&mut attention, shape, 1);
            }
        }
    }
    Ok(attention)
}

fn keeps_kv(hparams: &Hparams, rule: &Rule, il: usize) -> bool {
    let own = il < hparams.own_cache as usize;
    own && match rule.recurrent {
        Recurrent::All => false,
        Recurrent::AllBesideAttention | Recurrent::None => true,
        Recurrent::WithoutKvHeadsAndFeedForward => {
            !hparams.recurrent[il] && hparams.feed_forward[il] == 0
        }
        Recurrent::WithoutKvHeads | Recurrent::Interval(_) => !hparams.recurrent[il],
    }
}

/// What layer `il` keeps for attention and, apart from that, for an indexer.
fn shapes(
    hparams: &Hparams,
    rule: &Rule,
    il: usize,
) -> Result<(CacheShape, Option<CacheShape>), UnknownArchitecture> {
    let kv_heads = hparams.kv_heads[il];
    if rule.compressed {
        return Ok((compressed(hparams, il), None));
    }
    let indexed = hparams.indexed[il] && hparams.index_length > 0;
    if let Some(rank) = hparams.latent_rank {
        if hparams.windowed[il] {
            return Ok((latent_window(hparams, kv_heads, indexed)?, None));
        }
        // The engine keeps one key vector per KV head; conversions have one head of rank plus
        // position, and the rest is what is not rank.
        let width = u64::from(hparams.key_length) * u64::from(kv_heads);
        let rank = u64::from(rank);
        let rope_length = width
            .checked_sub(rank)
            .ok_or(UnknownArchitecture::Impossible {
                key: "attention.kv_lora_rank".to_owned(),
                found: rank,
                reason: "the cached key is shorter than that",
            })?;
        let pooled = if hparams.index_pooled { 3 } else { 1 };
        let index_length = if indexed {
            u64::from(hparams.index_length) * pooled
        } else {
            0
        };
        let shape = CacheShape::Latent {
            rank,
            rope_length,
            index_length,
        };
        return Ok((shape, None));
    }
    let key_length = u64::from(hparams.index_length);
    let index = indexed.then(|| match rule.indexer {
        Indexer::AfterDenseWithValues => CacheShape::Indexer {
            key_length,
            value_length: hparams.value_length.into(),
        },
        // The keys themselves and, beside them, what they are pooled from.
        Indexer::BesideValues => CacheShape::Indexer {
            key_length: 2 * key_length,
            value_length: 0,
        },
        _ => CacheShape::Indexer {
            key_length,
            value_length: 0,
        },
    });
    let main = if hparams.windowed[il] {
        CacheShape::Sliding {
            window: hparams.window,
            kv_heads: kv_heads.into(),
            key_length: hparams.key_length_windowed.into(),
            value_length: hparams.value_length_windowed.into(),
        }
    } else {
        full(kv_heads, hparams.key_length, hparams.value_length)
    };
    Ok((main, index))
}

/// Ratios that `src/llama-kv-cache-dsv4.cpp` compresses by; the first has an indexer.
const COMPRESSED_INDEXED: u32 = 4;
const COMPRESSED: u32 = 128;

fn compressed(hparams: &Hparams, il: usize) -> CacheShape {
    let ratio = hparams.ratios[il];
    let ratio = if matches!(ratio, COMPRESSED_INDEXED | COMPRESSED) {
        ratio
    } else {
        0
    };
    let indexed = ratio == COMPRESSED_INDEXED;
    CacheShape::Compressed {
        window: hparams.window,
        ratio,
        kv_heads: hparams.kv_heads[il].into(),
        key_length: hparams.key_length.into(),
        index_length: if indexed {
            hparams.index_length.into()
        } else {
            0
        },
    }
}

/// Keys and scores that wait to be compressed, of two runs where runs overlap.
fn compressor_states(hparams: &Hparams) -> Vec<RecurrentLayers> {
    let (key, index) = (
        u64::from(hparams.key_length),
        u64::from(hparams.index_length),
    );
    let layers = |ratio| {
        let main = hparams.ratios.iter().take(hparams.layers() as usize);
        u32::try_from(main.filter(|&&r| r == ratio).count()).unwrap_or(u32::MAX)
    };
    let overlapping = 2 * u64::from(COMPRESSED_INDEXED);
    let groups = [
        (
            layers(COMPRESSED_INDEXED),
            2 * overlapping * 2 * (key + index),
        ),
        (layers(COMPRESSED), 2 * u64::from(COMPRESSED) * key),
    ];
    let kept = groups.into_iter().filter(|&(layers, _)| layers > 0);
    kept.map(|(layers, state_elements)| RecurrentLayers {
        layers,
        convolution_elements: 0,
        state_elements,
    })
    .collect()
}

/// A latent layer with a window keeps keys only.
fn latent_window(
    hparams: &Hparams,
    kv_heads: u32,
    indexed: bool,
) -> Result<CacheShape, UnknownArchitecture> {
    if indexed {
        return Err(UnknownArchitecture::Impossible {
            key: "attention.indexer.types".to_owned(),
            found: 1,
            reason: "a layer with a window has no indexer",
        });
    }
    Ok(CacheShape::Sliding {
        window: hparams.window,
        kv_heads: kv_heads.into(),
        key_length: hparams.key_length_windowed.into(),
        value_length: 0,
    })
}

fn full(kv_heads: u32, key_length: u32, value_length: u32) -> CacheShape {
    CacheShape::Full {
        kv_heads: kv_heads.into(),
        key_length: key_length.into(),
        value_length: value_length.into(),
    }
}

fn add(groups: &mut Vec<AttentionLayers>, cache: CacheShape, layers: u32) {
    match groups.iter_mut().find(|group| group.cache == cache) {
        Some(group) => group.layers = group.layers.saturating_add(layers),
        None => groups.push(AttentionLayers { layers, cache }),
    }
}

fn recurrent(hparams: &Hparams, rule: &Rule) -> Vec<RecurrentLayers> {
    let main = hparams.layers() as usize;
    let layers = (0..main).filter(|&il| hparams.recurrent[il]).count();
    let layers = u32::try_from(layers).unwrap_or(u32::MAX);
    let mut groups = Vec::new();
    if layers > 0 {
        let (convolution_elements, state_elements) = elements(hparams, rule);
        groups.push(RecurrentLayers {
            layers,
            convolution_elements,
            state_elements,
        });
        if hparams.state.ngram > 0 {
            groups.push(RecurrentLayers {
                layers: hparams.state.ngram_layers,
                convolution_elements: hparams.state.ngram,
                state_elements: 0,
            });
        }
    }
    groups
}

/// Numbers of the convolution and of the state, per layer and sequence: `n_embd_r` and
/// `n_embd_s` of `src/llama-hparams.cpp`.
fn elements(hparams: &Hparams, rule: &Rule) -> (u64, u64) {
    let state = &hparams.state;
    let wide = u64::from;
    let embedding = wide(hparams.embedding_length);
    let heads = wide(hparams.heads.first().copied().unwrap_or(0));
    let mamba_state = wide(state.size) * wide(state.inner);
    if state.wkv_head > 0 {
        return (
            wide(state.token_shift) * embedding,
            embedding * wide(state.wkv_head),
        );
    }
    if state.short_convolution > 0 {
        return (embedding * wide(state.short_convolution - 1), mamba_state);
    }
    if state.kda_head > 0 {
        let before = if state.convolution > 0 {
            wide(state.convolution) - 1
        } else {
            3
        };
        let head = wide(state.kda_head);
        let convolution = (3 * before).saturating_mul(heads).saturating_mul(head);
        return (convolution, (head * head).saturating_mul(heads));
    }
    let channels = wide(state.inner) + (2 * wide(state.groups)).saturating_mul(wide(state.size));
    let convolution = wide(state.convolution)
        .saturating_sub(1)
        .saturating_mul(channels);
    if rule.lightning {
        let head = wide(hparams.key_length);
        return (convolution, (head * head).saturating_mul(heads));
    }
    (convolution, mamba_state)
}
