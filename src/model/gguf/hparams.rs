//! The figures of a header that concern its layers, one entry per layer where they can differ.
//!
//! Follows `load_hparams` of `src/llama-model.cpp` and the files in `src/models/` of
//! github.com/ggml-org/llama.cpp. Reads keys; decides nothing about caches.

use super::keys::Keys;
use super::metadata::{KeyError, Metadata};
use super::rules::{Recurrent, Rule};
use super::unknown::UnknownArchitecture;

/// llama.cpp's `LLAMA_MAX_LAYERS`.
const LAYERS_LIMIT: u32 = 512;

/// Figures by layer; lists have an entry for every layer, prediction layers last.
#[derive(Debug, Clone)]
pub(super) struct Hparams {
    pub(super) embedding_length: u32,
    pub(super) prediction_layers: u32,
    pub(super) heads: Vec<u32>,
    pub(super) kv_heads: Vec<u32>,
    pub(super) feed_forward: Vec<u32>,
    /// Layers that see a window only.
    pub(super) windowed: Vec<bool>,
    pub(super) recurrent: Vec<bool>,
    pub(super) indexed: Vec<bool>,
    pub(super) window: u32,
    pub(super) key_length: u32,
    pub(super) value_length: u32,
    pub(super) key_length_windowed: u32,
    pub(super) value_length_windowed: u32,
    pub(super) latent_rank: Option<u32>,
    pub(super) index_length: u32,
    pub(super) index_pooled: bool,
    /// Tokens that share one compressed key; 0 where a layer has none.
    pub(super) ratios: Vec<u32>,
    /// Layers from the start that have a cache of their own.
    pub(super) own_cache: u32,
    pub(super) loops: u32,
    pub(super) state: State,
}

/// Figures of recurrent layers; 0 where the header has none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct State {
    pub(super) wkv_head: u32,
    pub(super) token_shift: u32,
    pub(super) short_convolution: u32,
    pub(super) kda_head: u32,
    pub(super) convolution: u32,
    pub(super) inner: u32,
    pub(super) size: u32,
    pub(super) groups: u32,
    /// Numbers of the n-gram convolution that one layer keeps besides, and how many do.
    pub(super) ngram: u64,
    pub(super) ngram_layers: u32,
}

impl Hparams {
    pub(super) fn read(
        metadata: &Metadata,
        name: &str,
        rule: &Rule,
    ) -> Result<Self, UnknownArchitecture> {
        let keys = Keys::new(metadata, name);
        let (all, prediction_layers) = layer_counts(&keys)?;
        let count = all as usize;
        let main = all - prediction_layers;
        let heads = keys
            .layers("attention.head_count", count)?
            .unwrap_or_else(|| vec![0; count]);
        let kv_heads = keys
            .layers("attention.head_count_kv", count)?
            .unwrap_or_else(|| heads.clone());
        let feed_forward = keys
            .layers("feed_forward_length", count)?
            .unwrap_or_else(|| vec![0; count]);
        let embedding_length = keys.needed("embedding_length")?;
        let mut hparams = Self {
            embedding_length,
            prediction_layers,
            heads,
            kv_heads,
            feed_forward,
            windowed: vec![false; count],
            recurrent: vec![false; count],
            indexed: vec![false; count],
            window: 0,
            key_length: 0,
            value_length: 0,
            key_length_windowed: 0,
            value_length_windowed: 0,
            latent_rank: None,
            index_length: keys.or_zero("attention.indexer.key_length")?,
            index_pooled: keys.or_zero("attention.indexer.kpool")? > 0,
            ratios: vec![0; count],
            own_cache: rule.own_cache.unwrap_or(all),
            loops: if rule.loops {
                keys.maybe("num_loops")?.unwrap_or(1).max(1)
            } else {
                1
            },
            state: State::read(&keys, rule, embedding_length)?,
        };
        hparams.read_lengths(&keys, rule)?;
        hparams.read_recurrent(&keys, rule, main)?;
        hparams.read_window(&keys, rule, main)?;
        hparams.read_indexer(&keys, rule, main)?;
        hparams.read_ratios(&keys, rule)?;
        hparams.read_shared(&keys, rule)?;
        Ok(hparams)
    }

