//! What LM Studio has on disk and in memory, with a stand-in for its command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::readers::recorded::{bytes, header, sparse};
use crate::support::stdout;

/// A user's home with two models: one as a file, one that only the catalog knows.
fn home(name: &str) -> PathBuf {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let folder = home.join(".lmstudio/models/ada/Air-GGUF");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("Air-Q8_0.gguf");
    fs::write(&file, bytes("glm4moe.4.5-air")).unwrap();
    let length = header("glm4moe.4.5-air").expected_bytes().unwrap().0;
    let opened = fs::OpenOptions::new().write(true).open(&file).unwrap();
    opened.set_len(length).unwrap();
    fs::write(folder.join("mmproj-none.txt"), b"").unwrap();
    home
}

fn models(device: &Value) -> Value {
    let row = |key: &str, path: &str, quantization: &str, size: u64| {
        json!({
            "type": "llm", "modelKey": key, "format": "gguf", "displayName": key,
            "publisher": "ada", "path": path, "sizeBytes": size, "deviceIdentifier": null,
            "quantization": {"name": quantization, "bits": 4}, "maxContextLength": 131_072,
            "identifier": format!("{key}-id"), "contextLength": 8192, "parallel": 2,
            "status": "idle",
        })
    };
    let mut remote = row("far-away", "x/y/z.gguf", "Q4_K_M", 1 << 40);
    remote["deviceIdentifier"] = device.clone();
    json!([
        row("air", "ada/Air-GGUF/Air-Q8_0.gguf", "Q8_0", 100),
        row(
            "mini",
            "unsloth/MiniMax-M2.1-GGUF/Q4_K_S/a.gguf",
            "Q4_K_S",
            130_025_542_816
        ),
        row("mystery", "nobody/knows/this.gguf", "Q4_0", 5_000_000_000),
        remote,
    ])
}

/// `lms` that prints these models, whatever it is asked.
fn stand_in(home: &Path) {
    let bin = home.join(".lmstudio/bin");
    fs::create_dir_all(&bin).unwrap();
    let listing = home.join("listing.json");
    fs::write(&listing, models(&json!("another-mac")).to_string()).unwrap();
    let lms = bin.join("lms");
    fs::write(&lms, format!("#!/bin/sh\ncat '{}'\n", listing.display())).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(&lms, fs::Permissions::from_mode(0o755)).unwrap();
}

fn ask(home: &Path, args: &[&str]) -> (Option<i32>, Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_planner"))
        .args(["fit", "--machine", "m3-ultra-512gb", "--format", "json"])
        .args(args)
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), json, said)
}

#[test]
fn everything_installed_is_sized_as_lms_lists_it() {
    let home = home("installed-lms");
    stand_in(&home);
    let (code, all, said) = ask(&home, &["--installed"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert_eq!(all["source"], "lms ls");
    let schema: Value = serde_json::from_str(&stdout(&["schema", "survey"])).unwrap();
    let shipped: Value = serde_json::from_str(include_str!("../../schemas/survey.json")).unwrap();
    assert_eq!(
        schema, shipped,
        "write it anew: planner schema survey > schemas/survey.json"
    );
    assert!(jsonschema::is_valid(&schema, &all), "{all:#}");
    let names: Vec<&str> = all["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["model"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["air", "mini"]);
    // From the catalog: the same file of the same repository.
    assert_eq!(all["models"][1]["weights_bytes"], 130_025_542_816_u64);
    assert_eq!(all["left_out"][0]["model"], "mystery");
    assert_eq!(all["left_out"].as_array().unwrap().len(), 1);
}

#[test]
fn without_lms_the_models_folder_is_looked_into() {
    let home = home("installed-folder");
    let broken = home.join(".lmstudio/models/ada/Broken-GGUF");
    fs::create_dir_all(&broken).unwrap();
    fs::write(broken.join("b.gguf"), b"GGUF").unwrap();
    let (code, all, said) = ask(&home, &["--installed"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert_eq!(all["models"][0]["model"], "ada/Air-GGUF/Air-Q8_0.gguf");
    assert_eq!(all["left_out"][0]["model"], "ada/Broken-GGUF/b.gguf");
    let nowhere = PathBuf::from("/nonexistent");
    let (code, _, said) = ask(&nowhere, &["--installed"]);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("\"hint\"") && said.contains("--models-folder"),
        "{said}"
    );
}

#[test]
fn what_is_loaded_now_counts_with_its_own_context_and_slots() {
    let home = home("installed-loaded");
    stand_in(&home);
    let subject = sparse("qwen3.8b", "installed-subject", "small.gguf");
    let subject = subject.to_str().unwrap();
    let (code, answer, said) = ask(&home, &[subject, "--context", "8k", "--beside-loaded"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    let beside = answer["beside"].as_array().unwrap();
    let names: Vec<&str> = beside.iter().map(|b| b["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["air-id", "mini-id", "mystery-id"]);
    let air = home.join(".lmstudio/models/ada/Air-GGUF/Air-Q8_0.gguf");
    let same = ["--context", "8192", "--slots", "2"];
    let (_, alone, _) = ask(&home, &[&[air.to_str().unwrap()], &same[..]].concat());
    assert_eq!(beside[0]["memory"], alone["memory"]);
    assert_eq!(beside[2]["memory"]["total_bytes"], 5_000_000_000_u64);
    assert_eq!(beside[2]["basis"], "assumed");
    assert!(
        beside[2]["source"]
            .as_str()
            .unwrap()
            .contains("its size stands for it")
    );
}

/// LM Studio's own community's copy of files that the catalog has from elsewhere is known, and what
/// nobody asked for by name and nothing there serves is left out of the answer.
#[test]
fn a_copy_on_the_disk_is_planned_with_for_what_it_serves() {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("installed-copy");
    stand_in(&home);
    let row = json!({
        "type": "llm", "modelKey": "openai/gpt-oss-20b", "format": "gguf", "publisher": "openai",
        "path": "lmstudio-community/gpt-oss-20b-GGUF/gpt-oss-20b-MXFP4.gguf",
        "sizeBytes": 12_109_566_560_u64, "deviceIdentifier": null,
        "quantization": {"name": "MXFP4", "bits": 4}, "maxContextLength": 131_072,
    });
    fs::write(home.join("listing.json"), json!([row]).to_string()).unwrap();
    let recommend = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_planner"))
            .args(["recommend", "--installed", "--format", "json"])
            .args(["--machine", "macbook-pro-m3-max-36gb"])
            .args(more)
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .env("PATH", "/usr/bin:/bin")
            .output()
            .unwrap();
        let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), plan, said)
    };
    let (code, plan, said) = recommend(&[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(plan["loadout"][0]["model"], "gpt-oss-20b");
    assert!(said.contains("nothing on the disk serves"), "{said}");
    assert!(said.contains("embedding"), "{said}");
    // Asked for by name it is missing.
    let (code, plan, _) = recommend(&["--task", "code", "--task", "embedding"]);
    assert_eq!(code, Some(1));
    assert_eq!(plan["loadout"], json!([]));
}
