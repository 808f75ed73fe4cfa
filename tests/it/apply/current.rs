//! `recommend --current` and `status --score`: what is loaded beside the best plan.

use std::collections::BTreeSet;

use planner::catalog::Catalog;
use serde_json::{Value, json};

use super::{mess, stranger};
use crate::studio::{KEYS, Loaded, Studio, gguf, loaded, planned, words};
use crate::support::{plan, rounds, shipped_schema};

/// The study's question.
const ASKED: [&str; 8] = [
    "--campaign",
    "llm-mac-512",
    "--task",
    "code",
    "--task",
    "general",
    "--machine",
    "m3-ultra-512gb",
];

fn current(studio: &Studio, asked: &[&str], more: &[&str]) -> Value {
    let all = [&["recommend", "--current", "--format", "json"], asked, more].concat();
    let output = studio.planner(&all);
    assert!(output.status.success(), "{}", words(&output));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema = shipped_schema("current");
    assert!(jsonschema::is_valid(&schema, &answer), "{answer:#}");
    answer
}

fn text(studio: &Studio, asked: &[&str], width: usize) -> String {
    let mut command = studio.command(env!("CARGO_BIN_EXE_planner"));
    command.args([&["recommend", "--current"], asked].concat());
    let output = command.env("COLUMNS", width.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let widest = text.lines().map(|l| l.chars().count()).max().unwrap();
    assert!(widest <= width, "{widest} columns of {width}:\n{text}");
    assert!(width < 80 || text.lines().count() <= 24, "{text}");
    text
}

fn steps(answer: &Value) -> BTreeSet<(String, String)> {
    let rows = answer.as_array().unwrap().iter();
    let word = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    rows.map(|row| (word(row, "action"), word(row, "identifier")))
        .collect()
}

/// Whatever is loaded: the steps are those that `apply` says it would do, and once they are done
/// nothing is to change.
#[test]
fn its_steps_are_those_of_apply_and_then_nothing_is_to_change() {
    let befores: [Loaded; 4] = [
        vec![],
        vec![stranger()],
        mess(),
        vec![loaded("minimax-m2.1", KEYS[0], 65_536, 4)],
    ];
    for before in befores {
        let studio = Studio::new();
        studio.load(&before);
        let path = studio.path("plan.json");
        let path = path.to_str().unwrap();
        let answer = current(&studio, &ASKED, &["--out", path]);
        assert_eq!(answer["standing"]["verdict"], "worse", "{before:?}");
        let dry = [
            "apply",
            path,
            "--any-machine",
            "--dry-run",
            "--format",
            "json",
        ];
        let dry = studio.planner(&dry);
        let dry: Value = serde_json::from_slice(&dry.stdout).unwrap();
        assert_eq!(
            steps(&answer["steps"]),
            steps(&dry["changes"]),
            "{before:?}"
        );
        assert_eq!(answer["downloads"], json!([]));
        for width in [60, 80, 160] {
            let text = text(&studio, &ASKED, width);
            assert!(text.contains("load"), "{text}");
        }
        assert!(studio.changes().is_empty(), "nothing is done");
        let done = studio.planner(&["apply", path, "--any-machine", "--yes"]);
        assert!(done.status.success(), "{}", words(&done));
        assert_eq!(studio.loaded(), planned());
        let after = current(&studio, &ASKED, &[]);
        assert_eq!(after["standing"]["verdict"], "best");
        assert!(
            steps(&after["steps"])
                .iter()
                .all(|(action, _)| action == "keep")
        );
        assert!(text(&studio, &ASKED, 80).starts_with("Nothing to change"));
    }
}

/// What is loaded is scored as a plan that has to load just that.
#[test]
fn what_is_loaded_has_the_figures_of_a_plan_that_loads_it() {
    let studio = Studio::new();
    studio.load(&[
        loaded("mine", KEYS[0], 49_152, 4),
        loaded("qwen3-coder-next", KEYS[1], 49_152, 4),
    ]);
    let answer = current(&studio, &ASKED, &[]);
    let same = plan(&[&ASKED[..], &["--context", "48k"]].concat());
    let standing = &answer["standing"];
    let objective = standing["objective"].as_f64().unwrap();
    let expected = same["optimality"]["objective"].as_f64().unwrap();
    assert!(
        (objective - expected).abs() < 2e-5,
        "{objective} {expected}"
    );
    for task in standing["tasks"].as_array().unwrap() {
        let serves = |e: &&Value| e["tasks"].as_array().unwrap().contains(&task["task"]);
        let entry = same["loadout"]
            .as_array()
            .unwrap()
            .iter()
            .find(serves)
            .unwrap();
        let of = |all: &Value| {
            let mut all = all.as_array().unwrap().iter();
            all.find(|one| one["task"] == task["task"]).unwrap().clone()
        };
        assert_eq!(task["now"]["quality"], of(&entry["quality"]));
        assert_eq!(task["now"]["turn"], of(&entry["speed"]["turns"]));
        assert_eq!(task["now"]["context"], 49_152);
    }
    // The same files under another name are not loaded again for that, but for their context.
    let reload = ("reload".to_owned(), "mine".to_owned());
    assert!(
        steps(&answer["steps"]).contains(&reload),
        "{:#}",
        answer["steps"]
    );
    let status = ["status", "--score", "--task", "code", "--task", "general"];
    let status = [
        &status[..],
        &["--machine", "m3-ultra-512gb", "--format", "json"],
    ]
    .concat();
    let status = studio.planner(&status);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert!(
        jsonschema::is_valid(&shipped_schema("status"), &status),
        "{status:#}"
    );
    let free = [
        "--task",
        "code",
        "--task",
        "general",
        "--machine",
        "m3-ultra-512gb",
    ];
    assert_eq!(status["score"], current(&studio, &free, &[])["standing"]);
    let best = plan(&free)["optimality"]["objective"].clone();
    assert_eq!(status["score"]["best_objective"], best);
    // What to type next is of the same machine.
    assert_eq!(status["score"]["verdict"], "worse");
    let told = studio.planner(&[&["status", "--score"], &free[..]].concat());
    let told = words(&told)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let next = "`planner recommend --task code --task general --machine m3-ultra-512gb --current`";
    assert!(told.contains(next), "{told}");
}

#[test]
fn what_is_not_on_the_disk_is_downloaded_first() {
    let studio = Studio::new();
    let state = studio.state();
    let mut models = state.models();
    models.retain(|m| m["modelKey"] != KEYS[1]);
    state.set_models(&models);
    let answer = current(&studio, &ASKED, &[]);
    let catalog = Catalog::embedded().unwrap();
    let (_, variant) = catalog.find("qwen3-coder-next/gguf-q4_k_m").unwrap();
    let bytes = variant.unwrap().weights_bytes.0;
    assert_eq!(answer["download_bytes"], bytes);
    assert_eq!(
        answer["downloads"][0]["variant"],
        "qwen3-coder-next/gguf-q4_k_m"
    );
    let text = text(&studio, &ASKED, 80);
    assert!(
        text.contains("to download") && text.contains("planner get"),
        "{text}"
    );
}

/// A variant of the catalog as `lms ls` lists it.
fn installed(variant: &str) -> Value {
    let catalog = Catalog::embedded().unwrap();
    let (_, found) = catalog.find(variant).unwrap();
    let found = found.unwrap();
    let repository = found.repository.as_ref().unwrap();
    let repository = repository.strip_prefix("https://huggingface.co/").unwrap();
    let path = match &found.files {
        Some(files) => format!("{repository}/{}", files.replace('*', "1")),
        None => repository.to_owned(),
    };
    gguf(variant, &path, &found.quantization, found.weights_bytes.0)
}

/// A loadout that a plan calls as good within what is known: what is loaded stays.
#[test]
fn a_tie_is_no_reason_to_change() {
    let mut seen = 0;
    for machine in ["m4-max-128gb", "m3-ultra-512gb", "m4-max-64gb"] {
        for task in ["code", "general", "agent", "chat"] {
            let asked = ["--task", task, "--machine", machine];
            let found = plan(&asked);
            let ties = found["ties"].as_array().unwrap().iter();
            let of_one = ties.filter(|t| t["loadout"].as_array().unwrap().len() == 1);
            for tie in of_one.take(rounds(1, 100) as usize) {
                let one = &tie["loadout"][0];
                let id = |field: &str| one[field].as_str().unwrap();
                let variant = format!("{}/{}", id("model"), id("variant"));
                let studio = Studio::new();
                studio.state().set_models(&[installed(&variant)]);
                let context = one["context"].as_u64().unwrap();
                studio.load(&[loaded("mine", &variant, context, 4)]);
                let answer = current(&studio, &asked, &[]);
                let standing = &answer["standing"];
                assert_eq!(standing["verdict"], "tied", "{variant}: {standing:#}");
                for figure in ["difference", "error"] {
                    let both = [&standing[figure], &tie[figure]].map(|f| f.as_f64().unwrap());
                    assert!((both[0] - both[1]).abs() < 2e-5, "{variant}: {both:?}");
                }
                assert!(text(&studio, &asked, 80).starts_with("Nothing to change"));
                seen += 1;
            }
        }
    }
    assert!(seen > 2, "{seen}");
}
