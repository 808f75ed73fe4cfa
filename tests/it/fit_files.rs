//! What `planner fit` reads: split files, MLX folders, projectors, drafts, layers for prediction.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::fit::{ULTRA, advice, as_text, bytes, fit, folder, refused};
use crate::readers::gguf_bytes::{File, count, tensor, text};
use crate::readers::recorded::{rows, settings, sparse};

/// The record of the engine with the model's own layers drafting.
#[test]
fn multi_token_prediction_keeps_what_the_engine_keeps() {
    let rows = rows("draft.tsv");
    assert!(!rows.is_empty());
    for row in rows {
        let name = &row["header"];
        let path = sparse(name, "fit-mtp", &format!("{name}.gguf"));
        let asked = settings(&row);
        let [context, slots, draft] = ["context", "slots", "draft_tokens"].map(|c| row[c].clone());
        let kv = if asked.kv_unified { "unified" } else { "split" };
        let types = format!("{},{}", row["kv_k"], row["kv_v"]);
        let answer = fit(&[
            as_text(&path),
            "--context",
            &context,
            "--slots",
            &slots,
            "--kv",
            kv,
            "--kv-type",
            &types,
            "--mtp",
            &draft,
            ULTRA[0],
            ULTRA[1],
        ]);
        let sum = |line: &str, part: Option<&str>| -> i64 {
            let lines = answer["ledger"].as_array().unwrap().iter();
            lines
                .filter(|l| l["line"] == line && l["part"].as_str() == part)
                .map(|l| bytes(&l["bytes"]))
                .sum()
        };
        let recorded = |column: &str| row[column].parse::<i64>().unwrap();
        assert_eq!(sum("kv_cache", None), recorded("kv_cache_bytes"), "{row:?}");
        assert_eq!(
            sum("kv_cache", Some("prediction")),
            recorded("draft_kv_cache_bytes"),
            "{row:?}"
        );
        assert_eq!(
            sum("recurrent_state", None),
            recorded("recurrent_state_bytes"),
            "{row:?}"
        );
        assert!(sum("weights", Some("prediction")) > 0);
    }
}

#[test]
fn a_draft_model_has_lines_of_its_own() {
    let big = sparse("llama-3.3-70b.q4_k_m", "fit-draft", "big.gguf");
    let small = sparse("llama.3.1-8b", "fit-draft", "small.gguf");
    let with = fit(&[
        as_text(&big),
        "--draft",
        as_text(&small),
        "--context",
        "8k",
        ULTRA[0],
        ULTRA[1],
    ]);
    let own = fit(&[as_text(&small), "--context", "8k", ULTRA[0], ULTRA[1]]);
    let lines = with["ledger"].as_array().unwrap();
    let drafts: i64 = lines
        .iter()
        .filter(|l| l["part"] == "draft")
        .map(|l| bytes(&l["bytes"]))
        .sum();
    assert_eq!(drafts, bytes(&own["memory"]["total_bytes"]));
}

/// What the engine logs for these two files with a draft model (`COMMON_SPECULATIVE_TYPE_DRAFT_SIMPLE`
/// of xllamacpp 2026.10.11549): no copies of the recurrent state, 149.62 MiB of it, and 1152.00 MiB
/// of KV cache for the draft, in 16 bits.
#[test]
fn a_draft_model_keeps_what_the_engine_keeps_for_it() {
    let target = sparse("qwen35.27b", "fit-draft-state", "target.gguf");
    let draft = sparse("qwen3.8b", "fit-draft-state", "draft.gguf");
    let answer = fit(&[
        as_text(&target),
        "--draft",
        as_text(&draft),
        "--context",
        "8192",
        "--slots",
        "1",
        "--kv-type",
        "q8_0",
        ULTRA[0],
        ULTRA[1],
    ]);
    let lines = answer["ledger"].as_array().unwrap();
    let of = |line: &str, part: Option<&str>| {
        let found = lines
            .iter()
            .find(|l| l["line"] == line && l["part"].as_str() == part);
        bytes(&found.unwrap()["bytes"])
    };
    assert_eq!(of("kv_cache", Some("draft")), 1152 << 20);
    // 149.625 MiB, printed with two decimals.
    assert_eq!(of("recurrent_state", None), 1197 << 17);
}

