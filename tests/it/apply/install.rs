//! What `planner emit` writes and `--install` merges into the user's own files.

use std::fs;

use serde_json::{Value, json};

use super::words;
use crate::studio::{Studio, two_models};

#[test]
fn install_merges_and_undo_restores_every_byte() {
    let studio = Studio::new();
    let plan = studio.plan(&two_models());
    let folder = studio.path("home/.lmstudio/.internal/user-concrete-model-default-config");
    let coder = folder.join("Qwen/Qwen3-Coder-Next-GGUF/Qwen3-Coder-Next-Q4_K_M.gguf.json");
    fs::create_dir_all(coder.parent().unwrap()).unwrap();
    let old = r#"{"preset":"","operation":{"fields":[]},"load":{"fields":[{"key":"llm.load.contextLength","value":4096},{"key":"mine","value":1}]},"later":2}"#;
    fs::write(&coder, old).unwrap();
    for _ in 0..2 {
        let done = studio.planner(&["emit", &plan, "--install"]);
        assert!(done.status.success(), "{}", words(&done));
    }
    let merged: Value = serde_json::from_str(&fs::read_to_string(&coder).unwrap()).unwrap();
    assert_eq!(merged["later"], 2);
    assert_eq!(
        merged["load"]["fields"][0],
        json!({"key": "llm.load.contextLength", "value": 262_144})
    );
    assert_eq!(
        merged["load"]["fields"][1],
        json!({"key": "mine", "value": 1})
    );
    let minimax = folder
        .join("unsloth/MiniMax-M2.1-GGUF/Q4_K_S/MiniMax-M2.1-Q4_K_S-00001-of-00003.gguf.json");
    assert!(minimax.is_file());
    let undone = studio.planner(&["emit", "--undo"]);
    assert!(undone.status.success(), "{}", words(&undone));
    assert_eq!(fs::read_to_string(&coder).unwrap(), old);
    assert!(!minimax.exists());

    fs::write(&coder, r#"{"fields":[]}"#).unwrap();
    let refused = studio.planner(&["emit", &plan, "--install"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        words(&refused).contains("is left alone"),
        "{}",
        words(&refused)
    );
    assert_eq!(fs::read_to_string(&coder).unwrap(), r#"{"fields":[]}"#);
    assert!(!minimax.exists(), "nothing was written");
}

#[cfg(unix)]
#[test]
fn install_leaves_links_and_modes_as_they_were() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let studio = Studio::new();
    let plan = studio.plan(&two_models());
    let install = studio.planner(&["emit", &plan, "--install"]);
    assert!(install.status.success(), "{}", words(&install));
    let placed: Vec<_> = walk(&studio.path("home/.lmstudio"))
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .filter(|p| fs::read_to_string(p).unwrap().contains("contextLength"))
        .collect();
    let [first, ..] = placed.as_slice() else {
        panic!("nothing was installed");
    };
    assert!(studio.planner(&["emit", "--undo"]).status.success());
    let real = studio.path("dotfiles.json");
    fs::write(
        &real,
        "{\"preset\": \"\", \"operation\": {\"fields\": []}, \"load\": {\"fields\": []}}",
    )
    .unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
    fs::create_dir_all(first.parent().unwrap()).unwrap();
    symlink(&real, first).unwrap();
    let again = studio.planner(&["emit", &plan, "--install"]);
    assert!(again.status.success(), "{}", words(&again));
    assert!(fs::symlink_metadata(first).unwrap().is_symlink());
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(fs::read_to_string(&real).unwrap().contains("contextLength"));
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(walk(&path));
        } else {
            all.push(path);
        }
    }
    all
}

#[test]
fn the_folder_appears_whole_is_backed_up_and_never_replaces_a_stranger() {
    let studio = Studio::new();
    let folder = studio.emit(&two_models(), &[]);
    let manifest: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("manifest.json")).unwrap()).unwrap();
    let schema: Value =
        serde_json::from_str(include_str!("../../../schemas/manifest.json")).unwrap();
    assert!(jsonschema::is_valid(&schema, &manifest));
    for file in manifest["files"].as_array().unwrap() {
        let bytes = fs::read(folder.join(file["path"].as_str().unwrap())).unwrap();
        assert_eq!(bytes.len() as u64, file["size_bytes"].as_u64().unwrap());
    }
    fs::write(folder.join("mine.txt"), "kept").unwrap();
    studio.emit(&two_models(), &[]);
    let backup = studio.path("out put.backup-1");
    assert_eq!(fs::read_to_string(backup.join("mine.txt")).unwrap(), "kept");
    assert!(!folder.join("mine.txt").exists());
    let plan = studio.path("plan.json");
    let refused = studio.planner(&[
        "emit",
        plan.to_str().unwrap(),
        "--out",
        studio.path("home").to_str().unwrap(),
    ]);
    assert_eq!(refused.status.code(), Some(2), "{}", words(&refused));
    let left: Vec<String> = fs::read_dir(studio.path(""))
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|n| n.starts_with(".planner"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn config_files_in_other_formats_can_be_read_by_their_own_readers() {
    let studio = Studio::new();
    let folder = studio.emit(&two_models(), &["--model-yaml"]);
    for file in [
        "clients/opencode.json",
        "clients/zed.json",
        "clients/vscode-chatLanguageModels.json",
        "lmstudio/defaults/minimax-m2.1.json",
    ] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(
            serde_json::from_str::<Value>(&text).is_ok(),
            "{file}: {text}"
        );
    }
    let opencode: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("clients/opencode.json")).unwrap())
            .unwrap();
    assert_eq!(
        opencode["provider"]["lmstudio"]["models"]["minimax-m2.1"]["limit"]["context"],
        65_536
    );
}

#[test]
fn recommend_can_emit_at_once() {
    let studio = Studio::new();
    let folder = studio.path("loadout");
    let ended = studio.planner(&[
        "recommend",
        "--task",
        "code",
        "--machine",
        "m3-ultra-512gb",
        "--emit",
        folder.to_str().unwrap(),
    ]);
    assert!(ended.status.success(), "{}", words(&ended));
    let plan: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("plan.json")).unwrap()).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/plan.json")).unwrap();
    assert!(jsonschema::is_valid(&schema, &plan));
    let launch = fs::metadata(folder.join("launch.sh")).unwrap();
    assert!(std::os::unix::fs::PermissionsExt::mode(&launch.permissions()) & 0o111 != 0);
}
