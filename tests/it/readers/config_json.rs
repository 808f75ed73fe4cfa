//! Published configurations: what they say has to be what the same model's GGUF header says, and
//! what the engines' own figures say.
use planner::model::config_json;
use planner::model::config_json::{Config, ConfigError, Quantized};
use planner::model::{Architecture, AttentionLayers, CacheShape, RecurrentLayers};
use serde_json::{Value, json};

use super::recorded::architecture as header;

fn read(config: &Value) -> Result<Config, ConfigError> {
    config_json::read(config.to_string().as_bytes(), None)
}

/// The figures of `config.json` as published on Hugging Face, without those that memory does not
/// depend on: MiniMaxAI/MiniMax-M2, deepseek-ai/DeepSeek-V3, Qwen/Qwen3-Next-80B-A3B-Instruct,
/// openai/gpt-oss-120b, meta-llama/Llama-3.3-70B-Instruct, google/gemma-3-27b-it.
fn published() -> Vec<(&'static str, Value)> {
    vec![
        (
            "minimax-m2.1.q8_0",
            json!({
                "model_type": "minimax_m2", "hidden_size": 3072, "num_hidden_layers": 62,
                "num_attention_heads": 48, "num_key_value_heads": 8, "head_dim": 128,
                "vocab_size": 200064, "num_local_experts": 256, "num_experts_per_tok": 8,
                "max_position_embeddings": 196608, "sliding_window": null,
                "tie_word_embeddings": false, "num_mtp_modules": 3,
            }),
        ),
        (
            "deepseek-v3.q4_k_m",
            json!({
                "model_type": "deepseek_v3", "hidden_size": 7168, "num_hidden_layers": 61,
                "num_attention_heads": 128, "num_key_value_heads": 128, "vocab_size": 129280,
                "kv_lora_rank": 512, "q_lora_rank": 1536, "qk_rope_head_dim": 64,
                "qk_nope_head_dim": 128, "v_head_dim": 128, "n_routed_experts": 256,
                "num_experts_per_tok": 8, "num_nextn_predict_layers": 1,
                "max_position_embeddings": 163840, "tie_word_embeddings": false,
            }),
        ),
        (
            "qwen3-coder-next.q8_0",
            json!({
                "model_type": "qwen3_next", "hidden_size": 2048, "num_hidden_layers": 48,
                "num_attention_heads": 16, "num_key_value_heads": 2, "head_dim": 256,
                "vocab_size": 151936, "num_experts": 512, "num_experts_per_tok": 10,
                "full_attention_interval": 4, "linear_conv_kernel_dim": 4, "linear_key_head_dim": 128,
                "linear_num_key_heads": 16, "linear_num_value_heads": 32,
                "linear_value_head_dim": 128, "max_position_embeddings": 262144,
                "tie_word_embeddings": false,
            }),
        ),
        (
            "gpt-oss-120b.mxfp4",
            json!({
                "model_type": "gpt_oss", "hidden_size": 2880, "num_hidden_layers": 36,
                "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64,
                "vocab_size": 201088, "num_local_experts": 128, "num_experts_per_tok": 4,
                "sliding_window": 128, "max_position_embeddings": 131072,
                "layer_types": (0..36).map(|i| ["sliding_attention", "full_attention"][i % 2]).collect::<Vec<_>>(),
                "tie_word_embeddings": false,
            }),
        ),
        (
            "llama-3.3-70b.q4_k_m",
            json!({
                "model_type": "llama", "hidden_size": 8192, "num_hidden_layers": 80,
                "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 128,
                "vocab_size": 128256, "max_position_embeddings": 131072,
                "tie_word_embeddings": false,
            }),
        ),
        (
            "gemma-3-27b.q4_k_m",
            json!({
                "model_type": "gemma3", "tie_word_embeddings": true,
                "text_config": {
                    "model_type": "gemma3_text", "hidden_size": 5376, "num_hidden_layers": 62,
                    "num_attention_heads": 32, "num_key_value_heads": 16, "head_dim": 128,
                    "sliding_window": 1024, "vocab_size": 262208, "max_position_embeddings": 131072,
                },
                "vision_config": { "hidden_size": 1152, "num_hidden_layers": 27, "vocab_size": 3 },
            }),
        ),
    ]
}

