//! Heads of attention layers and the lengths of their vectors.

use super::error::{ConfigError, missing};
use super::keys::Keys;
use super::layers::Kind;

/// Heads and lengths of attention layers.
pub(super) struct Heads {
    pub(super) query: u32,
    pub(super) kv: Vec<u32>,
    pub(super) kv_sliding: Option<u32>,
    pub(super) kv_full: Option<u32>,
    /// Key and value lengths of full and of windowed layers.
    pub(super) full: (u32, u32),
    pub(super) sliding: (u32, u32),
}

impl Heads {
    pub(super) fn read(keys: &Keys, kinds: &[Kind], hidden: u32) -> Result<Self, ConfigError> {
        let layers = kinds.len();
        if !kinds
            .iter()
            .any(|kind| matches!(kind, Kind::Full | Kind::Sliding | Kind::Both))
        {
            let none = (0, 0);
            let kv = vec![0; layers];
            return Ok(Self {
                query: 0,
                kv,
                kv_sliding: None,
                kv_full: None,
                full: none,
                sliding: none,
            });
        }
        // Gemma 3 configurations with a vision part leave these two out (`setdefault` in
        // `mlx_lm/models/gemma3.py`).
        let gemma = (keys.nested() && keys.text("model_type") == Some("gemma3_text"))
            .then_some((8, 4, 256));
        let query = keys.per_layer("num_attention_heads", layers)?;
        let query = query
            .and_then(|list| list.into_iter().max())
            .or(gemma.map(|g| g.0));
        let query = query.or(keys.first(&["n_head", "n_heads"])?);
        let query = query
            .filter(|&n| n > 0)
            .ok_or_else(|| missing("num_attention_heads"))?;
        let mut kv = None;
        for key in [
            "num_key_value_heads",
            "num_attention_groups",
            "num_kv_heads",
        ] {
            kv = kv.or(keys.per_layer(key, layers)?);
        }
        let kv = kv
            .or(gemma.map(|g| vec![g.1; layers]))
            .unwrap_or_else(|| vec![query; layers]);
        let key = keys
            .first(&["head_dim", "attention_head_dim"])?
            .or(gemma.map(|g| g.2));
        let key = key.unwrap_or(hidden / query);
        let value = keys.count("v_head_dim")?.unwrap_or(key);
        // Gemma 4 names the full layers' figures apart, others the windowed layers'.
        let global = keys.count("global_head_dim")?.filter(|&n| n > 0);
        let sliding_key = keys.count("swa_head_dim")?.unwrap_or(key);
        let sliding_value = keys.count("swa_v_head_dim")?;
        let shared = keys.flag("attention_k_eq_v").unwrap_or(false);
        Ok(Self {
            query,
            kv,
            kv_sliding: keys.count("swa_num_key_value_heads")?,
            kv_full: if shared {
                keys.count("num_global_key_value_heads")?
            } else {
                None
            },
            full: global.map_or((key, value), |global| (global, global)),
            sliding: (
                sliding_key,
                sliding_value.unwrap_or(if sliding_key == key {
                    value
                } else {
                    sliding_key
                }),
            ),
        })
    }
}
