//! What a user names as a place to write: nothing there is lost, and no answer with it.

use std::fs;

use crate::support::planner;

const ASK: [&str; 5] = ["recommend", "--task", "code", "--machine", "m4-max-64gb"];

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_plan_keeps_what_it_would_overwrite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.json");
    fs::write(&file, "mine").unwrap();
    let output = planner(&[&ASK[..], &["--out", file.to_str().unwrap()]].concat());
    assert!(output.status.success());
    let backup = folder.path().join("notes.json.1");
    assert_eq!(fs::read_to_string(&backup).unwrap(), "mine");
    let said = words(&output.stderr);
    assert!(said.contains(backup.to_str().unwrap()), "{said}");
    assert!(fs::read_to_string(&file).unwrap().contains("\"loadout\""));
}

#[test]
fn an_answer_is_printed_whatever_happens_to_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    let alone = planner(&ASK);
    let output = planner(&[&ASK[..], &["--out", place]].concat());
    assert_eq!(output.status.code(), Some(2));
    // All but the time that the search took.
    let told = |bytes: &[u8]| -> Vec<String> {
        let lines = words(bytes);
        let lines = lines.lines().filter(|l| !l.trim_end().ends_with(" ms"));
        lines.map(str::to_owned).collect()
    };
    assert!(told(&output.stdout).len() > 12);
    assert_eq!(told(&output.stdout), told(&alone.stdout));
    let said = words(&output.stderr);
    assert_eq!(said.matches(place).count(), 1, "{said}");
}

#[test]
fn manual_pages_keep_what_they_would_overwrite() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    fs::write(folder.path().join("planner.1"), "mine").unwrap();
    for _ in 0..2 {
        assert!(planner(&["man", "--dir", place]).status.success());
    }
    let backup = folder.path().join("planner.1.1");
    assert_eq!(fs::read_to_string(backup).unwrap(), "mine");
    assert!(!fs::exists(folder.path().join("planner.1.2")).unwrap());
}

#[test]
fn without_the_shipped_catalog_only_given_models_are_chosen_from() {
    let none = planner(&[&ASK[..], &["--no-shipped-catalog"]].concat());
    assert_eq!(none.status.code(), Some(2));
    let said = words(&none.stderr);
    assert!(said.contains("the catalog has no models"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/gpt-oss-20b.toml");
    fs::copy(shipped, folder.path().join("gpt-oss-20b.toml")).unwrap();
    let own = [
        "--no-shipped-catalog",
        "--catalog",
        folder.path().to_str().unwrap(),
    ];
    let output = planner(&[&["catalog", "list", "--format", "json"], &own[..]].concat());
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(listed["models"].as_array().unwrap().len(), 1);
    let output = planner(&[&ASK[..], &own, &["--format", "json"]].concat());
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(plan["loadout"][0]["model"], "gpt-oss-20b", "{plan}");
}