    /// Layers of the main model, without those for multi-token prediction.
    pub(super) fn layers(&self) -> u32 {
        u32::try_from(self.heads.len()).unwrap_or(u32::MAX) - self.prediction_layers
    }

    fn read_shared(&mut self, keys: &Keys, rule: &Rule) -> Result<(), UnknownArchitecture> {
        if rule.shared_at_end {
            let shared = keys.or_zero("attention.shared_kv_layers")?;
            self.own_cache = self.own_cache.checked_sub(shared).ok_or_else(|| {
                let reason = "there are fewer layers than that";
                impossible(keys, "attention.shared_kv_layers", shared, reason)
            })?;
        }
        Ok(())
    }

    fn read_lengths(&mut self, keys: &Keys, rule: &Rule) -> Result<(), UnknownArchitecture> {
        let heads = self.heads.first().copied().unwrap_or(0);
        // Without heads in the first layer the engine does not ask for lengths.
        if heads > 0 || rule.lengths_always {
            let by_heads = self.embedding_length.checked_div(heads).unwrap_or(0);
            self.key_length = keys.maybe("attention.key_length")?.unwrap_or(by_heads);
            self.value_length = keys.maybe("attention.value_length")?.unwrap_or(by_heads);
        }
        self.key_length_windowed = keys
            .maybe("attention.key_length_swa")?
            .unwrap_or(self.key_length);
        self.value_length_windowed = keys
            .maybe("attention.value_length_swa")?
            .unwrap_or(self.value_length);
        let key_length = keys.or_zero("attention.key_length_mla")?;
        let value_length = keys.or_zero("attention.value_length_mla")?;
        if key_length > 0 && value_length > 0 {
            self.latent_rank = Some(keys.needed("attention.kv_lora_rank")?);
        }
        Ok(())
    }
}

impl State {
    fn read(keys: &Keys, rule: &Rule, embedding_length: u32) -> Result<Self, KeyError> {
        if rule.recurrent == Recurrent::None {
            return Ok(Self::default());
        }
        let groups = if rule.no_groups {
            0
        } else {
            keys.or_zero("ssm.group_count")?
        };
        let mut state = Self {
            wkv_head: keys.or_zero("wkv.head_size")?,
            token_shift: keys.maybe("token_shift_count")?.unwrap_or(2),
            short_convolution: keys.or_zero("shortconv.l_cache")?,
            kda_head: keys.or_zero("kda.head_dim")?,
            convolution: keys.or_zero("ssm.conv_kernel")?,
            inner: keys.or_zero("ssm.inner_size")?,
            size: keys.or_zero("ssm.state_size")?,
            groups,
            ngram: 0,
            ngram_layers: 0,
        };
        let layers = keys.list("ple.layers")?.unwrap_or_default();
        if !layers.is_empty() {
            let kernel = u64::from(keys.needed("ple.conv_kernel")?).saturating_sub(1);
            let streams = u64::from(keys.needed("hyper_connection.count")?);
            let size = u64::from(keys.needed("ple.ngram_size")?);
            let width = u64::from(embedding_length);
            state.ngram = kernel
                .saturating_mul(size)
                .saturating_mul(streams)
                .saturating_mul(width);
            state.ngram_layers = u32::try_from(layers.len()).unwrap_or(u32::MAX);
        }
        Ok(state)
    }
}

/// All layers, and those of them for multi-token prediction.
fn layer_counts(keys: &Keys) -> Result<(u32, u32), UnknownArchitecture> {
    let all = keys.needed("block_count")?;
    let prediction_layers = keys.or_zero("nextn_predict_layers")?;
    if all == 0 || all > LAYERS_LIMIT {
        return Err(impossible(
            keys,
            "block_count",
            all,
            "engines read 1 to 512 layers",
        ));
    }
    if prediction_layers > all {
        let reason = "there are fewer layers than that";
        return Err(impossible(
            keys,
            "nextn_predict_layers",
            prediction_layers,
            reason,
        ));
    }
    Ok((all, prediction_layers))
}

fn impossible(keys: &Keys, rest: &str, found: u32, reason: &'static str) -> UnknownArchitecture {
    UnknownArchitecture::Impossible {
        key: keys.key(rest),
        found: found.into(),
        reason,
    }
}
