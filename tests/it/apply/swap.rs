//! Plans kept by name, the way to them, and what is loaded in one line.

use super::words;
use crate::studio::{Studio, planned, two_models};

#[test]
fn a_plan_that_was_kept_is_swapped_to_and_back() {
    let studio = Studio::new();
    studio.load(&[super::stranger()]);
    // As `recommend --save` keeps it: under its name, in the user's data folder.
    let args = [
        "recommend",
        "--campaign",
        "llm-mac-512",
        "--task",
        "code",
        "--task",
        "general",
    ];
    let args = [&args[..], &["--machine", "m3-ultra-512gb", "--save", "day"]].concat();
    let made = studio.planner(&args);
    assert!(made.status.success(), "{}", words(&made));
    let listed = studio.planner(&["swap"]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout), "day\n");
    let none = studio.planner(&["swap", "dya"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(
        words(&none).contains("did you mean `day`"),
        "{}",
        words(&none)
    );
    let odd = studio.planner(&[
        "recommend",
        "--task",
        "code",
        "--machine",
        "m4-max-64gb",
        "--save",
        "a/b",
    ]);
    assert!(
        words(&odd).contains("can't be the name of a plan"),
        "{}",
        words(&odd)
    );
    let dry = studio.planner(&["swap", "day", "--dry-run", "--any-machine"]);
    assert!(words(&dry).contains("unload  stranger"), "{}", words(&dry));
    assert_eq!(studio.loaded().len(), 1, "a dry run changes nothing");
    // Nobody is there to be asked.
    let asked = studio.planner(&["swap", "day", "--any-machine"]);
    assert_eq!(asked.status.code(), Some(2), "{}", words(&asked));
    let done = studio.planner(&["swap", "day", "--yes", "--any-machine"]);
    assert!(done.status.success(), "{}", words(&done));
    assert_eq!(super::sorted(studio.loaded()), super::sorted(planned()));
    let undone = studio.planner(&["apply", "--undo", "--yes"]);
    assert!(words(&undone).contains("stranger"), "{}", words(&undone));
    assert_eq!(studio.loaded(), vec![super::stranger()]);
}

#[test]
fn the_status_fits_in_a_line() {
    let studio = Studio::new();
    let plan = studio.plan(&two_models());
    let short = |more: &[&str]| studio.planner(&[&["status", "--short"], more].concat());
    let empty = short(&[]);
    assert_eq!(
        String::from_utf8_lossy(&empty.stdout),
        "nothing loaded\n",
        "{}",
        words(&empty)
    );
    studio.load(&planned());
    let all = short(&[&plan]);
    let line = String::from_utf8_lossy(&all.stdout).into_owned();
    assert!(all.status.success() && line.lines().count() == 1, "{line}");
    assert!(
        line.contains("minimax-m2.1 64k") && line.contains("as planned"),
        "{line}"
    );
    studio.load(&[super::stranger()]);
    let drifted = short(&[&plan]);
    let line = String::from_utf8_lossy(&drifted.stdout).into_owned();
    assert_eq!(drifted.status.code(), Some(1));
    assert!(
        line.contains("stranger 8k; 1 change from the plan"),
        "{line}"
    );
}

/// Only what is on the disk is planned with, and the plan says so for whoever asks it again.
#[test]
fn what_is_on_the_disk_alone_is_planned_with() {
    let studio = Studio::new();
    let asked = [
        "recommend",
        "--task",
        "code",
        "--machine",
        "m3-ultra-512gb",
        "--format",
        "json",
    ];
    let made = studio.planner(&[&asked[..], &["--installed"]].concat());
    assert!(made.status.success(), "{}", words(&made));
    let plan: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let installed: Vec<String> =
        serde_json::from_value(plan["request"]["installed"].clone()).unwrap();
    assert!(
        installed
            .iter()
            .any(|name| name.starts_with("minimax-m2.1/")),
        "{installed:?}"
    );
    for name in crate::support::loadout(&plan) {
        assert!(installed.contains(&name), "{name} in {installed:?}");
    }
    let any: serde_json::Value = serde_json::from_slice(&studio.planner(&asked).stdout).unwrap();
    let score = |plan: &serde_json::Value| plan["optimality"]["objective"].as_f64().unwrap();
    assert!(any["request"]["installed"].is_null() && score(&any) >= score(&plan));
    let mut refused = plan["rejected"].as_array().unwrap().iter();
    assert!(refused.any(|r| r["reason"] == "not on the disk"));
    // Where nothing of it will do, that is said, and what would.
    let none = studio.planner(&[
        "recommend",
        "--task",
        "code",
        "--machine",
        "macbook-air-m4-16gb",
        "--installed",
    ]);
    assert_eq!(none.status.code(), Some(1));
    assert!(words(&none).contains("`--installed`"), "{}", words(&none));
}
