//! `planner catalog import`: the study's own files give the catalog's figures, and every row of
//! every format is placed or refused with its reason.

use std::path::{Path, PathBuf};

use planner::catalog::Catalog;
use planner::catalog::schema::Measurement;
use planner::import;
use planner::import::{Overrides, Resolved, resolve};
use planner::machine::Profiles;
use serde_json::Value;

use crate::support;

fn data(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(folder)
}

fn seed_files() -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(data("seed"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|p| {
            let name = p.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(p).unwrap())
        })
        .collect()
}

/// The catalog's measurement whose source is this file, with its model and variant.
fn recorded<'a>(catalog: &'a Catalog, file: &str) -> (String, &'a Measurement) {
    let all = catalog
        .models
        .iter()
        .flat_map(|m| m.measurements.iter().map(move |x| (m, x)));
    let mut found = all.filter(|(_, m)| m.source.ends_with(file));
    let (model, m) = found
        .next()
        .unwrap_or_else(|| panic!("the catalog has nothing of {file}"));
    assert!(found.next().is_none(), "{file} is there twice");
    (format!("{}/{}", model.id, m.variant), m)
}

#[track_caller]
fn near(what: &str, ours: Option<f64>, theirs: Option<f64>, by: f64) {
    let same = match (ours, theirs) {
        (Some(a), Some(b)) => (a - b).abs() <= by,
        (None, None) => true,
        _ => false,
    };
    assert!(same, "{what}: imported {ours:?}, in the catalog {theirs:?}");
}

/// The catalog entered these files by hand. Read anew, each gives the same figures.
#[test]
fn the_studys_23_files_give_the_catalogs_figures() {
    let (catalog, profiles) = (Catalog::embedded().unwrap(), Profiles::embedded().unwrap());
    let files = seed_files();
    assert_eq!(files.len(), 23);
    let mut without = catalog.clone();
    for model in &mut without.models {
        model.measurements.clear();
    }
    for (file, text) in files {
        let imported = import::read(&file, &text).unwrap();
        assert!(imported.skipped.is_empty(), "{file}");
        let [row] = imported.rows.as_slice() else {
            panic!("{file} is one run")
        };
        let (variant, theirs) = recorded(&catalog, &file);
        let say = Overrides {
            variant: Some(&variant),
            chip: Some("m3-ultra"),
            ..Overrides::default()
        };
        let Resolved::New {
            measurement: ours, ..
        } = resolve(row, &without, &profiles.chips, &say)
        else {
            panic!("{file} is placed");
        };
        assert_eq!(ours.tests.len(), theirs.tests.len(), "{file}");
        for (a, b) in ours.tests.iter().zip(&theirs.tests) {
            let what = format!("{file}, {}", a.name);
            assert_eq!((&a.name, a.passed), (&b.name, b.passed), "{what}");
            assert_eq!(a.prompt_tokens, b.prompt_tokens, "{what}");
            assert_eq!(a.completion_tokens, b.completion_tokens, "{what}");
            assert_eq!(a.error.is_some(), b.error.is_some(), "{what}");
            near(&what, a.seconds, b.seconds, 0.0006);
            near(
                &what,
                a.time_to_first_token_seconds,
                b.time_to_first_token_seconds,
                0.0006,
            );
            near(
                &what,
                a.reported_tokens_per_second,
                b.reported_tokens_per_second,
                0.006,
            );
        }
        near(
            &file,
            ours.reported_mean_tokens_per_second,
            theirs.reported_mean_tokens_per_second,
            0.006,
        );
        assert_eq!(ours.peak_memory_bytes, theirs.peak_memory_bytes, "{file}");
        assert_eq!(ours.peak_memory_of, theirs.peak_memory_of, "{file}");
        assert_eq!(ours.method, theirs.method, "{file}");
        assert_eq!(ours.engine, theirs.engine, "{file}");
        assert_eq!(ours.date, theirs.date, "{file}");
        assert_eq!(ours.suspect.is_some(), theirs.suspect.is_some(), "{file}");
        // Two loads held a download; the catalog has a later load's time from another source.
        let download = ["145356.json", "184426.json"]
            .iter()
            .any(|f| file.ends_with(f));
        if download {
            assert_eq!(ours.load_seconds, None, "{file}");
            assert!(ours.notes[0].contains("download"), "{file}");
        } else if ours.engine == "mlx" && ours.app.as_deref() != Some("LM Studio") {
            near(&file, ours.load_seconds, theirs.load_seconds, 0.0);
        } else {
            // The files of LM Studio's runs hold no load time; one that the catalog has is the report's.
            assert_eq!(ours.load_seconds, None, "{file}");
        }
    }
}

