//! `config.json` of a Hugging Face or MLX folder: the architecture, and how it is quantized.
//!
//! Takes the text and never opens a file. Computes from the configuration's own keys; what they
//! do not say is an error that names the key, never a class default of some library.

mod error;
mod families;
mod heads;
mod keys;
mod layers;
mod quantization;
mod state;

pub use error::ConfigError;
pub use quantization::{Quantization, Quantized};

use serde_json::Value;

use super::{Architecture, AttentionLayers, CacheShape, Experts, FolderWeights, RecurrentLayers};
use error::missing;
use heads::Heads;
use keys::Keys;
use layers::Kind;

/// Most layers that can be meant.
const LAYERS_LIMIT: u32 = 4096;

/// What a configuration says.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The figures.
    pub architecture: Architecture,
    /// Tokens the model was trained for.
    pub context_length: Option<u32>,
    /// Layers for multi-token prediction, which are not among the layers.
    pub prediction_layers: u32,
    /// How the folder is quantized for MLX.
    pub quantization: Option<Quantization>,
    /// Whether the model type is one whose layers follow from the keys that we read.
    pub recognised: bool,
    /// What a reader of the figures should know, as lower-case fragments.
    pub notes: Vec<String>,
}

/// Reads a configuration. Where the weights are known too, they decide about the vocabulary and
/// about whether input and output share one matrix.
///
/// # Errors
/// When the text is not a configuration, or leaves open what the model keeps.
pub fn read(text: &[u8], weights: Option<&FolderWeights>) -> Result<Config, ConfigError> {
    if text.len() > error::LENGTH_LIMIT {
        return Err(ConfigError::TooLong { length: text.len() });
    }
    let whole: Value = serde_json::from_slice(text).map_err(|e| ConfigError::Json {
        reason: e.to_string(),
    })?;
    if !whole.is_object() {
        return Err(ConfigError::Json {
            reason: "it is not an object".to_owned(),
        });
    }
    let keys = Keys::new(&whole);
    let name = keys
        .text("model_type")
        .ok_or_else(|| missing("model_type"))?;
    families::check(&keys)?;
    let layers = keys.needed(&["num_hidden_layers", "n_layer", "n_layers"])?;
    if layers == 0 || layers > LAYERS_LIMIT {
        let key = "num_hidden_layers".to_owned();
        return Err(ConfigError::Impossible {
            key,
            found: layers.into(),
        });
    }
    let hidden = keys.needed(&["hidden_size", "n_embd", "d_model"])?;
    let kinds = layers::kinds(&keys, layers as usize)?;
    let heads = Heads::read(&keys, &kinds, hidden)?;
    let vocabulary = match weights.and_then(|weights| weights.vocabulary_rows) {
        Some(rows) => rows,
        None => keys.needed(&["vocab_size"])?.into(),
    };
    let architecture = Architecture {
        name: name.to_owned(),
        layers,
        embedding_length: hidden.into(),
        vocabulary,
        query_heads: heads.query.into(),
        tied_embeddings: match weights {
            Some(weights) => !weights.has_output,
            None => keys.flag("tie_word_embeddings").unwrap_or(false),
        },
        experts: experts(&keys)?,
        attention: attention(&keys, &kinds, &heads)?,
        recurrent: recurrent(&keys, &kinds, hidden)?,
    };
    Ok(Config {
        architecture,
        context_length: keys.first(&["max_position_embeddings", "n_positions", "max_seq_len"])?,
        prediction_layers: keys
            .first(&["num_nextn_predict_layers", "mtp_num_hidden_layers"])?
            .unwrap_or(0),
        quantization: quantization::read(&whole)?,
        recognised: families::recognised(&keys),
        notes: notes(&keys, name, &kinds),
    })
}

