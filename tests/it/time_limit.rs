//! `--time-limit`: the program stops by then, and what it says of its answer holds.

use std::time::{Duration, Instant};

use crate::support::{plan, planner, stdout};

const ALL: [&str; 20] = [
    "--machine",
    "m3-ultra-512gb",
    "--models",
    "8",
    "--task",
    "agent",
    "--task",
    "chat",
    "--task",
    "code",
    "--task",
    "constrained",
    "--task",
    "general",
    "--task",
    "long-form",
    "--task",
    "quality",
    "--task",
    "reasoning",
];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut args = ALL.to_vec();
    args.extend(more);
    args
}

#[test]
fn without_time_the_answer_is_the_best_found_and_its_gap_holds() {
    let optimum = plan(&ALL)["optimality"]["objective"].as_f64().unwrap();
    for solver in ["search", "milp"] {
        let args = with(&["--time-limit", "0.000001", "--solver", solver]);
        let plan = plan(&args);
        let o = &plan["optimality"];
        let [objective, bound, gap] =
            ["objective", "bound", "gap"].map(|name| o[name].as_f64().unwrap());
        assert_eq!(o["status"], "best_found", "{solver}");
        assert!(objective <= optimum && optimum <= bound, "{o}");
        assert!((bound - objective - gap).abs() < 1e-9 && gap > 0.0, "{o}");
        let mut text = vec!["recommend"];
        text.extend(args);
        let text = stdout(&text);
        assert!(text.contains("best found, gap <= 0.0"), "{text}");
    }
}

#[test]
fn the_integer_program_keeps_to_the_limit() {
    // Alone it takes minutes for its runners-up.
    let began = Instant::now();
    let plan = plan(&with(&["--time-limit", "2", "--solver", "milp"]));
    let took = began.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    let status = plan["optimality"]["status"].as_str().unwrap();
    assert!(["optimal", "best_found"].contains(&status), "{status}");
}

#[test]
fn a_request_that_nothing_meets_is_not_explained_without_proof() {
    let args = with(&[
        "--time-limit",
        "0.000001",
        "--min-tps",
        "9999",
        "--format",
        "json",
    ]);
    let mut all = vec!["recommend"];
    all.extend(args);
    let output = planner(&all);
    assert_eq!(output.status.code(), Some(1));
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(plan["optimality"]["status"], "nothing_found");
    assert!(plan["infeasible"].is_null());
}
