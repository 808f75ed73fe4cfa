//! A model that came out yesterday, on a server that speaks the hub's API: from its name to a plan
//! with it, and into a catalog of one's own and out again.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::readers::recorded::{bytes, header};
use crate::support::command;
use crate::web::{Reply, Request, Server, Sparse};

const MODEL: &str = "hf:ada/Newcomer-GGUF";
const FILES: [(&str, &str); 2] = [
    ("Newcomer-Q4_K_M.gguf", "qwen3-coder-next.q4_k_m"),
    ("Newcomer-Q8_0.gguf", "qwen3-coder-next.q8_0"),
];

/// What the header calls it.
const ID: &str = "qwen3-coder-next-80b-a3b";

fn file(recorded: &str) -> Sparse {
    Sparse {
        start: bytes(recorded),
        length: header(recorded).expected_bytes().unwrap().0,
    }
}

fn answer(request: &Request) -> Option<Reply> {
    let json = |value: Value| Some(Reply::of(200, value.to_string().as_bytes()));
    match request.path.as_str() {
        "/api/models/ada/Newcomer-GGUF/tree/main?recursive=true" => {
            let files = FILES.iter().map(|(path, recorded)| {
                json!({"type": "file", "oid": "0", "size": file(recorded).length, "path": path})
            });
            return json(files.collect());
        }
        "/api/models/ada/Newcomer-GGUF" => {
            return json(json!({
                "id": "ada/Newcomer-GGUF",
                "createdAt": "2026-11-28T08:00:00.000Z",
                "cardData": {"license": "other", "base_model": ["Qwen/Newcomer"]},
            }));
        }
        "/api/models/Qwen/Newcomer" => {
            return json(json!({
                "id": "Qwen/Newcomer",
                "createdAt": "2026-11-27T12:00:00.000Z",
                "cardData": {"license": "apache-2.0"},
            }));
        }
        _ => {}
    }
    let path = request
        .path
        .strip_prefix("/ada/Newcomer-GGUF/resolve/main/")?;
    let (_, recorded) = FILES.iter().find(|(name, _)| *name == path)?;
    let file = file(recorded);
    Some(match request.range() {
        Some((first, last)) => file.part(first, last),
        None => file.whole(),
    })
}

fn hub() -> Server {
    Server::start(|request| answer(request).unwrap_or_else(|| Reply::of(404, b"")))
}

fn asking(hub: &Server, args: &[&str]) -> Command {
    let mut asking = command(args);
    asking
        .env("HF_ENDPOINT", &hub.address)
        .env("NO_PROXY", "*")
        .env_remove("HF_TOKEN");
    asking
}

