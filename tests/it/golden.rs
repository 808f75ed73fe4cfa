//! Whole plans on fixed machines, read by a person and kept.

use crate::support::{plan, rounds, stdout};

/// Large, middling, small and smallest; and no Mac at all would be this machine's own business.
const MACHINES: [&str; 4] = [
    "m3-ultra-512gb",
    "m4-max-128gb",
    "m4-max-64gb",
    "macbook-air-m4-16gb",
];

/// The plan without what differs from run to run.
fn lasting(mut plan: serde_json::Value) -> serde_json::Value {
    plan["optimality"]["seconds"] = 0.into();
    plan
}

/// The text without the time of the solve.
fn lasting_text(text: &str) -> String {
    text.lines()
        .map(|line| match line.rsplit_once(", ") {
            Some((head, tail)) if tail.trim_end().ends_with(" ms") => format!("{head}, TIME"),
            _ => line.trim_end().to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn one_task_and_two_on_each_machine() {
    for machine in MACHINES {
        for tasks in [
            &["--task", "code"][..],
            &["--task", "code=2", "--task", "general"][..],
        ] {
            let mut args = vec!["recommend", "--details", "--machine", machine];
            args.extend_from_slice(tasks);
            let name = format!(
                "{machine}_{}",
                if tasks.len() > 2 {
                    "code_general"
                } else {
                    "code"
                }
            );
            insta::assert_snapshot!(name, lasting_text(&stdout(&args)));
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let args = [
        "--machine",
        "m3-ultra-512gb",
        "--task",
        "code",
        "--task",
        "general",
        "--task",
        "chat",
    ];
    let (first, second) = (lasting(plan(&args)), lasting(plan(&args)));
    assert_eq!(first.to_string(), second.to_string());
}

#[test]
fn both_solvers_give_the_same_plan() {
    // The integer program takes seconds on the largest.
    for machine in &MACHINES[rounds(3, 0) as usize..] {
        let args = ["--machine", machine, "--task", "code", "--task", "general"];
        let by = |solver: &str| {
            let mut all = args.to_vec();
            all.extend(["--solver", solver]);
            plan(&all)
        };
        let (search, milp) = (by("search"), by("milp"));
        assert_eq!(search["loadout"], milp["loadout"], "{machine}");
        assert_eq!(
            search["optimality"]["objective"], milp["optimality"]["objective"],
            "{machine}"
        );
    }
}

#[test]
fn a_plan_keeps_to_its_schema() {
    let schema: serde_json::Value = serde_json::from_str(&stdout(&["schema", "plan"])).unwrap();
    let shipped: serde_json::Value =
        serde_json::from_str(include_str!("../../schemas/plan.json")).unwrap();
    assert_eq!(
        schema, shipped,
        "write it anew: planner schema plan > schemas/plan.json"
    );
    let validator = jsonschema::validator_for(&schema).unwrap();
    for machine in MACHINES {
        let plan = plan(&["--machine", machine, "--task", "code"]);
        let errors: Vec<String> = validator
            .iter_errors(&plan)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{machine}: {errors:?}");
    }
}
