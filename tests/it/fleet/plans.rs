//! Plans of fleets: against plans of their machines, and kept.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{plan, planner, stdout};

fn fleet(folder: &Path, nodes: &[(&str, &str)]) -> PathBuf {
    let path = folder.join("fleet.toml");
    let mut args = vec!["fleet".to_owned(), "init".to_owned()];
    for (n, (name, profile)) in nodes.iter().enumerate() {
        args.extend([
            "--node".to_owned(),
            format!("{name}={profile}@10.0.0.{}", n + 1),
        ]);
    }
    args.extend(["--out".to_owned(), path.to_str().unwrap().to_owned()]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    assert!(planner(&args).status.success());
    path
}

fn recommend(path: &Path, more: &[&str]) -> Value {
    let mut args = vec![
        "recommend",
        "--fleet",
        path.to_str().unwrap(),
        "--format",
        "json",
    ];
    args.extend_from_slice(more);
    serde_json::from_str(&stdout(&args)).unwrap()
}

/// The score is the best that any way to give each task to one machine comes to, each machine asked
/// alone.
#[test]
fn no_way_to_divide_tasks_among_machines_by_hand_is_better() {
    let folder = tempfile::tempdir().unwrap();
    let machines = ["mac-mini-m4-pro-64gb", "mac-mini-m4-pro-24gb"];
    let path = fleet(folder.path(), &[("a", machines[0]), ("b", machines[1])]);
    let tasks = ["code", "chat"];
    let alone = |machine: &str, tasks: &[&str]| {
        let mut args = vec!["--machine", machine];
        args.extend(tasks.iter().flat_map(|t| ["--task", t]));
        plan(&args)["optimality"]["objective"].as_f64().unwrap()
    };
    let mut by_hand = Vec::new();
    for (one, other) in [(0, 1), (1, 0)] {
        by_hand.push(alone(machines[one], &tasks));
        let apart = alone(machines[one], &tasks[..1]) + alone(machines[other], &tasks[1..]);
        by_hand.push(apart / 2.0);
    }
    let best = by_hand.iter().copied().fold(0.0, f64::max);
    let plan = recommend(&path, &["--task", "code", "--task", "chat"]);
    let found = plan["optimality"]["objective"].as_f64().unwrap();
    assert!((found - best).abs() < 3e-5, "{found} {by_hand:?}");
    assert_eq!(plan["optimality"]["status"], "optimal");
}

/// A node of a fleet is told of what to mind of loading a model as a machine is.
#[test]
fn what_to_mind_of_loading_is_told_as_on_one_machine() {
    let folder = tempfile::tempdir().unwrap();
    let path = fleet(folder.path(), &[("a", "m3-ultra-512gb")]);
    let loading = |plan: &Value| {
        let kinds = ["not_seen_to_load", "new_to_lm_studio"];
        let advice = plan["advice"].as_array().into_iter().flatten();
        let mut texts: Vec<String> = advice
            .filter(|a| kinds.iter().any(|kind| a["kind"] == *kind))
            .map(|a| a["text"].as_str().unwrap().to_owned())
            .collect();
        texts.sort();
        texts
    };
    let alone = plan(&["--machine", "m3-ultra-512gb", "--task", "agent"]);
    let of_fleet = loading(&recommend(&path, &["--task", "agent"]));
    assert!(!of_fleet.is_empty());
    assert_eq!(of_fleet.len(), loading(&alone).len());
}

/// Whichever node is lost, each task that has to survive is served by what the plan says, and no
/// node holds more than it can.
#[test]
fn what_has_to_survive_does() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = [
        ("a", "m4-max-128gb"),
        ("b", "m4-max-64gb"),
        ("c", "mac-mini-m4-32gb"),
    ];
    let path = fleet(folder.path(), &nodes);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("survive = []", "survive = [\"chat\"]")).unwrap();
    let asked: [&[&str]; 2] = [&[], &["--survive", "1"]];
    for (more, survive) in asked.into_iter().zip([vec!["chat"], vec!["code", "chat"]]) {
        let mut args = vec!["--task", "code", "--task", "chat"];
        args.extend_from_slice(more);
        let plan = recommend(&path, &args);
        assert_eq!(plan["survive"], serde_json::json!(survive));
        let loadout = plan["loadout"].as_array().unwrap();
        for (lost, _) in nodes {
            let left = || loadout.iter().filter(|e| e["node"] != lost);
            for task in &survive {
                let on = |field: &str, e: &Value| {
                    let all = e[field].as_array();
                    all.is_some_and(|all| all.iter().any(|t| t == task))
                };
                assert!(
                    left().any(|e| on("tasks", e) || on("stands_by_for", e)),
                    "{plan}"
                );
            }
            let told = plan["losses"]
                .as_array()
                .unwrap()
                .iter()
                .find(|l| l["node"] == lost);
            for task in told
                .into_iter()
                .flat_map(|l| l["tasks"].as_array().unwrap())
            {
                let down = task["served_by"].as_array().unwrap().is_empty()
                    && task["taken_over_by"].is_null();
                assert_eq!(
                    down,
                    !survive.contains(&task["task"].as_str().unwrap()),
                    "{task}"
                );
            }
        }
        for node in plan["nodes"].as_array().unwrap() {
            assert!(node["headroom_bytes"].as_i64().unwrap() >= 0, "{node}");
        }
    }
}

