//! `planner fit`: its contract, its verdicts, and what is loaded beside a model.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use planner::catalog::Catalog;
use planner::memory::{Engine, Ledger, Settings};
use planner::plan::candidates::weights_of;
use serde_json::{Value, json};

use crate::readers::gguf_bytes::{File, count, tensor, text};
use crate::readers::recorded::{rows, settings, sparse};
use crate::support::{planner, stdout};

/// An answer whatever it is: `fits` ends with 0, any other verdict with 1.
fn fit(args: &[&str]) -> Value {
    let mut all = vec!["fit", "--format", "json"];
    all.extend_from_slice(args);
    let output = planner(&all);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors, "", "planner {all:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let code = i32::from(answer["verdict"] != "fits");
    assert_eq!(output.status.code(), Some(code), "planner {all:?}");
    answer
}

fn refused(args: &[&str]) -> String {
    let output: Output = planner(args);
    assert_eq!(output.status.code(), Some(2), "planner {args:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

fn advice<'a>(answer: &'a Value, kind: &str) -> Option<&'a Value> {
    let all = answer["advice"].as_array().unwrap();
    all.iter().find(|a| a["kind"] == kind)
}

fn bytes(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// Folder of its own.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn as_text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const ULTRA: [&str; 2] = ["--machine", "m3-ultra-512gb"];

#[test]
fn every_kind_of_answer_keeps_to_the_schema() {
    let schema: Value = serde_json::from_str(&stdout(&["schema", "fit"])).unwrap();
    let shipped: Value = serde_json::from_str(include_str!("../../schemas/fit.json")).unwrap();
    assert_eq!(
        schema, shipped,
        "write it anew: planner schema fit > schemas/fit.json"
    );
    let validator = jsonschema::validator_for(&schema).unwrap();
    let file = sparse("glm4moe.4.5-air", "fit-schema", "air.gguf");
    let unknown = unknown_architecture("fit-schema");
    let small = ["--machine", "m4-max-36gb"];
    let answers = [
        ["qwen3-coder-next/gguf-q4_k_m", "--table"].to_vec(),
        [
            "minimax-m2.1/mlx-8bit",
            "--beside",
            "gpt-oss-20b/gguf-mxfp4@8k",
        ]
        .to_vec(),
        [as_text(&file), "--mtp"].to_vec(),
        [as_text(&unknown)].to_vec(),
    ];
    for answer in &answers {
        for machine in [&ULTRA, &small] {
            let args: Vec<&str> = answer.iter().chain(machine).copied().collect();
            let value = fit(&args);
            let errors: Vec<String> = validator
                .iter_errors(&value)
                .map(|e| e.to_string())
                .collect();
            assert!(errors.is_empty(), "{args:?}: {errors:?}");
            assert_eq!(value["schema"], 1);
            for key in ["binding", "physical_bytes", "reserve_bytes"] {
                assert!(!value["limits"][key].is_null(), "{args:?}: {key}");
            }
        }
    }
}

/// A file of an architecture with keys that nothing here has a formula for.
fn unknown_architecture(name: &str) -> PathBuf {
    let path = folder(name).join("unheard-of.gguf");
    let file = File {
        keys: vec![
            text("general.architecture", "unheard-of"),
            count("unheard-of.block_count", 2),
            count("unheard-of.context_length", 8192),
            count("unheard-of.ssm.state_size", 16),
        ],
        tensors: vec![tensor("token_embd.weight", &[64, 8], 0, 0)],
        ..File::default()
    };
    let mut bytes = file.bytes();
    bytes.resize(bytes.len() + 2048, 0);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn what_is_not_known_is_said_to_be_with_its_reason() {
    let path = unknown_architecture("fit-unknown");
    let answer = fit(&[as_text(&path), ULTRA[0], ULTRA[1]]);
    assert_eq!(answer["verdict"], "unknown");
    let reason = answer["reason"].as_str().unwrap();
    assert!(reason.contains("`unheard-of.ssm.state_size`"), "{reason}");
    assert_eq!(answer["memory"]["weights_bytes"], 2048);
    assert_eq!(answer["largest_context"], Value::Null);
    assert!(advice(&answer, "unknown").is_some());
}

/// In reality it swapped at 426 GiB in use and was killed: no setting makes it comfortable.
#[test]
fn a_model_that_was_seen_to_fail_is_never_called_comfortable() {
    for context in ["4096", "32768", "131072", "196608"] {
        let args = [
            "minimax-m2.1/gguf-bf16",
            "--context",
            context,
            "--slots",
            "1",
        ];
        let answer = fit(&[&args[..], &ULTRA].concat());
        match answer["verdict"].as_str().unwrap() {
            "fits" => assert_eq!(answer["comfort"]["level"], "at_the_edge"),
            other => assert_eq!(other, "fits_if_wired_limit_raised"),
        }
    }
    let small = fit(&["qwen3-coder-next/gguf-q4_k_m", ULTRA[0], ULTRA[1]]);
    assert_eq!(small["comfort"]["level"], "comfortable");
    let said = planner(&[
        "fit",
        "minimax-m2.1/gguf-bf16",
        "--context",
        "4k",
        ULTRA[0],
        ULTRA[1],
    ]);
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(
        said.contains("fits (at the edge)") && said.contains("426 GiB"),
        "{said}"
    );
}

/// The study llm-mac-512 measured the whole system's memory, so what is beyond the ledger is macOS
/// and whatever else ran. It did not say what ran; a Mac in use holds some 8 to 24 GiB.
#[test]
fn mlx_ledgers_agree_with_what_a_whole_mac_had_in_use() {
    let catalog = Catalog::embedded().unwrap();
    let model = catalog.model("minimax-m2.1").unwrap();
    for (variant, measured) in [
        ("mlx-4bit", 134.81),
        ("mlx-6bit", 191.88),
        ("mlx-8bit", 252.19),
    ] {
        let variant = model.variant(variant).unwrap();
        // The longest request had some 2,000 tokens.
        let settings = Settings {
            slots: 1,
            ..Settings::lm_studio(Engine::Mlx, 4096)
        };
        let architecture = model.architecture.as_ref().unwrap();
        let ledger = Ledger::of(architecture, &weights_of(variant), &settings);
        let others = measured - ledger.total().gib();
        assert!((8.0..24.0).contains(&others), "{}: {others}", variant.id);
    }
}

#[test]
fn the_largest_context_is_the_last_that_fits() {
    let args = [
        "minimax-m2.1/gguf-bf16",
        "--machine",
        "m3-ultra-512gb",
        "--slots",
        "1",
    ];
    let most = fit(&args)["largest_context"].as_u64().unwrap();
    let at = |context: u64| {
        let context = context.to_string();
        let mut with: Vec<&str> = args.to_vec();
        with.extend(["--context", &context]);
        fit(&with)["headroom_bytes"].as_i64().unwrap()
    };
    assert!(at(most) >= 0);
    assert!(at(most + 256) < 0);
}

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
        note.contains("1 matrices to 8 bits") && note.contains("1 matrices left"),
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
        said.contains("1 of its 2 files") && said.contains(SHARDS[1]),
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

#[test]
fn a_split_file_with_parts_missing_names_them() {
    let folder = folder("fit-split");
    let first = folder.join("m-00001-of-00003.gguf");
    fs::write(&first, b"GGUF").unwrap();
    let said = refused(&["fit", as_text(&first), ULTRA[0], ULTRA[1]]);
    assert!(said.contains("2 of its 3 parts"), "{said}");
    assert!(
        said.contains("m-00002-of-00003.gguf, m-00003-of-00003.gguf"),
        "{said}"
    );
}

#[test]
fn what_is_loaded_besides_counts_against_both_limits() {
    let subject = ["minimax-m2.1/gguf-q4_k_s", "--context", "64k"];
    let alone = fit(&[&subject[..], &ULTRA].concat());
    let other = fit(&[
        "gpt-oss-20b/gguf-mxfp4",
        "--context",
        "8k",
        ULTRA[0],
        ULTRA[1],
    ]);
    let beside = ["--beside", "gpt-oss-20b/gguf-mxfp4@8k"];
    let both = fit(&[&subject[..], &beside, &ULTRA].concat());
    for key in ["gpu_total_bytes", "total_bytes"] {
        let sum = bytes(&alone["memory"][key]) + bytes(&other["memory"][key]);
        assert_eq!(bytes(&both["together"][key]), sum, "{key}");
        assert_eq!(both["memory"][key], alone["memory"][key]);
    }
    let plan = folder("fit-beside").join("plan.json");
    stdout_with_note(&[
        "recommend",
        "--task",
        "code",
        ULTRA[0],
        ULTRA[1],
        "--out",
        as_text(&plan),
    ]);
    let saved: Value = serde_json::from_slice(&fs::read(&plan).unwrap()).unwrap();
    let with_plan = fit(&[&subject[..], &["--beside", as_text(&plan)], &ULTRA].concat());
    let sum =
        bytes(&alone["memory"]["gpu_total_bytes"]) + bytes(&saved["totals"]["gpu_total_bytes"]);
    assert_eq!(bytes(&with_plan["together"]["gpu_total_bytes"]), sum);
    let said = refused(&[
        "fit",
        subject[0],
        "--beside",
        "gpt-oss-20b/gguf-mxpf4",
        ULTRA[0],
        ULTRA[1],
    ]);
    assert!(said.contains("--beside gpt-oss-20b/gguf-mxpf4"), "{said}");
}

fn stdout_with_note(args: &[&str]) {
    assert!(planner(args).status.success(), "{args:?}");
}

/// Each change that is said to make it fit is made, and the program asked again.
#[test]
fn what_would_make_it_fit_does() {
    let base = [
        "minimax-m2.1/gguf-bf16",
        "--machine",
        "m3-ultra-512gb",
        "--context",
        "192k",
    ];
    let answer = fit(&base);
    assert_ne!(answer["verdict"], "fits");
    let mut tried = 0;
    for item in answer["advice"].as_array().unwrap() {
        let Some(command) = item["command"].as_str() else {
            continue;
        };
        let flags: Vec<String> = match command.strip_prefix("sudo sysctl iogpu.wired_limit_mb=") {
            Some(mib) => vec!["--wired-limit".to_owned(), format!("{mib}MiB")],
            None => command.split(' ').map(str::to_owned).collect(),
        };
        // A later flag of the same name would be refused: the context is given once.
        let mut args: Vec<&str> = base.to_vec();
        if flags[0] == "--context" {
            args.truncate(3);
        }
        args.extend(flags.iter().map(String::as_str));
        assert_eq!(fit(&args)["verdict"], "fits", "{command}");
        tried += 1;
    }
    assert!(tried >= 3, "{answer:#}");
    let answer = fit(&["minimax-m2.1/gguf-q8_0", "--machine", "m3-ultra-256gb"]);
    let smaller = advice(&answer, "smaller_quantization").unwrap()["text"].to_string();
    assert!(smaller.contains("minimax-m2.1/gguf-q5_k_m"), "{smaller}");
    let mac = advice(&answer, "smallest_mac").unwrap()["text"].to_string();
    assert!(mac.contains("512 GB"), "{mac}");
}

#[test]
fn the_table_is_the_same_ledger_at_other_settings() {
    let base = ["gpt-oss-20b/gguf-mxfp4", ULTRA[0], ULTRA[1]];
    let answer = fit(&[&base[..], &["--table"]].concat());
    let table = answer["table"].as_array().unwrap();
    assert_eq!(table.len(), 6 * 3, "4k to 128k in three types");
    for row in table.iter().step_by(4) {
        let context = row["context"].to_string();
        let kv = row["kv_type"].as_str().unwrap();
        let one = fit(&[&base[..], &["--context", &context, "--kv-type", kv]].concat());
        assert_eq!(one["memory"]["gpu_total_bytes"], row["gpu_total_bytes"]);
        assert_eq!(one["headroom_bytes"], row["headroom_bytes"]);
    }
}

#[test]
fn a_file_knows_its_smaller_siblings_by_its_shape() {
    let path = sparse("minimax-m2.1.q8_0", "fit-siblings", "any-name.gguf");
    let answer = fit(&[as_text(&path), "--machine", "m3-ultra-256gb"]);
    let smaller = advice(&answer, "smaller_quantization").unwrap()["text"].to_string();
    assert!(smaller.contains("Q6_K"), "{smaller}");
}
