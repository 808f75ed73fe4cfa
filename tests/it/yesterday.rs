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
fn where_it_loses_that_is_said_with_what_it_would_have_to_score() {
    let hub = hub();
    let with = |score: &str| {
        let score = format!("SWE-bench Verified={score}");
        let more = ["--with", MODEL, "--score", &score, "--time-limit", "600"];
        json_of(asking(&hub, &[&CODE[..], &more, &MACHINE].concat()))
    };
    let poor = with("20");
    let advice = poor["advice"].as_array().unwrap().iter();
    let told: Vec<&Value> = advice.filter(|a| a["kind"] == "new_model").collect();
    let [told] = told.as_slice() else {
        panic!("{told:?}");
    };
    let text = told["text"].as_str().unwrap();
    assert!(
        text.starts_with(&format!("{ID} is not in the answer: ")),
        "{text}"
    );
    let (_, after) = text.split_once("; with ").expect(text);
    let needed: u32 = after.split(' ').next().unwrap().parse().unwrap();
    assert!(
        text.contains("on SWE-bench Verified (20 now) it would be"),
        "{text}"
    );
    // Just that is enough, and a point less is not.
    assert_eq!(models(&with(&needed.to_string())), [ID]);
    assert_ne!(models(&with(&(needed - 1).to_string())), [ID]);
    let screen = done(asking(
        &hub,
        &[
            &CODE[..],
            &MACHINE[..2],
            &["--with", MODEL, "--score", "SWE-bench Verified=20"],
        ]
        .concat(),
    ));
    assert!(screen.contains("is not in the answer"), "{screen}");
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
        let args = [&args[..], &["--time-limit", "600"]].concat();
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
    let needed = &poor["new_model"]["needed"][0];
    assert_eq!(
        (&needed["benchmark"], &needed["now"]),
        (&json!("SWE-bench Verified"), &json!(20.0))
    );
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
    refused(&with(&["--score", "SWE-bench Pro=170"]), "from 0 to 100");
    refused(&with(&["--score", "SWE-bench Pro=-5"]), "from 0 to 100");
    refused(&with(&["--score", "SWE-bench Pro=1e9"]), "from 0 to 100");
    let twice = ["--score", "SWE-bench Pro=50", "--score", "SWE-bench Pro=60"];
    refused(&with(&twice), "is given twice");
    let add = ["catalog", "add", MODEL, "--score", "SWE-bench Pro=170"];
    refused(&add, "from 0 to 100");
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
        "license = \"Apache-2.0\"",
        "Qwen/Newcomer",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    // Whichever mirror was asked, it is known by its own address, by which `get` finds it.
    let of = "repository = \"https://huggingface.co/ada/Newcomer-GGUF\"";
    assert_eq!(text.matches(of).count(), 2, "{text}");
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
fn an_editor_is_asked_for_first_and_leaves_nothing_where_nothing_was_added() {
    let hub = hub();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let catalog = at.join("planner/catalog");
    let edit = |editor: Option<&str>| {
        let mut edit = own(&hub, at, &["catalog", "edit", "qwen3-8b"]);
        edit.env_remove("VISUAL").env_remove("EDITOR");
        if let Some(editor) = editor {
            edit.env("EDITOR", editor);
        }
        said(edit)
    };
    let stub = catalog.join("qwen3-8b.toml");
    let (code, text) = edit(None);
    assert!(
        code == Some(2) && text.contains("no editor") && !stub.exists(),
        "{text}"
    );
    let (code, text) = edit(Some("true"));
    assert!(
        code == Some(0) && text.contains("nothing was added") && !stub.exists(),
        "{text}"
    );
    // Another file that is broken, or no text at all, is no hindrance.
    fs::create_dir_all(&catalog).unwrap();
    fs::write(catalog.join("broken.toml"), "id = \n").unwrap();
    fs::write(catalog.join("latin.toml"), b"name = \"caf\xe9\"\n").unwrap();
    let script = at.join("hide.sh");
    fs::write(&script, "#!/bin/sh\nprintf '[[scores]]\\nbenchmark = \"IFEval\"\\nscore = 50\\nreporter = \"unclear\"\\nreported_by = \"%s\"\\nsource = \"y\"\\n' \"$WHO\" >> \"$1\"\n").unwrap();
    let command = format!("env WHO=you sh {}", script.display());
    let (code, text) = edit(Some(&command));
    assert!(code == Some(0) && stub.exists(), "{text}");
    let named = ["broken.toml", "latin.toml"];
    assert!(named.iter().all(|name| text.contains(name)), "{text}");
    fs::remove_file(&stub).unwrap();
    let command = format!("env WHO=\u{202e}you sh {}", script.display());
    let (code, text) = edit(Some(&command));
    assert!(
        code == Some(2) && text.contains("invisible characters"),
        "{text}"
    );
}

#[test]
fn a_file_in_the_place_of_the_catalog_is_named() {
    let hub = hub();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("planner")).unwrap();
    fs::write(folder.path().join("planner/catalog"), "").unwrap();
    let list = own(&hub, folder.path(), &["catalog", "list", "qwen3-8b"]);
    let (code, text) = said(list);
    assert!(
        code == Some(0) && text.contains("is a file, and your catalog is a folder"),
        "{text}"
    );
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

/// The list of a repository with its files' sizes and digests, as the hub's API gives it.
fn listed(files: &[(&str, u64, Option<&str>)]) -> Value {
    let files = files.iter().map(|(path, size, oid)| {
        let mut file = json!({"type": "file", "oid": "0", "size": size, "path": path});
        if let Some(oid) = oid {
            file["lfs"] = json!({"oid": oid, "size": size, "pointerSize": 135});
        }
        file
    });
    files.collect()
}

const DIGEST: &str = "a3f5d1c0b2e49786a3f5d1c0b2e49786a3f5d1c0b2e49786a3f5d1c0b2e49786";

fn qwen_hub() -> Server {
    let gguf = file("qwen3.8b");
    Server::start(move |request| {
        let json = |value: Value| Reply::of(200, value.to_string().as_bytes());
        match request.path.as_str() {
            "/api/models/Qwen/Qwen3-8B-GGUF/tree/main?recursive=true" => json(listed(&[
                ("Qwen3-8B-Q8_0.gguf", gguf.length, Some(DIGEST)),
                ("README.md", 5, None),
            ])),
            "/api/models/mlx-community/Qwen3-8B-4bit/tree/main?recursive=true" => json(listed(&[
                ("model.safetensors", 4_607_835_474, Some(DIGEST)),
                ("config.json", 900, None),
            ])),
            "/api/models/mlx-community/Qwen3-8B-8bit/tree/main?recursive=true" => {
                json(listed(&[("README.md", 5, None)]))
            }
            "/Qwen/Qwen3-8B-GGUF/resolve/main/Qwen3-8B-Q8_0.gguf" => match request.range() {
                Some((first, last)) => gguf.part(first, last),
                None => gguf.whole(),
            },
            _ => Reply::of(404, b""),
        }
    })
}

#[test]
fn sizes_are_refreshed_from_the_hubs_own_list() {
    let hub = qwen_hub();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let ask = |args: &[&str]| {
        let all = [&["catalog", "refresh"], args, &["--format", "json"]].concat();
        json_of(own(&hub, at, &all))
    };
    let before = shown(&hub, at, "qwen3-8b");
    let found = ask(&["qwen3-8b/mlx-4bit"]);
    let row = &found["variants"][0];
    assert_eq!(
        (&row["changes"], &row["hub"]["bytes"]),
        (&json!(true), &json!(4_607_835_474_u64))
    );
    assert_eq!(row["hub"]["files"][0]["sha256"], DIGEST);
    assert_eq!(found["written"], Value::Null);
    assert_eq!(shown(&hub, at, "qwen3-8b"), before);
    let missing = ask(&["qwen3-8b/mlx-8bit"]);
    assert_eq!(missing["variants"][0]["changes"], false);
    assert!(
        missing["variants"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("no safetensors")
    );

    let written = ask(&["qwen3-8b/gguf-q8_0", "--write"]);
    let hub_has = &written["variants"][0]["hub"];
    let types = hub_has["tensor_types"].as_array().unwrap();
    assert!(
        types
            .iter()
            .any(|t| t["type"] == "q8_0" && t["tensors"].as_u64() > Some(100)),
        "{types:?}"
    );
    assert!(Path::new(written["written"].as_str().unwrap()).is_file());
    let after = shown(&hub, at, "qwen3-8b");
    let variant = |model: &Value| {
        let variants = model["variants"].as_array().unwrap().iter();
        variants
            .clone()
            .find(|v| v["id"] == "gguf-q8_0")
            .unwrap()
            .clone()
    };
    let now = variant(&after);
    assert_eq!(
        (&now["weights_bytes"], &now["size"]),
        (&hub_has["bytes"], &json!("exact"))
    );
    assert_eq!(now["sha256"], json!([DIGEST]));
    // What was entered before stays to be read.
    let notes = now["notes"].to_string();
    assert!(
        notes.contains(&format!(
            "Entered before as {}",
            variant(&before)["weights_bytes"]
        )),
        "{notes}"
    );
    assert_eq!(
        ask(&["qwen3-8b/gguf-q8_0"])["variants"][0]["changes"],
        false
    );

    // In a checkout, the file of the model itself, and nothing else in it.
    let copy = at.join("qwen3-8b.toml");
    let text = include_str!("../../catalog/qwen3-8b.toml");
    fs::write(&copy, text).unwrap();
    ask(&[
        "qwen3-8b/mlx-4bit",
        "--write",
        "--into",
        copy.to_str().unwrap(),
    ]);
    let changed = fs::read_to_string(&copy).unwrap();
    assert!(
        changed.contains("weights_bytes = 4_607_835_474"),
        "{changed}"
    );
    let gone = text.lines().filter(|line| !changed.contains(line)).count();
    assert!(gone <= 3, "{gone} lines are gone: {changed}");
    let schema = crate::support::shipped_schema("catalog-refresh");
    assert!(jsonschema::is_valid(&schema, &written));
    let other = at.join("other.toml");
    fs::write(&other, "id = \"other\"\n").unwrap();
    let args = [
        "catalog",
        "refresh",
        "qwen3-8b/mlx-4bit",
        "--write",
        "--into",
        other.to_str().unwrap(),
    ];
    let (code, text) = said(own(&hub, at, &args));
    assert!(
        code == Some(2) && text.contains("is not the catalog file of"),
        "{text}"
    );
}

#[test]
fn scores_that_the_repository_states_are_entered() {
    let text = "- dataset:\n    id: ScaleAI/SWE-bench_Pro\n  value: 61.3\n- dataset:\n    id: acme/other\n  value: 1\n";
    let hub = Server::start(move |request| match request.path.as_str() {
        "/api/models/Qwen/Newcomer/tree/main?recursive=true" => {
            let list = listed(&[(".eval_results/swe.yaml", text.len() as u64, None)]);
            Reply::of(200, list.to_string().as_bytes())
        }
        "/Qwen/Newcomer/resolve/main/.eval_results/swe.yaml" => Reply::of(200, text.as_bytes()),
        _ => answer(request).unwrap_or_else(|| Reply::of(404, b"")),
    });
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let told = done(own(&hub, at, &["catalog", "add", MODEL]));
    assert!(!told.contains("Missing: scores"), "{told}");
    let scores = shown(&hub, at, ID)["scores"].clone();
    assert_eq!(scores.as_array().unwrap().len(), 1);
    let (benchmark, score) = (&scores[0]["benchmark"], &scores[0]["score"]);
    assert_eq!((benchmark, score), (&json!("SWE-bench Pro"), &json!(61.3)));
    // What is given goes before.
    done(own(&hub, at, &["catalog", "remove", ID]));
    done(own(
        &hub,
        at,
        &["catalog", "add", MODEL, "--score", "SWE-bench Pro=70"],
    ));
    assert_eq!(shown(&hub, at, ID)["scores"][0]["score"], 70.0);
}
