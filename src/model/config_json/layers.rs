//! Which layer keeps what, from the many ways in which configurations say so.
//!
//! What the configuration leaves to the code follows mlx-lm 0.32.2 (`mlx_lm/models/` of
//! github.com/ml-explore/mlx-lm), since that is what runs such folders on a Mac.

use serde_json::Value;

use super::error::ConfigError;
use super::keys::{Keys, count};

/// What one layer keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Keys and values of every token.
    Full,
    /// Keys and values of a window.
    Sliding,
    /// A recurrent state.
    Recurrent,
    /// Keys and values, and a recurrent state.
    Both,
    /// Nothing.
    Nothing,
}

/// Model types whose caches mlx-lm bounds to the window (`make_cache` of the file of that name);
/// all others keep every token, whatever their configuration says of windows.
#[rustfmt::skip]
const WINDOWED: &[&str] = &[
    "afmoe", "cohere2", "exaone4", "exaone_moe", "gemma3", "gemma3_text", "gemma3n",
    "gemma3n_text", "gemma4", "gemma4_text", "gemma4_unified", "gpt_oss", "iquestcoder", "laguna",
    "llama", "llama4", "llama4_text", "mellum", "mimo_v2_flash", "ministral3", "mistral",
    "muse_glimmer", "olmo3", "plamo3", "spark2_5", "step3p5",
];

/// Every n-th layer sees everything, where the configuration does not list the layers.
const PERIODS: &[(&str, u32)] = &[
    ("cohere2", 4),
    ("gemma3", 6),
    ("gemma3_text", 6),
    ("llama4", 4),
    ("llama4_text", 4),
    ("gpt_oss", 2),
];

/// The kinds of all layers, in order.
pub(super) fn kinds(keys: &Keys, layers: usize) -> Result<Vec<Kind>, ConfigError> {
    let types = keys.get("layer_types").map(|_| "layer_types");
    let types = types.or_else(|| keys.get("layers_block_type").map(|_| "layers_block_type"));
    if let Some(key) = types
        && let Some(list) = keys.list(key, layers)?
    {
        return list.iter().map(|name| named(keys, key, name)).collect();
    }
    if let Some(pattern) = keys.text("hybrid_override_pattern") {
        return nemotron(pattern, layers);
    }
    if let Some(list) = keys.list("hybrid_layer_pattern", layers)? {
        let kind = |value| {
            Ok(match count("hybrid_layer_pattern", value)? {
                0 => Kind::Full,
                _ => window_or_full(keys),
            })
        };
        return list.iter().map(kind).collect();
    }
    if let Some(linear) = keys.below("linear_attn_config") {
        return kimi(&linear, layers);
    }
    if let Some(indices) = keys.get("full_attn_idxs").and_then(Value::as_array) {
        let full = indices
            .iter()
            .map(|i| count("full_attn_idxs", i))
            .collect::<Result<Vec<_>, _>>()?;
        return Ok(by_index(layers, |i| {
            if full.contains(&i) {
                Kind::Full
            } else {
                Kind::Recurrent
            }
        }));
    }
    if let Some(period) = keys.count("attn_layer_period")? {
        let offset = keys.needed(&["attn_layer_offset"])?;
        let period = period.max(1);
        let attention = |i: u32| i % period == offset;
        return Ok(by_index(layers, |i| {
            if attention(i) {
                Kind::Full
            } else {
                Kind::Recurrent
            }
        }));
    }
    if keys.get("linear_num_value_heads").is_some() {
        let period = keys.count("full_attention_interval")?.unwrap_or(4).max(1);
        let full = |i: u32| (i + 1).is_multiple_of(period);
        return Ok(by_index(layers, |i| {
            if full(i) { Kind::Full } else { Kind::Recurrent }
        }));
    }
    if keys.get("mamba_d_ssm").is_some() {
        return Ok(vec![Kind::Both; layers]);
    }
    windows(keys, layers)
}