#[test]
fn a_configuration_says_what_the_header_of_the_same_model_says() {
    for (name, config) in published() {
        let config = read(&config).unwrap();
        let header = header(name);
        let named = Architecture {
            name: header.name.clone(),
            ..config.architecture
        };
        let sorted = |model: &Architecture| {
            let mut groups = model.attention.clone();
            groups.sort_by_key(|group| group.layers);
            groups
        };
        assert_eq!(sorted(&named), sorted(&header), "{name}");
        let named = Architecture {
            attention: header.attention.clone(),
            ..named
        };
        assert_eq!(named, header, "{name}");
        assert!(
            config.recognised && config.notes.is_empty(),
            "{name} {:?}",
            config.notes
        );
    }
}

fn full(layers: u32, kv_heads: u64, length: u64) -> AttentionLayers {
    let cache = CacheShape::Full {
        kv_heads,
        key_length: length,
        value_length: length,
    };
    AttentionLayers { layers, cache }
}

/// A small model with more keys of its own.
fn base(more: &Value) -> Architecture {
    let mut config = json!({
        "hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 8,
        "num_key_value_heads": 2, "vocab_size": 32,
    });
    config
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    read(&config).unwrap().architecture
}

/// Layers that keep all tokens, a window, a recurrent state.
fn kinds(model: &Architecture) -> (u32, u32, u32) {
    let windows = model
        .attention
        .iter()
        .filter(|g| g.cache.window().is_some());
    let windowed: u32 = windows.map(|g| g.layers).sum();
    let all: u32 = model.attention.iter().map(|g| g.layers).sum();
    let recurrent: u32 = model.recurrent.iter().map(|g| g.layers).sum();
    (all - windowed, windowed, recurrent)
}

#[test]
fn each_hybrid_says_its_layers_in_its_own_way() {
    let nemotron = base(&json!({
        "model_type": "nemotron_h", "hybrid_override_pattern": "M-*E", "mamba_num_heads": 4,
        "mamba_head_dim": 8, "ssm_state_size": 16, "n_groups": 2, "conv_kernel": 4,
    }));
    assert_eq!(kinds(&nemotron), (1, 0, 1));
    let state = RecurrentLayers {
        layers: 1,
        convolution_elements: 3 * (32 + 2 * 2 * 16),
        state_elements: 16 * 32,
    };
    assert_eq!(nemotron.recurrent, [state]);
    let falcon = base(&json!({
        "model_type": "falcon_h1", "mamba_d_ssm": 32, "mamba_d_state": 16, "mamba_n_groups": 1,
        "mamba_d_conv": 4,
    }));
    assert_eq!(kinds(&falcon), (4, 0, 4));
    let jamba = base(&json!({
        "model_type": "jamba", "attn_layer_period": 4, "attn_layer_offset": 1,
        "mamba_d_state": 16, "mamba_d_conv": 4, "mamba_expand": 2,
    }));
    assert_eq!(kinds(&jamba), (1, 0, 3));
    let kimi = base(&json!({
        "model_type": "kimi_linear", "kv_lora_rank": 16, "qk_rope_head_dim": 8,
        "qk_nope_head_dim": 16, "v_head_dim": 16,
        "linear_attn_config": {
            "kda_layers": [1, 2, 3], "head_dim": 16, "num_heads": 8, "short_conv_kernel_size": 4,
        },
    }));
    assert_eq!(kinds(&kimi), (1, 0, 3));
    let lfm2 = base(&json!({
        "model_type": "lfm2", "conv_L_cache": 3,
        "layer_types": ["conv", "conv", "full_attention", "conv"],
    }));
    assert_eq!(kinds(&lfm2), (1, 0, 3));
    let mimo = base(&json!({
        "model_type": "mimo_v2_flash", "hybrid_layer_pattern": [0, 1, 1, 1],
        "sliding_window_size": 128, "head_dim": 24, "v_head_dim": 16, "swa_head_dim": 24,
        "swa_v_head_dim": 16, "swa_num_key_value_heads": 4,
    }));
    assert_eq!(kinds(&mimo), (1, 3, 0));
}

