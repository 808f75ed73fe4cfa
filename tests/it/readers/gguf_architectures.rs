//! What becomes of architectures that we do not know, of files that are no models, of parts, and
//! of rules that no recorded model has.
use std::io::Cursor;

use super::gguf_bytes::{File, count, counts, tensor, text};
use planner::model::gguf;
use planner::model::gguf::{Header, PartName, Reading, SplitError, UnknownArchitecture};
use planner::model::{AttentionLayers, CacheShape, RecurrentLayers};

fn header(keys: Vec<Vec<u8>>, tensors: Vec<Vec<u8>>) -> Header {
    gguf::read(Cursor::new(
        File {
            keys,
            tensors,
            ..File::default()
        }
        .bytes(),
    ))
    .unwrap()
}

/// Keys without the architecture's name; lists of one number are single values.
type Keys<'a> = &'a [Key<'a>];
type Key<'a> = (&'a str, &'a [u32]);

/// A model of four layers, 64 wide, with 4 heads and 2 KV heads, and more keys of its own.
fn read(name: &str, more: Keys) -> Result<Reading, UnknownArchitecture> {
    let key = |rest: &str| format!("{name}.{rest}");
    let mut keys = vec![text("general.architecture", name)];
    let mut plain = vec![
        ("block_count", vec![4]),
        ("embedding_length", vec![64]),
        ("context_length", vec![4096]),
        ("attention.head_count", vec![4]),
        ("attention.head_count_kv", vec![2]),
    ];
    plain.retain(|(rest, _)| more.iter().all(|(other, _)| other != rest));
    plain.extend(more.iter().map(|(rest, list)| (*rest, list.to_vec())));
    for (rest, list) in plain {
        keys.push(match list.as_slice() {
            [one] => count(&key(rest), *one),
            list => counts(&key(rest), list),
        });
    }
    gguf::architecture(&[header(
        keys,
        vec![tensor("token_embd.weight", &[64, 32], 0, 0)],
    )])
}

fn full(layers: u32, kv_heads: u64) -> AttentionLayers {
    AttentionLayers {
        layers,
        cache: CacheShape::Full {
            kv_heads,
            key_length: 16,
            value_length: 16,
        },
    }
}

fn sliding(layers: u32, window: u32) -> AttentionLayers {
    let (kv_heads, key_length, value_length) = (2, 16, 16);
    AttentionLayers {
        layers,
        cache: CacheShape::Sliding {
            window,
            kv_heads,
            key_length,
            value_length,
        },
    }
}

#[test]
fn an_unknown_name_with_plain_keys_is_computed_and_labelled() {
    let reading = read("brandnew", &[("attention.sliding_window", &[8])]).unwrap();
    assert!(!reading.recognised);
    assert_eq!(reading.architecture.attention, [full(4, 2)]);
    assert_eq!(reading.architecture.vocabulary, 32);
    assert!(reading.notes[0].contains("`brandnew` is not known"));
    assert!(reading.notes[1].contains("sliding window is not counted on"));
    // A name that only begins like a known one is not that one.
    let reading = read("gemma3-next", &[("attention.sliding_window", &[8])]).unwrap();
    assert!(!reading.recognised);
    assert_eq!(reading.architecture.attention, [full(4, 2)]);
}

#[test]
fn an_unknown_name_with_other_keys_is_unknown_with_the_key() {
    for key in [
        "ssm.state_size",
        "wkv.head_size",
        "attention.indexer.key_length",
        "kda.head_dim",
        "shortconv.l_cache",
        "attention.compress_ratios",
        "full_attention_interval",
        "attention.shared_kv_layers",
    ] {
        let error = read("brandnew", &[(key, &[8])]).unwrap_err();
        let expected = UnknownArchitecture::NotPlain {
            name: "brandnew".to_owned(),
            key: format!("brandnew.{key}"),
        };
        assert_eq!(error, expected);
    }
}

#[test]
fn files_that_are_no_language_models_say_what_they_are() {
    let of = |keys: Vec<Vec<u8>>| gguf::architecture(&[header(keys, vec![])]).unwrap_err();
    assert_eq!(of(vec![]), UnknownArchitecture::Unnamed);
    assert_eq!(
        of(vec![text("general.architecture", "clip")]),
        UnknownArchitecture::Projector
    );
    let adapter = vec![
        text("general.architecture", "llama"),
        text("general.type", "adapter"),
    ];
    assert_eq!(of(adapter), UnknownArchitecture::Adapter);
    assert_eq!(
        gguf::architecture(&[]).unwrap_err(),
        UnknownArchitecture::Unnamed
    );
}

#[test]
fn keys_that_cannot_be_are_errors_that_name_them() {
    let cases: &[(&str, Keys, &str)] = &[
        (
            "llama",
            &[("block_count", &[0])],
            "`llama.block_count` is 0",
        ),
        (
            "llama",
            &[("block_count", &[513])],
            "`llama.block_count` is 513",
        ),
        (
            "llama",
            &[("nextn_predict_layers", &[5])],
            "`llama.nextn_predict_layers` is 5",
        ),
        (
            "llama",
            &[("attention.head_count_kv", &[2, 2])],
            "lists 2 layers of 4",
        ),
        (
            "llama",
            &[("expert_count", &[4]), ("expert_used_count", &[5])],
            "is 5",
        ),
        ("gpt-oss", &[], "no `gpt-oss.attention.sliding_window`"),
        (
            "mimo2",
            &[("attention.sliding_window", &[8])],
            "no `mimo2.attention.sliding_window_pattern`",
        ),
        (
            "gemma4",
            &[
                ("attention.sliding_window", &[8]),
                ("attention.sliding_window_pattern", &[1, 1, 1, 0]),
                ("attention.shared_kv_layers", &[5]),
            ],
            "`gemma4.attention.shared_kv_layers` is 5",
        ),
        (
            "deepseek2",
            &[
                ("attention.key_length_mla", &[24]),
                ("attention.value_length_mla", &[16]),
            ],
            "no `deepseek2.attention.kv_lora_rank`",
        ),
        (
            "deepseek2",
            &[
                ("attention.key_length_mla", &[24]),
                ("attention.value_length_mla", &[16]),
                ("attention.kv_lora_rank", &[512]),
            ],
            "the cached key is shorter",
        ),
        (
            "deepseek4",
            &[("attention.sliding_window", &[8])],
            "no `deepseek4.attention.compress_ratios`",
        ),
    ];
    for (name, keys, says) in cases {
        let error = read(name, keys).expect_err(says).to_string();
        assert!(error.contains(says), "{name}: {error}");
    }
}

/// Rules of llama.cpp's source files, on the four layers of the model above.
#[test]
fn windows_follow_the_rules_of_each_architecture() {
    let window: (&str, &[u32]) = ("attention.sliding_window", &[8]);
    let zero: (&str, &[u32]) = ("attention.sliding_window", &[0]);
    let pattern: (&str, &[u32]) = ("attention.sliding_window_pattern", &[0, 1, 1, 1]);
    let period: (&str, &[u32]) = ("attention.sliding_window_pattern", &[2]);
    let cases: &[(&str, Keys, &[AttentionLayers])] = &[
        ("gemma2", &[], &[sliding(2, 4096), full(2, 2)]),
        ("gemma2", &[window], &[sliding(2, 8), full(2, 2)]),
        ("gemma3", &[window], &[sliding(4, 8)]),
        ("gemma3", &[], &[full(4, 2)]),
        ("gemma3", &[zero], &[full(4, 2)]),
        ("gemma3", &[window, period], &[sliding(2, 8), full(2, 2)]),
        ("gemma3", &[window, pattern], &[full(1, 2), sliding(3, 8)]),
        ("llama4", &[], &[sliding(3, 8192), full(1, 2)]),
        ("llama4", &[window], &[sliding(3, 8192), full(1, 2)]),
        ("llama4", &[zero], &[full(4, 2)]),
        ("smallthinker", &[window], &[full(1, 2), sliding(3, 4096)]),
        ("smallthinker", &[], &[full(4, 2)]),
        ("cohere2moe", &[window], &[full(1, 2), sliding(3, 8)]),
        ("laguna", &[zero], &[full(4, 2)]),
        ("exaone4", &[window], &[full(4, 2)]),
        ("phi3", &[window], &[full(4, 2)]),
        ("qwen2", &[window], &[full(4, 2)]),
        ("graniteswitch", &[], &[full(4, 2), full(1, 1)]),
        ("nanbeige", &[("num_loops", &[3])], &[full(12, 2)]),
        ("bert", &[], &[]),
        ("llama", &[("nextn_predict_layers", &[1])], &[full(3, 2)]),
        (
            "deci",
            &[("attention.head_count_kv", &[2, 0, 1, 2])],
            &[full(2, 2), full(1, 0), full(1, 1)],
        ),
    ];
    for (name, keys, expected) in cases {
        let reading = read(name, keys).unwrap();
        assert_eq!(reading.architecture.attention, *expected, "{name} {keys:?}");
        assert!(reading.recognised && reading.notes.is_empty(), "{name}");
    }
}

#[test]
fn recurrent_layers_follow_the_rules_of_each_architecture() {
    const SSM: Keys = &[
        ("ssm.conv_kernel", &[4]),
        ("ssm.inner_size", &[128]),
        ("ssm.state_size", &[16]),
        ("ssm.group_count", &[2]),
        ("ssm.time_step_rank", &[8]),
    ];
    let with = |more: Keys<'static>| [SSM, more].concat();
    let state = |layers, convolution_elements, state_elements| {
        vec![RecurrentLayers {
            layers,
            convolution_elements,
            state_elements,
        }]
    };
    // 3 columns of 128 inner and 2 x 2 x 16 group channels; 16 x 128 of state.
    let grouped = |layers| state(layers, 3 * 192, 2048);
    const KV: Key = ("attention.head_count_kv", &[0, 2, 0, 0]);
    let cases = [
        ("mamba2", with(&[]), vec![], grouped(4)),
        ("mamba", with(&[]), vec![], state(4, 3 * 128, 2048)),
        (
            "jamba",
            with(&[KV]),
            vec![full(1, 2)],
            state(3, 3 * 128, 2048),
        ),
        ("granitehybrid", with(&[KV]), vec![full(1, 2)], grouped(3)),
        ("falcon-h1", with(&[]), vec![full(4, 2)], grouped(4)),
        (
            "nemotron_h",
            with(&[KV, ("feed_forward_length", &[0, 0, 99, 0])]),
            vec![full(1, 2)],
            grouped(2),
        ),
        ("qwen35", with(&[]), vec![full(1, 2)], grouped(3)),
        (
            "qwen35",
            with(&[("full_attention_interval", &[2])]),
            vec![full(2, 2)],
            grouped(2),
        ),
        (
            "qwen35",
            with(&[("attention.recurrent_layers", &[1, 0, 0, 0])]),
            vec![full(3, 2)],
            grouped(1),
        ),
        (
            "qwen35",
            with(&[("nextn_predict_layers", &[1])]),
            vec![],
            grouped(3),
        ),
        ("minimax-01", vec![], vec![], state(4, 0, 16 * 16 * 4)),
        (
            "rwkv7",
            vec![("wkv.head_size", &[16][..])],
            vec![],
            state(4, 128, 1024),
        ),
        (
            "arwkv7",
            vec![("wkv.head_size", &[16][..]), ("token_shift_count", &[1])],
            vec![],
            state(4, 64, 1024),
        ),
        (
            "lfm2",
            vec![KV, ("shortconv.l_cache", &[3])],
            vec![full(1, 2)],
            state(3, 128, 0),
        ),
    ];
    for (name, keys, attention, recurrent) in cases {
        let model = read(name, &keys).unwrap().architecture;
        assert_eq!(model.attention, attention, "{name} {keys:?}");
        assert_eq!(model.recurrent, recurrent, "{name} {keys:?}");
    }
}

/// llama.cpp keeps the input layer's matrices on the CPU and leaves blocks beyond the main ones
/// out (`TENSOR_SKIP` in `src/models/glm4-moe.cpp` and its like).
#[test]
fn weights_lie_where_the_engine_puts_them() {
    let tensors = vec![
        tensor("token_embd.weight", &[8], 0, 0),
        tensor("per_layer_token_embd.weight", &[16], 0, 32),
        tensor("blk.1.attn_k.weight", &[32], 0, 96),
        tensor("blk.2.nextn.eh_proj.weight", &[64], 0, 224),
        tensor("output_norm.weight", &[128], 0, 480),
    ];
    let header = header(vec![], tensors);
    let tensors: Vec<_> = header.tensors.iter().collect();
    let bytes = |w: gguf::Weights| [w.total, w.gpu, w.cpu, w.both, w.prediction].map(|b| b.0);
    let apart = gguf::weights(&tensors, 2, false).unwrap();
    assert_eq!(bytes(apart), [992, 640, 96, 0, 256]);
    let tied = gguf::weights(&tensors, 2, true).unwrap();
    assert_eq!(bytes(tied), [992, 672, 96, 32, 256]);
}

#[test]
fn the_names_of_all_parts_follow_from_one() {
    let part = PartName::parse("GLM-4.6-Q4_K_M-00003-of-00005.gguf").unwrap();
    assert_eq!(
        (part.stem.as_str(), part.part, part.parts),
        ("GLM-4.6-Q4_K_M", 3, 5)
    );
    let all: Vec<String> = part.all().collect();
    assert_eq!(all.len(), 5);
    assert_eq!(all[0], "GLM-4.6-Q4_K_M-00001-of-00005.gguf");
    assert_eq!(all[4], "GLM-4.6-Q4_K_M-00005-of-00005.gguf");
    for other in [
        "model.gguf",
        "m-00001-of-00002.bin",
        "m-1-of-2.gguf",
        "m-00003-of-00002.gguf",
        "m-00000-of-00002.gguf",
        "m-+0001-of-00002.gguf",
        "00001-of-00002.gguf",
        "-of-.gguf",
        "",
    ] {
        assert_eq!(PartName::parse(other), None, "{other}");
    }
}

#[test]
fn parts_make_a_model_only_all_together_and_in_order() {
    let part = |number: u32, total: u32, names: &[&str]| {
        let mut offset = 0;
        let tensors = names.iter().map(|name| {
            let tensor = tensor(name, &[64, 32], 0, offset);
            offset += 64 * 32 * 4;
            tensor
        });
        let keys = vec![
            count("split.no", number),
            count("split.count", 3),
            count("split.tensors.count", total),
        ];
        header(keys, tensors.collect())
    };
    let (a, b, c) = (part(0, 3, &[]), part(1, 3, &["x", "y"]), part(2, 3, &["z"]));
    let whole = [a.clone(), b.clone(), c.clone()];
    let all: Vec<String> = gguf::join(&whole)
        .unwrap()
        .iter()
        .map(|t| t.name.clone())
        .collect();
    assert_eq!(all, ["x", "y", "z"]);
    let error = gguf::join(&[a.clone(), c.clone(), b.clone()]).unwrap_err();
    assert!(
        matches!(
            error,
            SplitError::Mismatch {
                position: 2,
                number: 3,
                ..
            }
        ),
        "{error}"
    );
    let error = gguf::join(&[a.clone(), b.clone()]).unwrap_err();
    assert!(
        matches!(
            error,
            SplitError::Mismatch {
                count: 3,
                expected: 2,
                ..
            }
        ),
        "{error}"
    );
    let error = gguf::join(&[a.clone(), b.clone(), part(2, 3, &["x"])]).unwrap_err();
    assert_eq!(
        error,
        SplitError::Duplicate {
            tensor: "x".to_owned()
        }
    );
    let error = gguf::join(&[part(0, 9, &[]), b, c]).unwrap_err();
    assert_eq!(
        error,
        SplitError::Tensors {
            found: 3,
            announced: 9
        }
    );
}
