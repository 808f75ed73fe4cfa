//! `planner catalog add`: entries from a model's own files, held against the catalog's figures for
//! the same models, which were counted elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use planner::catalog::{Catalog, Layer};
use serde_json::Value;

use crate::readers::recorded::sparse;
use crate::support::{planner, stdout};

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // A leftover of an earlier run is no failure of this one.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn add(file: &Path, out: &Path, more: &[&str]) -> String {
    let args = [
        "catalog",
        "add",
        file.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    stdout(&[&args, more].concat())
}

#[test]
fn what_a_header_says_is_what_the_catalog_knows() {
    let known = Catalog::embedded().unwrap();
    let folder = folder("catalog-add");
    for (recorded, id, variant) in [
        ("minimax-m2.1.q4_k_m", "minimax-m2.1", "gguf-q4_k_m"),
        ("qwen3-coder-next.q8_0", "qwen3-coder-next", "gguf-q8_0"),
        ("gpt-oss-120b.mxfp4", "gpt-oss-120b", "gguf-mxfp4"),
        ("llama-3.3-70b.q4_k_m", "llama-3.3-70b", "gguf-q4_k_m"),
    ] {
        let file = sparse(recorded, "catalog-add-files", &format!("{recorded}.gguf"));
        let out = folder.join(format!("{recorded}.toml"));
        add(&file, &out, &["--id", "mine"]);
        let text = fs::read_to_string(&out).unwrap();
        let layer = Layer::read([("mine.toml", text.as_str())]).unwrap();
        let with = Catalog::default().with_layer(&layer).unwrap();
        let (mine, model) = (with.model("mine").unwrap(), known.model(id).unwrap());
        let (ours, theirs) = (&mine.architecture, &model.architecture);
        let (ours, theirs) = (ours.as_ref().unwrap(), theirs.as_ref().unwrap());
        assert!(ours.is_like(theirs), "{recorded}: {ours:?}, {theirs:?}");
        assert_eq!(mine.context_length, model.context_length, "{recorded}");
        let near = |a: u64, b: u64| a.abs_diff(b) * 1000 <= b * 5;
        let (total, active) = (mine.parameters_total, mine.parameters_active);
        assert!(near(total, model.parameters_total), "{recorded}: {total}");
        assert!(
            near(active, model.parameters_active),
            "{recorded}: {active}"
        );
        let (ours, theirs) = (&mine.variants[0], model.variant(variant).unwrap());
        assert_eq!(ours.id, variant);
        // The catalog's own size is rounded for some.
        assert!(
            ours.weights_bytes.0.abs_diff(theirs.weights_bytes.0) * 100 < theirs.weights_bytes.0,
            "{recorded}: {} and {}",
            ours.weights_bytes.0,
            theirs.weights_bytes.0
        );
        assert!(!text.contains(env!("CARGO_TARGET_TMPDIR")), "{text}");
    }
}

#[test]
fn an_entry_passes_the_check_and_is_planned_with() {
    let folder = folder("catalog-add-used");
    let file = sparse("qwen3.8b", "catalog-add-files", "Tiny-Q8_0.gguf");
    add(&file, &folder.join("tiny.toml"), &["--id", "tiny"]);
    let with = ["--catalog", folder.to_str().unwrap()];
    stdout(&[&["catalog", "check"], &with[..]].concat());
    let machine = ["--machine", "m3-ultra-512gb", "--format", "json"];
    let fit = stdout(&[&["fit", "tiny/gguf-q8_0"], &machine[..], &with].concat());
    let from_entry: Value = serde_json::from_str(&fit).unwrap();
    let fit = stdout(&[&["fit", file.to_str().unwrap()], &machine[..]].concat());
    let from_file: Value = serde_json::from_str(&fit).unwrap();
    assert_eq!(from_entry["memory"], from_file["memory"]);
    let plan = stdout(
        &[
            &[
                "recommend",
                "--task",
                "code",
                "--models",
                "1",
                "--pin",
                "tiny",
            ],
            &machine[..],
            &with,
        ]
        .concat(),
    );
    assert!(plan.contains("\"tiny\""), "{plan}");

    // The same files as a variant of a model that is there.
    add(&file, &folder.join("more.toml"), &["--extends", "qwen3-8b"]);
    let shown = stdout(&[&["catalog", "show", "qwen3-8b"], &with[..]].concat());
    assert!(shown.contains("gguf-q8_0"), "{shown}");
}

#[test]
fn nothing_is_overwritten_and_no_id_taken_twice() {
    let folder = folder("catalog-add-refused");
    let file = sparse("qwen3.8b", "catalog-add-files", "Tiny-Q8_0.gguf");
    let out = folder.join("tiny.toml");
    add(&file, &out, &[]);
    let refused = |more: &[&str], says: &str| {
        let args = ["catalog", "add", file.to_str().unwrap()];
        let output = planner(&[&args, more].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(says) && said.contains("hint:"), "{said}");
    };
    refused(&["--out", out.to_str().unwrap()], "already exists");
    refused(&["--id", "qwen3-8b"], "already has a model `qwen3-8b`");
    refused(&["--id", "Mine!"], "invalid id");
    refused(&["--extends", "qwen3-8bb"], "did you mean `qwen3-8b`");
}
