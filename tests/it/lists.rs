//! Lists that can be narrowed, and the program's own reference.

use std::fs;

use planner::catalog::Catalog;
use planner::machine::Profiles;
use serde_json::Value;

use crate::support::{planner, rounds, stdout};

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(&[args, &["--format", "json"]].concat())).unwrap()
}

fn ids(list: &Value) -> Vec<&str> {
    let all = list.as_array().unwrap().iter();
    all.map(|m| m["id"].as_str().unwrap()).collect()
}

#[test]
fn machines_are_narrowed_by_words_and_by_memory() {
    let all = Profiles::embedded().unwrap().machines;
    let expected = |keep: &dyn Fn(&str, u64) -> bool| -> Vec<String> {
        let kept = all.iter().filter(|m| keep(&m.id, m.memory_bytes.0 >> 30));
        kept.map(|m| m.id.clone()).collect()
    };
    let asked = json(&["machines", "m3-ultra"]);
    let ultra = expected(&|id, _| id.starts_with("m3-ultra"));
    assert!(ultra.len() > 1);
    assert_eq!(ids(&asked["machines"]), ultra);
    let asked = json(&["machines", "M3", "ULTRA", "--memory", "512GiB"]);
    assert_eq!(ids(&asked["machines"]), ["m3-ultra-512gb"]);
    let asked = json(&["machines", "--memory", "128GiB"]);
    assert_eq!(ids(&asked["machines"]), expected(&|_, gib| gib == 128));
    let none = planner(&["machines", "m99"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(none.stdout.is_empty());
    let near = planner(&["machines", "show", "m3-ultra-512"]);
    assert_eq!(near.status.code(), Some(2));
    let said = String::from_utf8(near.stderr).unwrap();
    assert!(said.contains("did you mean `m3-ultra-512gb`"), "{said}");
}

/// One machine is shown in full, by its id or as the only one left.
#[test]
fn one_machine_is_shown_in_full() {
    let shown = stdout(&["machines", "show", "m3-ultra-512gb"]);
    assert_eq!(shown, stdout(&["machines", "m3-ultra-512gb"]));
    for words in [
        "512.0 GiB (549.8 GB)",
        "819 GB/s",
        "Source",
        "iogpu.wired_limit_mb",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
}

#[test]
fn the_catalog_is_narrowed_by_words_engine_and_machine() {
    let asked = json(&["catalog", "list", "qwen3", "coder"]);
    let catalog = Catalog::embedded().unwrap();
    let expected: Vec<&str> = catalog
        .models
        .iter()
        .map(|m| m.id.as_str())
        .filter(|id| id.contains("qwen3") && id.contains("coder"))
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(ids(&asked["models"]), expected);
    let mlx = json(&[
        "catalog",
        "list",
        "--engine",
        "mlx",
        "--fits",
        "m4-max-36gb",
    ]);
    let models = mlx["models"].as_array().unwrap();
    assert!(!models.is_empty());
    // One model in four where somebody waits.
    for model in models.iter().step_by(rounds(4, 1) as usize) {
        for variant in model["variants"].as_array().unwrap() {
            let name = format!("{}/{}", model["id"], variant["id"]).replace('"', "");
            assert_eq!(variant["engine"], "mlx", "{name}");
            let own = catalog.model(model["id"].as_str().unwrap()).unwrap();
            let context = own.context_length.min(4096).to_string();
            let asked = [
                "fit",
                &name,
                "--context",
                &context,
                "--machine",
                "m4-max-36gb",
            ];
            assert!(planner(&asked).status.success(), "{name}");
        }
    }
    let large = ids(&mlx["models"]).contains(&"glm-5.1");
    assert!(!large, "393 GiB on a Mac of 36 GiB");
}

/// Every page that a page points to is written.
#[test]
fn the_manual_has_a_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let written = planner(&["man", "--dir", folder.path().to_str().unwrap()]);
    assert!(written.status.success());
    let pages: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    for name in ["planner.1", "planner-recommend.1", "planner-catalog-add.1"] {
        assert!(pages.iter().any(|p| p == name), "{name} in {pages:?}");
    }
    for page in &pages {
        let text = fs::read_to_string(folder.path().join(page)).unwrap();
        let text = text.replace("\\-", "-");
        for word in text
            .split_whitespace()
            .filter(|w| w.starts_with("planner-"))
        {
            let Some(name) = word.strip_suffix("(1)") else {
                continue;
            };
            let known = pages.contains(&format!("{name}.1")) || name.ends_with("-help");
            assert!(known, "{page} points to {word}");
        }
    }
    let one = stdout(&["man", "catalog", "add"]);
    let file = fs::read_to_string(folder.path().join("planner-catalog-add.1")).unwrap();
    assert_eq!(one, file);
    let none = planner(&["man", "recomend"]);
    assert_eq!(none.status.code(), Some(2));
    let said = String::from_utf8(none.stderr).unwrap();
    assert!(said.contains("did you mean `recommend`"), "{said}");
}

/// The list has every schema that is shipped, and no other.
#[test]
fn the_list_of_documents_is_that_of_the_shipped_schemas() {
    let listed = json(&["schema"]);
    let mut listed: Vec<String> = listed["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| format!("{}.json", d["name"].as_str().unwrap()))
        .collect();
    listed.sort();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas");
    let mut shipped: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    shipped.sort();
    assert_eq!(listed, shipped);
}
