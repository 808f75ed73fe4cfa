//! What a recommendation keeps to: room in memory, models fit for the task, benchmarks of one line.

use std::fs;

use crate::support::{loadout, plan};

const M3_ULTRA: [&str; 2] = ["--machine", "m3-ultra-512gb"];

fn with(args: &[&str]) -> serde_json::Value {
    plan(&[&M3_ULTRA, args].concat())
}

fn score(plan: &serde_json::Value) -> f64 {
    plan["optimality"]["objective"].as_f64().unwrap()
}

fn share_taken(plan: &serde_json::Value) -> f64 {
    let bytes = |v: &serde_json::Value| v.as_f64().unwrap();
    bytes(&plan["totals"]["total_bytes"]) / bytes(&plan["limits"]["physical_bytes"])
}

#[test]
fn a_full_machine_is_passed_over_and_the_loadout_that_fills_it_is_named() {
    let request = ["--task", "quality"];
    let clear = with(&request);
    let full = with(&[&request[..], &["--fill"]].concat());
    assert!(share_taken(&full) > 0.83 && share_taken(&clear) < 0.825);
    assert!(score(&full) > score(&clear));
    let scope = &clear["optimality"]["scope"];
    assert_eq!(
        scope["objective_without_guard"],
        full["optimality"]["objective"]
    );
    assert!(full["optimality"]["scope"]["guard_bytes"].is_null());
    let advice = clear["advice"].as_array().unwrap();
    let told = advice.iter().find(|a| a["kind"] == "kept_clear").unwrap();
    let text = told["text"].as_str().unwrap();
    assert!(text.contains(&format!("{:.3}", score(&full))), "{text}");
    assert!(
        loadout(&full).iter().all(|name| text.contains(name)),
        "{text}"
    );
    assert_eq!(told["flags"], serde_json::json!(["--fill"]));
    let advice = full["advice"].as_array().unwrap();
    assert!(advice.iter().all(|a| a["kind"] != "kept_clear"));
}

/// A larger reserve leaves less to models, whatever else is asked for.
#[test]
fn more_reserve_never_fills_the_machine_more() {
    let requests: [(&str, &[&str]); 4] = [
        ("m3-ultra-512gb", &["--task", "quality"]),
        (
            "m3-ultra-512gb",
            &["--task", "code", "--task", "long-form", "--pin", "glm-4.6"],
        ),
        ("m4-max-128gb", &["--task", "code", "--task", "general"]),
        ("macbook-air-m4-16gb", &["--task", "chat"]),
    ];
    for (machine, request) in requests {
        let memory = plan(&[&["--machine", machine], request].concat());
        let taken = |p: &serde_json::Value| p["totals"]["total_bytes"].as_u64().unwrap();
        let reserve = memory["limits"]["reserve_bytes"].as_u64().unwrap();
        let mut before = (0, taken(&memory));
        for eighths in [4, 8, 9, 12, 16] {
            let given = format!("{}MiB", (reserve >> 20) * eighths / 8);
            let args = [&["--machine", machine], request, &["--reserve", &given]].concat();
            let there = plan(&args);
            if before.0 > 0 {
                assert!(taken(&there) <= before.1, "{args:?}");
            }
            if eighths >= 8 {
                assert!(taken(&there) <= taken(&memory), "{args:?}");
            }
            before = (eighths, taken(&there));
        }
    }
}

/// mlx-lm 0.32.2 has no module for DeepSeek V4, and none that shares GLM-5.2's indexers.
#[test]
fn what_lm_studios_engine_does_not_load_is_in_no_plan() {
    let plan = with(&["--task", "code"]);
    let rejected = plan["rejected"].as_array().unwrap();
    for variant in ["glm-5.2/mlx-mxfp4", "deepseek-v4-flash/mlx-4bit"] {
        let why = rejected.iter().find(|r| r["variant"] == variant).unwrap();
        assert_eq!(why["kind"], "engine");
        assert!(why["reason"].as_str().unwrap().contains("not to load"));
    }
}

#[test]
fn a_pinned_model_that_serves_nothing_gets_a_context_to_work_with() {
    let plan = with(&[
        "--task",
        "general",
        "--pin",
        "minimax-m2.1",
        "--pin",
        "gpt-oss-20b",
    ]);
    let pinned = plan["loadout"].as_array().unwrap();
    let pinned = pinned.iter().find(|e| e["model"] == "gpt-oss-20b").unwrap();
    assert_eq!(pinned["tasks"].as_array().unwrap().len(), 0);
    assert_eq!(pinned["settings"]["context"], 65_536);
    assert_eq!(pinned["idle"], "others_serve");
    // Alone it serves.
    let plan = with(&["--task", "general", "--pin", "gpt-oss-20b"]);
    let tasks: Vec<_> = plan["loadout"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (&e["model"], &e["tasks"]))
        .collect();
    assert_eq!(
        tasks,
        [(&"gpt-oss-20b".into(), &serde_json::json!(["general"]))]
    );
}

#[test]
fn agents_get_only_models_that_call_tools() {
    // The publisher of Gemma 3 does not say that it was trained to.
    let refused = |task: &str| {
        let plan = with(&["--task", task]);
        let rejected = plan["rejected"].as_array().unwrap();
        let of = |r: &&serde_json::Value| {
            let variant = r["variant"].as_str().unwrap();
            variant.starts_with("gemma-3-27b/") && r["reason"].as_str().unwrap().contains("tools")
        };
        rejected.iter().filter(of).count()
    };
    assert!(refused("agent") > 0);
    assert_eq!(refused("general"), 0);
}

#[test]
fn a_successor_stands_in_for_the_benchmark_that_it_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = include_str!("../../profiles/tasks/agent.toml");
    let quality = |text: &str| {
        let file = folder.path().join("mine.toml");
        fs::write(&file, text).unwrap();
        let task = file.to_str().unwrap();
        let plan = with(&["--task", task, "--pin", "qwen3.8-27b", "--models", "1"]);
        let parts = plan["loadout"][0]["score"]["parts"].as_array().unwrap();
        let part = parts.iter().find(|p| p["utility"] == "quality").unwrap();
        part["figure"].as_f64().unwrap()
    };
    // Qwen3.8 27B publishes SWE-bench Pro, and not what it replaced.
    let as_successors = quality(shipped);
    let apart: String = shipped
        .lines()
        .filter(|l| !l.starts_with("successor_of"))
        .map(|l| format!("{l}\n"))
        .collect();
    assert!(quality(&apart) < as_successors - 0.05);
    let unknown = shipped.replace(
        "successor_of = \"SWE-bench Verified\"",
        "successor_of = \"SWE\"",
    );
    let file = folder.path().join("unknown.toml");
    fs::write(&file, unknown).unwrap();
    let out = crate::support::planner(&["recommend", "--task", file.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("the successor of `SWE`"));
}

#[test]
fn weights_that_overflow_or_vanish_are_refused() {
    for (tasks, lost) in [
        (["code=1e308", "chat=1e308"], "weight 1e308 of task `code`"),
        (["code=1", "chat=1e-9"], "weight 1e-9 of task `chat`"),
    ] {
        let args = ["recommend", "--task", tasks[0], "--task", tasks[1]];
        let out = crate::support::planner(&args);
        let error = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{error}");
        assert!(error.contains(lost) && error.contains("hint: "), "{error}");
    }
}