fn done(mut command: Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn said(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

fn json_of(command: Command) -> Value {
    serde_json::from_str(&done(command)).unwrap()
}

const MACHINE: [&str; 4] = ["--machine", "m4-max-128gb", "--format", "json"];
const CODE: [&str; 3] = ["recommend", "--task", "code"];
const GOOD: [&str; 4] = [
    "--score",
    "SWE-bench Verified=93",
    "--score",
    "SWE-bench Pro=85",
];

fn models(plan: &Value) -> Vec<&str> {
    let loadout = plan["loadout"].as_array().unwrap().iter();
    loadout.map(|e| e["model"].as_str().unwrap()).collect()
}

#[test]
fn it_is_sized_and_then_planned_with() {
    let hub = hub();
    let fit = json_of(asking(&hub, &[&["fit", MODEL], &MACHINE[..]].concat()));
    assert!(fit.to_string().contains("Q8_0"), "{fit}");
    let with = [&CODE[..], &["--with", MODEL], &GOOD, &MACHINE].concat();
    let plan = json_of(asking(&hub, &with));
    assert_eq!(models(&plan), [ID], "{}", plan["loadout"]);
    // All files of the repository are candidates.
    for variant in ["gguf-q4_k_m", "gguf-q8_0"] {
        let pin = format!("{ID}/{variant}");
        let with = [&CODE[..], &["--with", MODEL, "--pin", &pin], &MACHINE].concat();
        let pinned = json_of(asking(&hub, &with));
        assert_eq!(pinned["loadout"][0]["variant"], variant);
    }
    // What it is said to score decides: with poor scores it is not the answer.
    let poor = ["--score", "SWE-bench Verified=20"];
    let with = [&CODE[..], &["--with", MODEL], &poor, &MACHINE].concat();
    assert_ne!(models(&json_of(asking(&hub, &with))), [ID]);
}

#[test]
fn a_plan_is_told_what_it_would_change() {
    let hub = hub();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let path = path.to_str().unwrap();
    let before = [&CODE[..], &["--out", path], &MACHINE].concat();
    let before = json_of(asking(&hub, &before));
    let whatif = |more: &[&str]| {
        let args = ["whatif", path, "--new", MODEL, "--format", "json"];
        json_of(asking(&hub, &[&args[..], more].concat()))["scenarios"][0].clone()
    };
    // The same as asking anew with it.
    let with = [&CODE[..], &["--with", MODEL], &GOOD, &MACHINE].concat();
    let asked = json_of(asking(&hub, &with));
    let good = whatif(&GOOD);
    let variant = asked["loadout"][0]["variant"].as_str().unwrap();
    let added = format!("{ID}/{variant}");
    assert_eq!(good["added"], json!([added]), "{good}");
    let removed = good["removed"].as_array().unwrap();
    assert_eq!(removed.len(), models(&before).len());
    assert_eq!(
        good["answer"]["objective"],
        asked["optimality"]["objective"]
    );
    let poor = whatif(&["--score", "SWE-bench Verified=20"]);
    assert_eq!(poor["added"], json!([]));
    assert!(poor["new_model"]["why_not"]["tasks"].is_array());
}

#[test]
fn what_makes_no_sense_is_refused() {
    let hub = hub();
    let refused = |args: &[&str], words: &str| {
        let (code, text) = said(asking(&hub, args));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains(words) && text.contains("hint:"), "{text}");
    };
    let with =
        |more: &[&'static str]| [&CODE[..], &MACHINE[..2], &["--with", MODEL], more].concat();
    refused(
        &with(&["--score", "SWE-bench Verifed=70"]),
        "did you mean `SWE-bench Verified`",
    );
    refused(&with(&["--score", "SWE-bench Verified"]), "BENCHMARK=SCORE");
    refused(&with(&["--with", MODEL]), "already in the catalog");
    refused(
        &[&CODE[..], &["--score", "SWE-bench Pro=70"]].concat(),
        "`--score` is of one model",
    );
    refused(
        &[&CODE[..], &["--with", "hf:ada/Nothing"]].concat(),
        "ada/Nothing",
    );
}

fn own(hub: &Server, folder: &Path, args: &[&str]) -> Command {
    let mut asking = asking(hub, args);
    asking.env("XDG_CONFIG_HOME", folder);
    asking
}

fn shown(hub: &Server, folder: &Path, id: &str) -> Value {
    let args = ["catalog", "show", id, "--format", "json"];
    json_of(own(hub, folder, &args))["models"][0].clone()
}

#[test]
fn it_is_added_with_what_the_hub_says_edited_and_removed() {
    let hub = hub();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let told = done(own(&hub, at, &["catalog", "add", MODEL]));
    for variant in ["gguf-q4_k_m", "gguf-q8_0"] {
        assert!(told.contains(&format!("{ID}/{variant}")), "{told}");
    }
    assert!(
        told.contains("Missing: scores") && !told.contains("license"),
        "{told}"
    );
    let entry = at.join(format!("planner/catalog/{ID}.toml"));
    let text = fs::read_to_string(&entry).unwrap();
    // Those of the model that the files were made from, whose maker the catalog knows.
    for line in [
        "released = \"2026-11-27\"",
        "license = \"apache-2.0\"",
        "Qwen/Newcomer",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let kin = shown(&hub, at, "qwen3-coder-next");
    let maker = format!("publisher = {}", kin["publisher"]);
    assert!(text.contains(&maker), "{maker} in {text}");
    // Edited as the catalog's README says: tables are appended.
    let editor = at.join("editor.sh");
    let script = "#!/bin/sh\ncat >> \"$1\" <<END\n[[scores]]\nbenchmark = \"SWE-bench Pro\"\nscore = 85\nreporter = \"vendor\"\nreported_by = \"Qwen\"\nsource = \"its card\"\nEND\n";
    fs::write(&editor, script).unwrap();
    let mut edit = own(&hub, at, &["catalog", "edit", ID]);
    edit.env("VISUAL", format!("sh {}", editor.display()));
    done(edit);
    assert_eq!(shown(&hub, at, ID)["scores"][0]["score"], 85.0);
}

#[test]
fn a_broken_file_is_named_and_left_out_and_removed() {
    let hub = hub();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    done(own(&hub, at, &["catalog", "add", MODEL]));
    let broken = at.join("planner/catalog/broken.toml");
    fs::write(&broken, "id = \n").unwrap();
    let mut plan = own(&hub, at, &[&CODE[..], &MACHINE].concat());
    let output = plan.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && errors.contains("broken.toml"),
        "{errors}"
    );
    assert!(errors.contains("left out of the catalog"), "{errors}");
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(!models(&plan).is_empty());
    // What is whole beside it counts.
    assert_eq!(shown(&hub, at, ID)["id"], ID);
    let (code, errors) = said(own(&hub, at, &["catalog", "check"]));
    assert!(
        code == Some(1) && errors.contains("broken.toml"),
        "{errors}"
    );
    let doctor = own(&hub, at, &["doctor"]).output().unwrap();
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("broken.toml"));
    for id in ["broken", ID] {
        done(own(&hub, at, &["catalog", "remove", id]));
        let kept = at.join(format!("planner/catalog/{id}.toml.1"));
        assert!(kept.is_file() && !kept.with_extension("").exists());
        let (code, errors) = said(own(&hub, at, &["catalog", "remove", id]));
        assert!(
            code == Some(2) && errors.contains("no entry of"),
            "{errors}"
        );
    }
}