fn import_json(args: &[&str]) -> (Value, i32) {
    let mut all = vec!["catalog", "import", "--format", "json"];
    all.extend_from_slice(args);
    let output = support::planner(&all);
    let json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    (json, output.status.code().unwrap())
}

fn path(file: &str) -> String {
    data("import").join(file).display().to_string()
}

#[test]
fn what_the_catalog_has_is_not_taken_twice() {
    let files: Vec<String> = seed_files()
        .iter()
        .map(|(name, _)| data("seed").join(name).display().to_string())
        .collect();
    let args: Vec<&str> = files.iter().map(String::as_str).collect();
    let (json, code) = import_json(&[&["--dry-run"], args.as_slice()].concat());
    assert_eq!(code, 0);
    assert_eq!(
        (json["known"].as_u64(), json["new"].as_u64()),
        (Some(23), Some(0))
    );
}

#[test]
fn llama_bench_rows_are_placed_by_the_bytes_of_their_weights() {
    for file in ["llama-bench.json", "llama-bench.jsonl"] {
        let (json, code) = import_json(&["--dry-run", &path(file)]);
        // One row mixes prompt and answer, one ran on the CPU, one line is no row: told, not dropped.
        let rows = json["files"][0]["rows"].as_array().unwrap();
        let refused: Vec<&str> = rows
            .iter()
            .filter(|r| r["became"] == "refused")
            .map(|r| r["reason"].as_str().unwrap())
            .collect();
        assert!(refused[0].contains("pp512+tg128"), "{refused:?}");
        assert!(refused[1].contains("on the CPU alone"), "{refused:?}");
        assert_eq!(refused.len(), if file.ends_with('l') { 3 } else { 2 });
        assert_eq!((json["new"].as_u64(), code), (Some(3), 1));
        assert!(
            rows.iter()
                .take(3)
                .all(|r| r["variant"] == "minimax-m2.1/gguf-q8_0"),
            "{json}"
        );
        assert_eq!(rows[0]["prefill_tokens_per_second"], 423.141);
        assert_eq!(rows[1]["decode_tokens_per_second"], 31.921);
    }
}

/// Figure by figure, what each format's documentation says that it means.
#[test]
fn each_format_becomes_what_it_says() {
    let (catalog, profiles) = (Catalog::embedded().unwrap(), Profiles::embedded().unwrap());
    let say = Overrides {
        variant: Some("minimax-m2.1/gguf-q4_k_s"),
        chip: Some("m3-ultra"),
        engine: Some("llama.cpp"),
        campaign: None,
    };
    let read = |file: &str| -> Vec<Measurement> {
        let text = std::fs::read_to_string(path(file)).unwrap();
        let imported = import::read(file, &text).unwrap();
        imported
            .rows
            .iter()
            .map(|row| match resolve(row, &catalog, &profiles.chips, &say) {
                Resolved::New { measurement, .. } => *measurement,
                other => panic!("{file}: {other:?}"),
            })
            .collect()
    };
    // llama.cpp's README: S_TG is (B*TG)/T_TG, the sum over all prompts.
    let batched = read("llama-batched-bench.jsonl");
    let of: Vec<(u32, Option<f64>)> = batched
        .iter()
        .map(|m| (m.concurrency, m.decode_tokens_per_second))
        .collect();
    assert_eq!(of, [(1, Some(41.57)), (4, Some(74.44)), (8, Some(139.43))]);
    assert_eq!(batched[0].depth_tokens, Some(128));
    let deep = read("llama-bench.json");
    assert_eq!(
        (deep[2].depth_tokens, deep[2].decode_tokens_per_second),
        (Some(32768), Some(20.0))
    );
    let mlx = read("mlx-benchmark.txt");
    assert_eq!(mlx[0].decode_tokens_per_second, Some(67.706));
    assert_eq!(mlx[0].prefill_tokens_per_second, Some(1490.761));
    assert_eq!(mlx[0].peak_memory_bytes.unwrap().0, 47_321_000_000);
    assert_eq!(
        (mlx[0].depth_tokens, mlx[0].engine.as_str()),
        (Some(4096), "mlx")
    );
    let v0 = read("lm-studio-v0.json");
    assert_eq!(v0[0].decode_tokens_per_second, Some(51.437));
    assert_eq!(v0[0].time_to_first_token_seconds, Some(0.111));
    let v1 = read("lm-studio-v1.json");
    assert_eq!(
        (v1[0].decode_tokens_per_second, v1[0].load_seconds),
        (Some(27.62), Some(9.3))
    );
    let vllm = read("vllm-bench-serve.json");
    assert_eq!(
        (vllm[0].decode_tokens_per_second, vllm[0].depth_tokens),
        (Some(40.0), Some(1024))
    );
    assert_eq!(vllm[0].date.as_deref(), Some("2026-10-02"));
    let genai = read("genai-perf.json");
    assert_eq!(
        (genai[0].concurrency, genai[0].decode_tokens_per_second),
        (4, Some(180.5))
    );
    // Tokens over the whole run of four streams are no decode speed.
    assert_eq!(planner::speed::measured::run_decode(&genai[0]), None);
}

