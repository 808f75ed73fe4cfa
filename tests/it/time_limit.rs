//! `--time-limit`: the program stops by then, and what it says of its answer holds.

use std::cell::Cell;

use planner::advise::recommend;
use planner::catalog::Catalog;
use planner::machine::{Machine, Profiles};
use planner::plan::document::Plan;
use planner::plan::request::Request;
use planner::scenario::Scenario;
use planner::solve::Method;
use planner::speed::SpeedModel;
use planner::task;

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
        assert!((bound - objective - gap).abs() < 1e-9 && gap >= 0.0, "{o}");
        let mut text = vec!["recommend", "--details"];
        text.extend(args);
        let text = stdout(&text);
        assert!(text.contains("best found, gap <= 0.0"), "{text}");
    }
}

/// Runners-up that are asked for.
const RUNNERS_UP: usize = 12;

/// Four tasks with many runners-up, and a clock that goes on by a microsecond with each
/// look: how many looks it took, and the plan.
fn recommended(method: Method, looks: u32) -> (Plan, u32) {
    let profiles = Profiles::embedded().unwrap();
    let machine = profiles.machine("m3-ultra-512gb").unwrap();
    let machine = Machine::from_profile(machine, &profiles.chips).unwrap();
    let catalog = Catalog::embedded().unwrap();
    let speed = SpeedModel::of(&catalog, &profiles.chips).unwrap();
    let all = task::embedded().unwrap();
    let tasks = ["agent", "chat", "code", "general"];
    let tasks = tasks.map(|id| (all[id].clone(), 1.0));
    let request = Request {
        max_models: 3,
        alternatives: RUNNERS_UP,
        method,
        time_limit_seconds: Some(f64::from(looks) * 1e-6),
        ..Request::new(tasks.to_vec())
    };
    let seen = Cell::new(0);
    let now = || {
        seen.set(seen.get() + 1);
        f64::from(seen.get()) * 1e-6
    };
    let scenario = Scenario::new(&catalog, &machine, &speed, &request);
    let plan = recommend(&scenario, &now).unwrap();
    (plan, seen.get())
}

#[test]
fn nothing_goes_on_once_the_limit_has_passed() {
    // It is looked at for each item and part before the search, and for each split in it: so the
    // first limit passes while that is prepared, the next on the way, the third while runners-up are
    // proven, and the last not at all.
    for (method, looks, status, all) in [
        (Method::Search, 100, "best_found", false),
        (Method::Search, 1_000, "best_found", false),
        (Method::Search, 8_500, "optimal", false),
        (Method::Search, 10_000, "optimal", true),
        (Method::Milp, 100, "best_found", false),
        (Method::Milp, 1_000, "best_found", false),
    ] {
        let (plan, seen) = recommended(method, looks);
        let said = serde_json::to_value(plan.optimality.status).unwrap();
        assert_eq!(said, status, "{looks} looks, {method:?}");
        assert!(!plan.loadout.is_empty(), "{looks} looks");
        let proven = plan.alternatives.iter().filter(|a| a.proven).count();
        assert_eq!(
            proven == RUNNERS_UP,
            all,
            "{looks} looks, {method:?}: {proven} of {seen}"
        );
        // The few more are those of what asks once more and is told at once.
        assert!(seen < looks + 50, "{seen} looks of {looks}, {method:?}");
    }
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
