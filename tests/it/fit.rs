//! `planner fit`: its contract, its verdicts, and what is loaded beside a model.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use planner::catalog::{Catalog, weights_of};
use planner::memory::{Engine, Ledger, Settings};
use serde_json::Value;

use crate::readers::gguf_bytes::{File, count, tensor, text};
use crate::readers::recorded::sparse;
use crate::support::{planner, rounds, stdout};

/// An answer whatever it is: `fits` ends with 0, any other verdict with 1.
pub(crate) fn fit(args: &[&str]) -> Value {
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

pub(crate) fn refused(args: &[&str]) -> String {
    let output: Output = planner(args);
    assert_eq!(output.status.code(), Some(2), "planner {args:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

pub(crate) fn advice<'a>(answer: &'a Value, kind: &str) -> Option<&'a Value> {
    let all = answer["advice"].as_array().unwrap();
    all.iter().find(|a| a["kind"] == kind)
}

pub(crate) fn bytes(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// Folder of its own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn as_text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(crate) const ULTRA: [&str; 2] = ["--machine", "m3-ultra-512gb"];

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
            assert_eq!(value["schema"], 2);
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

/// Two neighbours, of which the smaller is enough to give up.
#[test]
fn the_least_neighbour_that_is_enough_is_named() {
    let small = [
        "--beside",
        "gpt-oss-20b/gguf-mxfp4@8k",
        "minimax-m2.1/mlx-4bit@8k",
    ];
    let base = [
        "qwen3-coder-next/gguf-q6_k",
        "--context",
        "32k",
        "--slots",
        "1",
    ];
    let machine = ["--machine", "m3-ultra-256gb", "--wired-limit", "190GiB"];
    let answer = fit(&[&base[..], &machine, &small].concat());
    assert_eq!(
        answer["verdict"], "fits_if_wired_limit_raised",
        "{answer:#}"
    );
    let said = advice(&answer, "alone").unwrap()["text"].to_string();
    assert!(
        said.contains("gpt-oss 20B MXFP4 unloaded: it fits"),
        "{said}"
    );
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
        let raised = command.strip_prefix("sudo sysctl iogpu.wired_limit_mb=");
        let answer = match raised {
            Some(mib) => fit(&[&base[..], &["--wired-limit", &format!("{mib}MiB")]].concat()),
            None => {
                let words = shlex::split(command).unwrap();
                assert_eq!(words[0], "planner");
                let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
                serde_json::from_slice(&planner(&args).stdout).unwrap()
            }
        };
        assert_eq!(answer["verdict"], "fits", "{command}");
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

/// DeepSeek V3 is built as R1 is, which the catalog has and which is another model.
#[test]
fn a_file_knows_its_smaller_siblings_by_its_own_name_and_shape() {
    let path = sparse("minimax-m2.1.q8_0", "fit-siblings", "any-name.gguf");
    let answer = fit(&[as_text(&path), "--machine", "m3-ultra-256gb"]);
    let smaller = advice(&answer, "smaller_quantization").unwrap()["text"].to_string();
    assert!(smaller.contains("minimax-m2.1/gguf-q5_k_m"), "{smaller}");
    let path = sparse("deepseek-v3.q4_k_m", "fit-siblings", "v3.gguf");
    let answer = fit(&[as_text(&path), "--machine", "m3-ultra-256gb"]);
    assert_ne!(answer["verdict"], "fits");
    assert_eq!(advice(&answer, "smaller_quantization"), None);
}

/// The study's own figures for the catalog's variant; a file of the same name and size is that
/// variant; another size of it is predicted, and so is a file that the catalog does not know.
#[test]
fn a_speed_is_measured_where_it_was_and_predicted_elsewhere() {
    let speed = |what: &str| fit(&[what, ULTRA[0], ULTRA[1]])["speed"].clone();
    let plan = crate::support::plan(&["--task", "code", ULTRA[0], ULTRA[1]]);
    let planned = &plan["loadout"][0];
    let name = format!("{}/{}", planned["model"], planned["variant"]).replace('"', "");
    for key in ["decode_tokens_per_second", "basis", "source", "low", "high"] {
        assert_eq!(speed(&name)[key], planned["speed"][key], "{name}: {key}");
    }
    let seen = speed("qwen3.8-flash-next/gguf-q8_0");
    assert_eq!(seen["basis"], "measured");
    let file = |header: &str| {
        speed(as_text(&sparse(
            header,
            "fit-speed",
            &format!("{header}.gguf"),
        )))
    };
    assert_eq!(file("minimax-m2.1.q8_0"), speed("minimax-m2.1/gguf-q8_0"));
    let unknown = file("deepseek-v3.q4_k_m");
    assert_eq!(unknown["basis"], "predicted", "{unknown}");
    assert!(unknown["low"].as_f64() < unknown["decode_tokens_per_second"].as_f64());
    // Nobody decodes what no context lets load.
    let small = fit(&["minimax-m2.1/gguf-q8_0", "--machine", "m4-max-36gb"]);
    assert_eq!(small["speed"], Value::Null);
}

/// What fits leads, and what was asked for decides the exit code.
#[test]
fn a_model_that_fits_with_less_context_says_so_first() {
    let args = ["fit", "glm-5.1/mlx-4.5bit", ULTRA[0], ULTRA[1]];
    let output = planner(&args);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let first = text.lines().next().unwrap();
    let most = fit(&args[1..])["largest_context"].as_u64().unwrap();
    let most = planner::units::thousands(most);
    assert!(
        first.contains(&format!("fits up to {most} tokens as it is")),
        "{text}"
    );
    assert!(
        text.contains("with its full context of 202,752 tokens"),
        "{text}"
    );
    assert!(text.contains("no Mac that planner knows holds it as it is with 202,752 tokens"));
}

#[test]
fn a_context_beyond_the_trained_one_is_refused() {
    let args = ["fit", "minimax-m2.1/gguf-q4_k_s", ULTRA[0], ULTRA[1]];
    let said = refused(&[&args[..], &["--context", "999k"]].concat());
    assert!(
        said.contains("was trained for 196,608 tokens") && said.contains("hint:"),
        "{said}"
    );
    fit(&[&args[1..], &["--context", "192k"]].concat());
    // Where it is meant, it is sized, by the same ledger.
    let meant = fit(&[&args[1..], &["--context", "256k", "--beyond-trained"]].concat());
    assert_eq!(meant["settings"]["context"], 262_144);
}

/// A model that need not exist: its size is the one given, its context that of the named model,
/// 376,832 bytes per token by llama.cpp's own allocation; without a name, the costliest likely one.
#[test]
fn a_size_alone_is_answered_by_what_is_built_like_it() {
    let ask = |more: &[&str]| -> Value {
        let mut args = vec!["fit", "--weights", "300GB", "--context", "128k"];
        args.extend(["--machine", "m3-ultra-512gb", "--format", "json"]);
        args.extend_from_slice(more);
        serde_json::from_str(&stdout(&args)).unwrap()
    };
    let like = ask(&["--like", "glm-4.6"]);
    assert_eq!(like["memory"]["weights_bytes"], 300_000_000_000_u64);
    assert_eq!(like["memory"]["context_bytes"], 376_832_u64 * 131_072);
    assert_eq!(like["ledger"][0]["basis"], "assumed");
    let alone = ask(&[]);
    let taken = |fit: &Value| fit["memory"]["gpu_total_bytes"].as_u64().unwrap();
    assert!(taken(&alone) >= taken(&like));
    let unlike = planner(&["fit", "--weights", "300GB", "--like", "glm-4.66"]);
    assert_eq!(unlike.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&unlike.stderr);
    assert!(errors.contains("did you mean `glm-4.6`"), "{errors}");
}

#[test]
fn a_model_named_alone_is_each_of_its_variants() {
    let asked = [
        "--machine",
        "m4-max-64gb",
        "--context",
        "64k",
        "--format",
        "json",
    ];
    let json = |model: &str| -> Value {
        let output = planner(&[&["fit", model][..], &asked].concat());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let all = json("qwen3-coder-next");
    let rows = all["models"].as_array().unwrap();
    let catalog = Catalog::embedded().unwrap();
    let model = catalog.model("qwen3-coder-next").unwrap();
    let left_out = all["left_out"].as_array().unwrap().len();
    assert_eq!(rows.len() + left_out, model.variants.len());
    for row in &rows[rounds(3, 0) as usize..] {
        let one = json(row["model"].as_str().unwrap());
        for field in ["verdict", "largest_context", "headroom_bytes", "speed"] {
            assert_eq!(row[field], one[field], "{row}");
        }
    }
    let fitting = rows.iter().filter(|r| r["verdict"] == "fits");
    let largest = fitting.max_by_key(|r| r["weights_bytes"].as_u64()).unwrap();
    let text = stdout(&[
        "fit",
        "qwen3-coder-next",
        "--machine",
        "m4-max-64gb",
        "--context",
        "64k",
    ]);
    let name = largest["model"].as_str().unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = format!("The largest that fits with 64k is {name}.");
    assert!(text.contains(&said), "{text}");
    // The best of those that hold 32k and more, by what decides; of equals the longest context.
    let points = |r: &&serde_json::Value| r["quality"][1]["cautious"].as_f64().unwrap().round();
    let long = |r: &&serde_json::Value| r["largest_context"].as_u64().is_some_and(|c| c >= 32_768);
    let best = rows
        .iter()
        .filter(long)
        .map(|r| points(&r))
        .fold(0.0, f64::max);
    assert!(
        text.contains(&format!(": quality {best:.0}, up to")),
        "{text}"
    );
}

#[test]
fn a_draft_model_that_is_not_there_is_told_once_with_a_hint() {
    let output = crate::support::planner(&[
        "fit",
        "qwen3-8b",
        "--draft",
        "nope",
        "--machine",
        "m4-max-64gb",
    ]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("nope") && said.contains("hint:"), "{said}");
    assert_eq!(said.matches("nope").count(), 1, "{said}");
}
