//! Plans that earlier versions saved: each command that starts from one works with it, or refuses it
//! by name with what to do.

use std::path::PathBuf;

use crate::support::{planner, stdout};

fn saved(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/plans");
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn old_plans_with_models_are_explained_varied_and_emitted() {
    for name in ["two-tasks.json", "campaign.json", "concurrent.json"] {
        let plan = saved(name);
        let text = std::fs::read_to_string(&plan).unwrap();
        let old: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(old["schema"], 1, "{name} is of an earlier shape");
        let explained = json(&["explain", &plan]);
        assert!(
            !explained["loadout"].as_array().unwrap().is_empty(),
            "{name}"
        );
        let varied = json(&["whatif", &plan, "--slots", "1"]);
        assert_eq!(varied["scenarios"].as_array().unwrap().len(), 1, "{name}");
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("files");
        let emitted = planner(&["emit", &plan, "--out", out.to_str().unwrap()]);
        let errors = String::from_utf8_lossy(&emitted.stderr);
        assert_eq!(emitted.status.code(), Some(0), "{name}: {errors}");
        let manifest = std::fs::read_to_string(out.join("manifest.json")).unwrap();
        for entry in old["loadout"].as_array().unwrap() {
            let model = entry["model"].as_str().unwrap();
            assert!(manifest.contains(model), "{name}: {model}");
        }
    }
}

#[test]
fn an_old_plan_without_models_is_refused_by_name() {
    let plan = saved("infeasible.json");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("files");
    for args in [
        &["explain", plan.as_str()][..],
        &["emit", plan.as_str(), "--out", out.to_str().unwrap()],
        &["verify", plan.as_str()],
    ] {
        let output = planner(&[args, &["--format", "json"]].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
        let (error, hint) = (
            said["error"].as_str().unwrap(),
            said["hint"].as_str().unwrap(),
        );
        assert!(
            error.contains("no models") || error.contains("no loadout"),
            "{args:?}: {error}"
        );
        assert!(hint.contains("planner recommend"), "{args:?}: {hint}");
    }
}

/// What a newer version adds is left alone; a newer shape is refused by its number.
#[test]
fn unknown_fields_are_ignored_and_unknown_shapes_are_not() {
    let text = std::fs::read_to_string(saved("two-tasks.json")).unwrap();
    let mut plan: serde_json::Value = serde_json::from_str(&text).unwrap();
    for place in ["", "/machine", "/request", "/loadout/0", "/limits"] {
        let fields = plan.pointer_mut(place).unwrap().as_object_mut().unwrap();
        fields.insert("of_a_newer_version".to_owned(), serde_json::json!(1));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    std::fs::write(&path, plan.to_string()).unwrap();
    json(&["explain", path.to_str().unwrap()]);
    plan["schema"] = serde_json::json!(99);
    std::fs::write(&path, plan.to_string()).unwrap();
    let refused = planner(&["explain", path.to_str().unwrap()]);
    let errors = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{errors}");
    assert!(
        errors.contains("version 99") && errors.contains("hint:"),
        "{errors}"
    );
}

fn json(args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&stdout(&[args, &["--format", "json"]].concat())).unwrap()
}

/// Another version of the same shape may know more fields, those of shapes that people write among
/// them.
#[test]
fn fields_that_another_version_added_are_passed_over() {
    let text = std::fs::read_to_string(saved("two-tasks.json")).unwrap();
    let mut plan: serde_json::Value = serde_json::from_str(&text).unwrap();
    let places = [
        "",
        "/machine",
        "/request",
        "/request/settings",
        "/request/tasks/0",
        "/request/tasks/0/profile",
        "/request/tasks/0/profile/weights",
        "/request/tasks/0/profile/scales",
        "/request/tasks/0/profile/floors",
        "/loadout/0",
        "/loadout/0/settings",
        "/loadout/0/memory",
        "/loadout/0/ledger/0",
        "/limits",
    ];
    for place in places {
        let fields = plan.pointer_mut(place).and_then(|p| p.as_object_mut());
        let fields = fields.unwrap_or_else(|| panic!("{place} is no object"));
        fields.insert("of_tomorrow".to_owned(), serde_json::json!({"a": [1]}));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    std::fs::write(&path, plan.to_string()).unwrap();
    let newer = json(&["explain", path.to_str().unwrap()]);
    assert_eq!(
        newer["loadout"],
        json(&["explain", &saved("two-tasks.json")])["loadout"]
    );
}