#[test]
fn what_is_not_said_is_asked_for_and_never_guessed() {
    let reason = |file: &str, more: &[&str]| {
        let file = path(file);
        let (json, code) = import_json(&[&["--dry-run", &file], more].concat());
        assert_eq!(code, 1);
        let rows = json["files"][0]["rows"].as_array().unwrap();
        let refused = rows
            .iter()
            .find(|r| r["became"] == "refused" && r["variant"].is_null());
        refused.unwrap()["reason"].as_str().unwrap().to_owned()
    };
    let v1 = reason("lm-studio-v1.json", &["--chip", "m3-ultra"]);
    assert!(
        v1.contains("minimax-m2.1/gguf-q4_k_s")
            && v1.contains("minimax-m2.1/mlx-8bit")
            && v1.contains("--as"),
        "{v1}"
    );
    assert!(
        reason("lm-studio-v0.json", &[]).contains("--chip"),
        "the quantization settles it, the chip is not named"
    );
    let mlx = reason("mlx-benchmark.txt", &["--chip", "m3-ultra"]);
    assert!(mlx.contains("does not name the model"), "{mlx}");
    let vllm = reason(
        "vllm-bench-serve.json",
        &["--chip", "m3-ultra", "--as", "minimax-m2.1/gguf-q4_k_s"],
    );
    assert!(vllm.contains("--engine"), "{vllm}");
}

#[test]
fn a_file_of_no_known_format_stops_everything() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("catalog");
    let good = path("mlx-benchmark.txt");
    for (name, text, told) in [
        (
            "other.json",
            r#"{"results": []}"#,
            "of no format that planner reads",
        ),
        ("half.json", r#"{"timestamp": "2026"#, "as JSON, EOF"),
        ("empty.txt", "", "as JSON, EOF"),
    ] {
        let bad = folder.path().join(name);
        std::fs::write(&bad, text).unwrap();
        let output = support::planner(&[
            "catalog",
            "import",
            &good,
            &bad.display().to_string(),
            "--as",
            "minimax-m2.1/mlx-4bit",
            "--chip",
            "m3-ultra",
            "--out",
            &out.display().to_string(),
        ]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(errors.contains(told) && errors.contains(name), "{errors}");
        assert!(!out.exists(), "nothing is written");
    }
}

#[test]
fn what_was_imported_is_in_the_catalog_and_keeps_to_its_schema() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().display().to_string();
    let file = path("mlx-benchmark.txt");
    let args = [
        "--as",
        "minimax-m2.1/mlx-4bit",
        "--chip",
        "m3-ultra",
        "--out",
        &out,
        &file,
    ];
    let (json, code) = import_json(&args);
    assert_eq!((code, json["new"].as_u64()), (0, Some(1)));
    let schema: Value = serde_json::from_str(&support::stdout(&["schema", "import"])).unwrap();
    let shipped = data("../../schemas/import.json");
    let shipped: Value = serde_json::from_str(&std::fs::read_to_string(shipped).unwrap()).unwrap();
    assert_eq!(
        shipped, schema,
        "write it anew: `planner schema import > schemas/import.json`"
    );
    assert!(jsonschema::is_valid(&schema, &json));
    let shown = support::stdout(&[
        "--catalog",
        &out,
        "catalog",
        "show",
        "minimax-m2.1",
        "--format",
        "json",
    ]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let all = shown["models"][0]["measurements"].as_array().unwrap();
    let ours = all
        .iter()
        .find(|m| m["source"] == "mlx-benchmark.txt")
        .unwrap();
    assert_eq!(ours["decode_tokens_per_second"], 67.706);
    // Again, on top of that: nothing is new, since nothing is there twice.
    let again = [&["--catalog", &out, "--dry-run"], args.as_slice()].concat();
    assert_eq!(import_json(&again).0["new"].as_u64(), Some(0));
}