fn attention(
    keys: &Keys,
    kinds: &[Kind],
    heads: &Heads,
) -> Result<Vec<AttentionLayers>, ConfigError> {
    let shared = keys.count("num_kv_shared_layers")?.unwrap_or(0) as usize;
    let own = kinds
        .len()
        .checked_sub(shared)
        .ok_or_else(|| ConfigError::Impossible {
            key: "num_kv_shared_layers".to_owned(),
            found: shared as u64,
        })?;
    let window = keys.first(&[
        "sliding_window",
        "sliding_window_size",
        "attention_chunk_size",
    ])?;
    let mut groups: Vec<AttentionLayers> = Vec::new();
    for (il, kind) in kinds.iter().enumerate().take(own) {
        let cache = match kind {
            Kind::Recurrent | Kind::Nothing => continue,
            Kind::Full | Kind::Both => full(keys, heads, il)?,
            Kind::Sliding => CacheShape::Sliding {
                window: window.ok_or_else(|| missing("sliding_window"))?,
                kv_heads: heads.kv_sliding.unwrap_or(heads.kv[il]).into(),
                key_length: heads.sliding.0.into(),
                value_length: heads.sliding.1.into(),
            },
        };
        match groups.iter_mut().find(|group| group.cache == cache) {
            Some(group) => group.layers += 1,
            None => groups.push(AttentionLayers { layers: 1, cache }),
        }
    }
    Ok(groups)
}

/// What a layer that sees everything keeps.
fn full(keys: &Keys, heads: &Heads, il: usize) -> Result<CacheShape, ConfigError> {
    let Some(rank) = keys.count("kv_lora_rank")? else {
        return Ok(CacheShape::Full {
            kv_heads: heads.kv_full.unwrap_or(heads.kv[il]).into(),
            key_length: heads.full.0.into(),
            value_length: heads.full.1.into(),
        });
    };
    let rope = u64::from(keys.needed(&["qk_rope_head_dim"])?);
    if families::decompressed(keys) {
        return Ok(CacheShape::Full {
            kv_heads: heads.query.into(),
            key_length: u64::from(keys.needed(&["qk_nope_head_dim"])?) + rope,
            value_length: heads.full.1.into(),
        });
    }
    let indexed = match keys.list("indexer_types", heads.kv.len())? {
        Some(types) => types[il].as_str() == Some("full"),
        None => true,
    };
    let index = if indexed {
        keys.count("index_head_dim")?.unwrap_or(0)
    } else {
        0
    };
    Ok(CacheShape::Latent {
        rank: rank.into(),
        rope_length: rope,
        index_length: index.into(),
    })
}

fn recurrent(
    keys: &Keys,
    kinds: &[Kind],
    hidden: u32,
) -> Result<Vec<RecurrentLayers>, ConfigError> {
    let layers = kinds
        .iter()
        .filter(|kind| matches!(kind, Kind::Recurrent | Kind::Both))
        .count();
    if layers == 0 {
        return Ok(Vec::new());
    }
    let (convolution_elements, state_elements) = state::elements(keys, hidden)?;
    let layers = u32::try_from(layers).unwrap_or(u32::MAX);
    Ok(vec![RecurrentLayers {
        layers,
        convolution_elements,
        state_elements,
    }])
}

fn experts(keys: &Keys) -> Result<Option<Experts>, ConfigError> {
    const TOTAL: &[&str] = &[
        "num_experts",
        "num_local_experts",
        "n_routed_experts",
        "moe_num_experts",
    ];
    const USED: &[&str] = &[
        "num_experts_per_tok",
        "num_experts_per_token",
        "moe_top_k",
        "moe_topk",
        "top_k_experts",
    ];
    match keys.first(TOTAL)?.filter(|&total| total > 0) {
        None => Ok(None),
        Some(total) => Ok(Some(Experts {
            total,
            used: keys.needed(USED)?,
        })),
    }
}

fn notes(keys: &Keys, name: &str, kinds: &[Kind]) -> Vec<String> {
    let mut notes = Vec::new();
    if !families::recognised(keys) {
        notes.push(format!(
            "the model type `{name}` is not known; computed from its own keys"
        ));
    }
    let window = keys.get("sliding_window").is_some();
    let used = keys.flag("use_sliding_window").unwrap_or(true);
    if window && used && !kinds.contains(&Kind::Sliding) {
        notes.push("the sliding window in the configuration is not counted on: every layer keeps all tokens".to_owned());
    }
    notes
}