#[test]
fn a_fleet_that_serves_not_all_says_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.toml");
    let small = "[[nodes]]\nname = \"b\"\nmemory = \"2GiB\"\nreserve = \"1GiB\"\n";
    let text = format!("[[nodes]]\nname = \"a\"\nprofile = \"m4-max-64gb\"\n{small}");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let asked = |more: &[&str]| {
        let mut args = vec!["recommend", "--fleet", path, "--task", "agent"];
        args.extend_from_slice(more);
        let output = planner(&args);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).unwrap()
    };
    let alone = asked(&["--survive", "1"]);
    assert!(alone.contains("agent can be served by a\n"), "{alone}");
    let nobody = asked(&["--min-tps", "5000"]);
    assert!(
        nobody.contains("agent can be served by no node"),
        "{nobody}"
    );
    let one = planner(&["recommend", "--task", "chat", "--fleet", "none.toml"]);
    assert_eq!(one.status.code(), Some(2));
}

/// Read by a person: would their owners believe them?
#[test]
fn plans_of_three_fleets() {
    let folder = tempfile::tempdir().unwrap();
    let mini = "mac-mini-m4-pro-64gb";
    let fleets: [(&str, &[(&str, &str)]); 3] = [
        (
            "two_512",
            &[
                ("studio-1", "m3-ultra-512gb"),
                ("studio-2", "m3-ultra-512gb"),
            ],
        ),
        (
            "512_and_256",
            &[
                ("studio-1", "m3-ultra-512gb"),
                ("studio-2", "m3-ultra-256gb"),
            ],
        ),
        (
            "four_minis",
            &[
                ("mini-1", mini),
                ("mini-2", mini),
                ("mini-3", mini),
                ("mini-4", mini),
            ],
        ),
    ];
    let asked: [(&str, &[&str]); 3] = [
        ("", &[]),
        ("_survive", &["--survive", "1"]),
        ("_streams", &["--streams", "12"]),
    ];
    for (name, nodes) in fleets {
        let path = fleet(folder.path(), nodes);
        for (what, more) in asked {
            let mut args = vec!["recommend", "--fleet", path.to_str().unwrap()];
            args.extend(["--task", "agent", "--task", "code", "--task", "chat"]);
            args.extend_from_slice(more);
            insta::assert_snapshot!(format!("{name}{what}"), stdout(&args));
        }
    }
}