fn projector(path: &Path) {
    let file = File {
        keys: vec![
            text("general.architecture", "clip"),
            count("clip.vision.image_size", 896),
            count("clip.vision.patch_size", 14),
            count("clip.vision.embedding_length", 1152),
            count("clip.vision.feed_forward_length", 4304),
            count("clip.vision.attention.head_count", 16),
        ],
        tensors: vec![tensor("v.patch_embd.weight", &[1024, 1024], 1, 0)],
        ..File::default()
    };
    let mut bytes = file.bytes();
    bytes.resize(bytes.len() + (2 << 20), 0);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_projector_beside_the_file_is_counted_unless_it_is_left_out() {
    let model = sparse("gemma3.4b", "fit-vision", "gemma.gguf");
    let beside = model.with_file_name("mmproj-F16.gguf");
    projector(&beside);
    let vision = |more: &[&str]| -> Vec<i64> {
        let args = [&[as_text(&model), "--context", "8k"], more, &ULTRA].concat();
        let answer = fit(&args);
        let lines = answer["ledger"].as_array().unwrap().iter();
        lines
            .filter(|l| l["part"] == "vision")
            .map(|l| bytes(&l["bytes"]))
            .collect()
    };
    // 64 x 64 patches and one more: the scores of 16 heads alone are above 1 GB.
    let both = vision(&[]);
    assert_eq!(both.len(), 2);
    assert_eq!(both[0], 2 << 20);
    assert!(both[1] > 4097 * 4097 * 16 * 4, "{both:?}");
    assert_eq!(vision(&["--mmproj", as_text(&beside)]), both);
    assert!(vision(&["--mmproj", "off"]).is_empty());
    let said = refused(&["fit", as_text(&beside), ULTRA[0], ULTRA[1]]);
    assert!(
        said.contains("projector") && said.contains("--mmproj"),
        "{said}"
    );
    let said = refused(&[
        "fit",
        as_text(&model),
        "--mmproj",
        as_text(&model),
        ULTRA[0],
        ULTRA[1],
    ]);
    assert!(said.contains("not a projector"), "{said}");
}

/// A safetensors file of tensors of one type, with a hole for its data.
fn safetensors(path: &Path, tensors: &[(&str, &[u64], &str, u64)]) {
    let mut start = 0;
    let mut table = serde_json::Map::new();
    for (name, shape, kind, bytes) in tensors {
        let entry = json!({"dtype": kind, "shape": shape, "data_offsets": [start, start + bytes]});
        table.insert((*name).to_owned(), entry);
        start += bytes;
    }
    let text = Value::Object(table).to_string();
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    let length = bytes.len() as u64 + start;
    fs::write(path, bytes).unwrap();
    fs::OpenOptions::new()
        .write(true)
        .open(path)
        .unwrap()
        .set_len(length)
        .unwrap();
}

const SHARDS: [&str; 2] = [
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
];

/// A small Qwen3 with a vision part, quantized to 4 bits but for its output.
fn mlx_folder(name: &str) -> PathBuf {
    let path = folder(name);
    let config = json!({
        "model_type": "qwen3", "num_hidden_layers": 2, "hidden_size": 1024,
        "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128,
        "vocab_size": 1000, "max_position_embeddings": 32768, "tie_word_embeddings": false,
        "quantization": {
            "group_size": 64, "bits": 4,
            "lm_head": {"group_size": 32, "bits": 8}, "model.layers.0.mlp.gate": false
        },
    });
    fs::write(path.join("config.json"), config.to_string()).unwrap();
    let first: &[(&str, &[u64], &str, u64)] = &[
        ("model.embed_tokens.weight", &[1000, 128], "U32", 512_000),
        (
            "model.layers.0.self_attn.q_proj.weight",
            &[2048, 128],
            "U32",
            1_048_576,
        ),
    ];
    let second: &[(&str, &[u64], &str, u64)] = &[
        ("lm_head.weight", &[1000, 256], "U32", 1_024_000),
        ("vision_tower.patch.weight", &[512, 512], "BF16", 524_288),
    ];
    let mut map = serde_json::Map::new();
    for (shard, tensors) in SHARDS.iter().zip([first, second]) {
        safetensors(&path.join(shard), tensors);
        map.extend(
            tensors
                .iter()
                .map(|(name, ..)| ((*name).to_owned(), json!(shard))),
        );
    }
    let index = json!({"metadata": {"total_size": 3_108_864}, "weight_map": map});
    fs::write(path.join("model.safetensors.index.json"), index.to_string()).unwrap();
    path
}

#[test]
fn an_mlx_folder_is_its_tensors_and_its_vision_part_is_a_line_of_its_own() {
    let path = mlx_folder("fit-mlx");
    let answer = fit(&[as_text(&path), "--slots", "1", ULTRA[0], ULTRA[1]]);
    assert_eq!(answer["settings"]["engine"], "mlx");
    assert_eq!(answer["settings"]["context"], 32768);
    assert_eq!(answer["memory"]["weights_bytes"], 3_108_864);
    // 2 layers x 8 heads x (128 + 128) x 2 bytes x 32,768 tokens.
    assert_eq!(answer["memory"]["kv_cache_bytes"], 268_435_456);
    let note = advice(&answer, "about_the_file").unwrap()["text"].to_string();
    assert!(note.contains("4 bits in groups of 64"), "{note}");
    assert!(
        note.contains("1 matrix to 8 bits") && note.contains("1 matrix left"),
        "{note}"
    );
    let text = fit(&[as_text(&path), "--mmproj", "off", ULTRA[0], ULTRA[1]]);
    assert_eq!(text["memory"]["weights_bytes"], 3_108_864 - 524_288);
}

#[test]
fn a_folder_that_lacks_something_is_told_what() {
    let path = mlx_folder("fit-mlx-missing");
    fs::remove_file(path.join(SHARDS[1])).unwrap();
    let said = refused(&["fit", as_text(&path), ULTRA[0], ULTRA[1]]);
    assert!(
        said.contains("1 of 2 files") && said.contains(SHARDS[1]),
        "{said}"
    );

    let path = mlx_folder("fit-mlx-short");
    let shard = fs::OpenOptions::new()
        .write(true)
        .open(path.join(SHARDS[0]))
        .unwrap();
    let length = shard.metadata().unwrap().len();
    shard.set_len(length - 10).unwrap();
    let said = refused(&["fit", as_text(&path), ULTRA[0], ULTRA[1]]);
    assert!(
        said.contains("q_proj") && said.contains("still downloading"),
        "{said}"
    );

    let empty = folder("fit-empty-folder");
    let said = refused(&["fit", as_text(&empty), ULTRA[0], ULTRA[1]]);
    assert!(said.contains("no `config.json`"), "{said}");
}

/// The first bytes tell a GGUF file, whatever it is called; nothing that is there is said to be
/// missing, and nothing that is missing is passed over without a way out.
#[test]
fn a_file_is_known_by_its_first_bytes() {
    let named = sparse("gpt-oss-20b.mxfp4", "fit-magic", "named.gguf");
    let blob = sparse("gpt-oss-20b.mxfp4", "fit-magic", "sha256-0f");
    let of = |path: &Path| fit(&[as_text(path), ULTRA[0], ULTRA[1]])["memory"].clone();
    assert_eq!(of(&blob), of(&named));
    let other = folder("fit-magic").join("notes.txt");
    fs::write(&other, "not a model").unwrap();
    let said = refused(&["fit", as_text(&other), ULTRA[0], ULTRA[1]]);
    assert!(
        said.contains("is not a GGUF file") && said.contains(".gguf"),
        "{said}"
    );
    for command in [&["fit"][..], &["catalog", "add"]] {
        let said = refused(&[command, &["absent.gguf"]].concat());
        assert!(
            said.contains("file not found: absent.gguf\nhint:"),
            "{said}"
        );
    }
}

#[test]
fn a_split_file_with_parts_missing_names_them() {
    let folder = folder("fit-split");
    let first = folder.join("m-00001-of-00003.gguf");
    fs::write(&first, b"GGUF").unwrap();
    let said = refused(&["fit", as_text(&first), ULTRA[0], ULTRA[1]]);
    assert!(said.contains("2 of 3 parts"), "{said}");
    assert!(
        said.contains("m-00002-of-00003.gguf, m-00003-of-00003.gguf"),
        "{said}"
    );
}