#[test]
fn windows_and_latents_are_counted_as_the_engine_keeps_them() {
    let shared = base(&json!({
        "model_type": "gemma3n", "num_kv_shared_layers": 2, "sliding_window": 8,
        "layer_types": ["sliding_attention", "full_attention", "sliding_attention", "full_attention"],
    }));
    assert_eq!(kinds(&shared), (1, 1, 0));
    let exaone = base(&json!({
        "model_type": "exaone4", "sliding_window": 8, "sliding_window_pattern": "LLLG",
    }));
    assert_eq!(kinds(&exaone), (1, 3, 0));
    // mlx-lm caches this one decompressed, and the later ones of its family compressed.
    let latent = json!({
        "kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 16, "v_head_dim": 16,
    });
    let of = |model: &str| {
        let mut config = latent.clone();
        config["model_type"] = json!(model);
        base(&config).attention[0].cache.clone()
    };
    let decompressed = CacheShape::Full {
        kv_heads: 8,
        key_length: 24,
        value_length: 16,
    };
    assert_eq!(of("deepseek_v2"), decompressed);
    assert!(matches!(
        of("deepseek_v3"),
        CacheShape::Latent {
            rank: 16,
            rope_length: 8,
            ..
        }
    ));
    // Its engine keeps every token whatever the layers are called.
    let qwen = base(&json!({
        "model_type": "qwen2", "sliding_window": 8, "layer_types": vec!["sliding_attention"; 4],
    }));
    assert_eq!(qwen.attention, [full(4, 2, 8)]);
}

#[test]
fn quantization_is_kept_with_its_exceptions() {
    let config = read(&json!({
        "model_type": "llama", "hidden_size": 64, "num_hidden_layers": 1,
        "num_attention_heads": 8, "vocab_size": 32,
        "quantization": {
            "bits": 4, "group_size": 64, "mode": "affine",
            "model.layers.0.mlp.gate": { "bits": 8, "group_size": 32 },
            "lm_head": false,
        },
    }));
    let quantization = config.unwrap().quantization.unwrap();
    let affine = |bits, group_size| Quantized {
        bits,
        group_size,
        mode: "affine".to_owned(),
    };
    assert_eq!(quantization.common, affine(4, 64));
    let exceptions = [
        ("model.layers.0.mlp.gate".to_owned(), Some(affine(8, 32))),
        ("lm_head".to_owned(), None),
    ];
    assert_eq!(quantization.overrides, exceptions);
}

#[test]
fn an_unknown_model_type_is_computed_and_labelled() {
    let config = read(&json!({
        "model_type": "brandnew", "hidden_size": 64, "num_hidden_layers": 3,
        "num_attention_heads": 8, "vocab_size": 32, "sliding_window": 16,
    }))
    .unwrap();
    assert!(!config.recognised);
    assert_eq!(config.architecture.attention, [full(3, 8, 8)]);
    assert!(config.notes[0].contains("`brandnew` is not known"));
    assert!(config.notes[1].contains("every layer keeps all tokens"));
}

#[test]
fn what_a_configuration_leaves_open_is_an_error_that_names_the_key() {
    let cases = [
        ("[]", "not an object"),
        ("{", "not a configuration"),
        ("{}", "no `model_type`"),
        (r#"{"model_type":"x"}"#, "no `num_hidden_layers`"),
        (
            r#"{"model_type":"x","num_hidden_layers":0}"#,
            "`num_hidden_layers` in `config.json` is 0",
        ),
        (
            r#"{"model_type":"x","num_hidden_layers":-1}"#,
            "is the number -1",
        ),
        (
            r#"{"model_type":"x","num_hidden_layers":1e9}"#,
            "is the number 1000000000",
        ),
        (
            r#"{"model_type":"x","num_hidden_layers":2}"#,
            "no `hidden_size`",
        ),
        (
            r#"{"model_type":"x","num_hidden_layers":2,"hidden_size":8}"#,
            "no `num_attention_heads`",
        ),
        (
            r#"{"model_type":"x","num_hidden_layers":2,"hidden_size":8,"num_attention_heads":2}"#,
            "no `vocab_size`",
        ),
        (
            r#"{"model_type":"x","num_hidden_layers":2,"hidden_size":8,"layer_types":["a"]}"#,
            "`layer_types` in `config.json` lists 1 layers of 2",
        ),
        (
            r#"{"model_type":"deepseek_v4","compress_ratios":[0,4]}"#,
            "has `compress_ratios`",
        ),
        (
            r#"{"model_type":"x","index_head_dim":128}"#,
            "has `index_head_dim`",
        ),
        (
            r#"{"model_type":"x","num_hidden_layers":1,"hidden_size":8,"layer_types":["warp"]}"#,
            "names \"warp\"",
        ),
        (
            r#"{"model_type":"x","num_hidden_layers":1,"hidden_size":8,"vocab_size":8,
               "layer_types":["mamba"]}"#,
            "no `mamba_d_state`",
        ),
    ];
    for (text, says) in cases {
        let error = config_json::read(text.as_bytes(), None)
            .expect_err(text)
            .to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
}
