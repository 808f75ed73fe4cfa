//! Reasoning efforts: forced or chosen, told, and written where they can be set.

use std::fs;

use serde_json::{Value, json};

use crate::support::{loadout, plan, plan_or_none, planner, stdout};
use crate::turns::{agent_on, deciding, turn};

/// An effort that is forced is the plan's, and less of it is never slower or better.
#[test]
fn a_forced_effort_is_kept_and_shorter() {
    let at = |effort: &str| {
        let asked = ["--pin", "qwen3.8-27b/mlx-4bit", "--effort", effort];
        plan(&[&agent_on("m4-max-64gb")[..], &asked].concat())
    };
    let plans = ["off", "low", "medium", "max"].map(at);
    let seconds = plans.each_ref().map(|p| deciding(p, "turn"));
    let quality = plans
        .each_ref()
        .map(|p| p["loadout"][0]["quality"][0]["mean"].as_f64().unwrap());
    assert!(
        seconds.is_sorted() && seconds[0] < 0.7 * seconds[3],
        "{seconds:?}"
    );
    assert!(
        quality.is_sorted() && quality[0] + 2.0 < quality[3],
        "{quality:?}"
    );
    let efforts = plans
        .each_ref()
        .map(|p| p["loadout"][0]["efforts"][0]["effort"].clone());
    assert_eq!(efforts, ["off", "low", "medium", "default"]);
    let template = &plans[1]["loadout"][0]["efforts"][0]["template"];
    assert_eq!(
        *template,
        json!({"enable_thinking": true, "reasoning_effort": "low"})
    );
    // What never thinks has nothing to set; what always does is refused.
    let other = |model: &str| {
        let asked = ["--effort", "off", "--pin", model];
        plan(&[&agent_on("m3-ultra-512gb")[..], &asked].concat())
    };
    let coder = other("qwen3-coder-next/mlx-4bit");
    assert_eq!(turn(&coder)["effort"], "default");
    let refused = planner(&[
        "recommend",
        "--task",
        "agent",
        "--machine",
        "m3-ultra-512gb",
        "--effort",
        "off",
        "--explain",
    ]);
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(
        said.contains("thinks, and is not known to take the effort `off`"),
        "{said}"
    );
}

/// What the solver chooses is no worse than any effort that is forced on all.
#[test]
fn no_forced_effort_beats_the_choice() {
    let objective = |p: &Value| p["optimality"]["objective"].as_f64().unwrap();
    for (machine, task) in [
        ("m3-ultra-512gb", "code"),
        ("m4-max-64gb", "agent"),
        ("macbook-air-m4-16gb", "chat"),
        ("mac-mini-m4-24gb", "general"),
    ] {
        let base = ["--machine", machine, "--task", task];
        let free = objective(&plan(&base));
        for effort in ["off", "low", "medium", "high", "max", "default"] {
            let forced = plan_or_none(&[&base[..], &["--effort", effort]].concat());
            let forced = forced.as_ref().map_or(0.0, objective);
            assert!(
                forced <= free + 1e-9,
                "{machine} {task} {effort}: {forced} {free}"
            );
        }
    }
}

/// The plan with less effort is what `whatif` says of the plan without.
#[test]
fn whatif_tells_of_an_effort_what_recommend_answers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let path = path.to_str().unwrap();
    let base = [
        "--machine",
        "m4-max-64gb",
        "--task",
        "code",
        "--task",
        "chat",
    ];
    let saved = planner(&[&["recommend"], &base[..], &["--out", path]].concat());
    assert!(saved.status.success());
    let off = plan(&[&base[..], &["--effort", "off"]].concat());
    let varied = stdout(&["whatif", path, "--effort", "off", "--format", "json"]);
    let varied: Value = serde_json::from_str(&varied).unwrap();
    let answer = &varied["scenarios"][0]["answer"];
    let objective = |v: &Value| v.as_f64().unwrap();
    let apart = objective(&answer["objective"]) - objective(&off["optimality"]["objective"]);
    assert!(apart.abs() < 1e-9, "{apart}");
    let mut names: Vec<&str> = answer["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["variant"].as_str().unwrap())
        .collect();
    let mut asked = loadout(&off);
    names.sort_unstable();
    asked.sort_unstable();
    assert_eq!(names, asked);
}

/// What is emitted says what each task has to ask for, and sets what can be set.
#[test]
fn an_effort_reaches_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("plan.json");
    let saved = saved.to_str().unwrap();
    let asked = [
        "--pin",
        "qwen3.8-27b/gguf-q4_k_m",
        "--effort",
        "off",
        "--out",
        saved,
    ];
    let made = [&["recommend"], &agent_on("m4-max-64gb")[..], &asked].concat();
    assert!(planner(&made).status.success());
    let out = folder.path().join("out");
    let emitted = planner(&["emit", saved, "--out", out.to_str().unwrap()]);
    assert!(emitted.status.success());
    let read = |path: &str| fs::read_to_string(out.join(path)).unwrap();
    let readme = read("README.md");
    assert!(readme.contains("agent: thinking off"), "{readme}");
    let default: Value = serde_json::from_str(&read("lmstudio/defaults/qwen3.8-27b.json")).unwrap();
    let fields = default["operation"]["fields"].as_array().unwrap();
    let thinking = fields
        .iter()
        .find(|f| f["key"] == "llm.prediction.reasoning.enableThinking");
    assert_eq!(thinking.unwrap()["value"], false);
    assert!(
        read("engines/llama-server.ini")
            .contains("chat-template-kwargs = {\"enable_thinking\":false}")
    );
    assert!(read("clients/continue.yaml").contains("reasoning_effort: \"none\""));
    let opencode: Value = serde_json::from_str(&read("clients/opencode.json")).unwrap();
    let options = &opencode["provider"]["lmstudio"]["models"]["qwen3.8-27b"]["options"];
    assert_eq!(options["reasoningEffort"], "none");
}