/// Windows by a period or a pattern of letters; without either, all layers see everything.
fn windows(keys: &Keys, layers: usize) -> Result<Vec<Kind>, ConfigError> {
    let sliding = window_or_full(keys);
    for key in ["sliding_window_pattern", "_sliding_window_pattern"] {
        match keys.get(key) {
            Some(Value::String(letters)) if !letters.is_empty() => {
                let letters = letters.as_bytes();
                let kind = |i: usize| match letters.get(i % letters.len()) {
                    Some(b'L') => sliding,
                    _ => Kind::Full,
                };
                return Ok((0..layers).map(kind).collect());
            }
            Some(value @ Value::Number(_)) => {
                let period = count(key, value)?.max(1);
                return Ok(every(layers, period, sliding));
            }
            _ => {}
        }
    }
    let model = keys.text("model_type").unwrap_or_default();
    match PERIODS.iter().find(|(name, _)| *name == model) {
        Some(&(_, period)) => Ok(every(layers, period, sliding)),
        None => Ok(vec![Kind::Full; layers]),
    }
}

fn every(layers: usize, period: u32, sliding: Kind) -> Vec<Kind> {
    by_index(layers, |i| {
        if (i + 1).is_multiple_of(period) {
            Kind::Full
        } else {
            sliding
        }
    })
}

fn by_index(layers: usize, kind: impl Fn(u32) -> Kind) -> Vec<Kind> {
    (0_u32..).take(layers).map(kind).collect()
}

/// Whether mlx-lm bounds this model's caches to the window.
pub(super) fn windowed(keys: &Keys) -> bool {
    keys.text("model_type")
        .is_some_and(|model| WINDOWED.contains(&model))
}

fn window_or_full(keys: &Keys) -> Kind {
    if windowed(keys) {
        Kind::Sliding
    } else {
        Kind::Full
    }
}

fn named(keys: &Keys, key: &'static str, name: &Value) -> Result<Kind, ConfigError> {
    Ok(match name.as_str() {
        Some("full_attention" | "attention" | "global_attention") => Kind::Full,
        Some("sliding_attention" | "chunked_attention") => window_or_full(keys),
        Some("linear_attention" | "mamba" | "mamba2" | "conv") => Kind::Recurrent,
        Some("hybrid") => Kind::Both,
        Some("mlp" | "moe") => Kind::Nothing,
        _ => {
            return Err(ConfigError::LayerType {
                key,
                found: name.to_string(),
            });
        }
    })
}

/// Nemotron-H: `M` is Mamba, `*` attention, `-` and `E` feed-forward only.
fn nemotron(pattern: &str, layers: usize) -> Result<Vec<Kind>, ConfigError> {
    const KEY: &str = "hybrid_override_pattern";
    let kind = |letter| match letter {
        'M' => Ok(Kind::Recurrent),
        '*' => Ok(Kind::Full),
        '-' | 'E' => Ok(Kind::Nothing),
        other => Err(ConfigError::LayerType {
            key: KEY,
            found: other.to_string(),
        }),
    };
    let kinds = pattern.chars().map(kind).collect::<Result<Vec<_>, _>>()?;
    if kinds.len() != layers {
        return Err(ConfigError::Layers {
            key: KEY.to_owned(),
            found: kinds.len(),
            layers,
        });
    }
    Ok(kinds)
}

/// Kimi Linear numbers its layers from 1.
fn kimi(linear: &Keys, layers: usize) -> Result<Vec<Kind>, ConfigError> {
    const KEY: &str = "kda_layers";
    let listed = linear.get(KEY).and_then(Value::as_array);
    let listed = listed.ok_or_else(|| ConfigError::Missing {
        key: KEY.to_owned(),
    })?;
    let linear = listed
        .iter()
        .map(|i| count(KEY, i))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(by_index(layers, |i| {
        if linear.contains(&(i + 1)) {
            Kind::Recurrent
        } else {
            Kind::Full
        }
    }))
}
