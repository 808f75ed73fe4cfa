//! Which configurations the rules here are enough for.
//!
//! Lists follow mlx-lm 0.32.2 (`mlx_lm/models/` and `MODEL_REMAPPING` in `mlx_lm/utils.py` of
//! github.com/ml-explore/mlx-lm).

use super::error::ConfigError;
use super::keys::Keys;

/// Model types of mlx-lm whose layers follow from the keys that we read.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "Klear", "afmoe", "apertus", "bailing_moe", "bitnet", "cohere", "cohere2", "dbrx", "deepseek",
    "deepseek_v2", "deepseek_v3", "deepseek_v32", "dots1", "ernie4_5", "ernie4_5_moe", "exaone",
    "exaone4", "exaone_moe", "falcon_h1", "gemma", "gemma2", "gemma3", "gemma3_text", "gemma3n",
    "gemma3n_text", "gemma4", "gemma4_text", "gemma4_unified", "glm", "glm4", "glm4_moe",
    "glm4_moe_lite", "glm_moe_dsa", "gpt2", "gpt_bigcode", "gpt_neox", "gpt_oss", "granite",
    "granitemoe", "granitemoehybrid", "helium", "hunyuan", "hunyuan_v1_dense", "internlm2",
    "internlm3", "iquestcoder", "jamba", "joyai_llm_flash", "kimi_k2", "kimi_k25", "kimi_linear",
    "kimi_vl", "lfm2", "lfm2-vl", "lfm2_moe", "llama", "llama4", "llama4_text", "mellum", "mimo",
    "mimo_v2_flash", "minicpm", "minicpm3", "minimax", "minimax_m2", "ministral3", "mistral",
    "mistral3", "mistral4", "mixtral", "muse_glimmer", "nemotron", "nemotron_h", "olmo", "olmo2",
    "olmo3", "olmoe", "phi", "phi3", "phimoe", "plamo", "qwen", "qwen2", "qwen2_5_vl",
    "qwen2_moe", "qwen2_vl", "qwen3", "qwen3_5", "qwen3_5_moe", "qwen3_5_moe_text",
    "qwen3_5_text", "qwen3_moe", "qwen3_next", "qwen3_vl", "qwen3_vl_moe", "qwen3_vl_moe_text",
    "qwen3_vl_text", "seed_oss", "smollm3", "solar_open", "spark2_5", "stablelm", "starcoder2",
    "step3p5", "talkie", "xverse",
];

/// Keys of configurations whose layers keep something that the rules here do not know.
#[rustfmt::skip]
const NOT_PLAIN: &[&str] = &[
    "_block_types", "attn_type_list", "block_configs", "block_types", "compress_ratios",
    "conv_window", "decay_low_rank_dim", "engram_layer_ids", "layer_group_size", "loop_num",
    "lru_width", "mamba_step", "num_kv_reuse_layers", "sliding_window_layers",
    "sparse_attention_config", "zero_expert_num",
];

/// Model types with latent attention whose caches mlx-lm fills with the decompressed keys and
/// values of all heads.
const DECOMPRESSED: &[&str] = &["deepseek_v2", "minicpm3", "youtu_llm"];

/// Whether latent attention is cached decompressed.
pub(super) fn decompressed(keys: &Keys) -> bool {
    keys.text("model_type")
        .is_some_and(|model| DECOMPRESSED.contains(&model))
}

/// Whether the model type is one that the rules are enough for.
pub(super) fn recognised(keys: &Keys) -> bool {
    keys.text("model_type")
        .is_some_and(|model| KNOWN.contains(&model))
}

/// Refuses what the rules are not enough for.
pub(super) fn check(keys: &Keys) -> Result<(), ConfigError> {
    let other = |key: &str| {
        Err(ConfigError::NotPlain {
            key: key.to_owned(),
        })
    };
    if let Some(key) = NOT_PLAIN.iter().find(|key| keys.get(key).is_some()) {
        return other(key);
    }
    if keys.count("num_loops")?.is_some_and(|loops| loops > 1) {
        return other("num_loops");
    }
    // An indexer is known beside latent attention only.
    if keys.get("index_head_dim").is_some() && keys.get("kv_lora_rank").is_none() {
        return other("index_head_dim");
    }
    Ok(())
}
