//! What `whatif` says of a change is what the change does.

use std::path::Path;

use crate::support::{plan, planner, stdout};

const BASE: [&str; 4] = ["--task", "code", "--machine", "m3-ultra-512gb"];

fn saved(folder: &Path) -> String {
    saved_with(folder, &[])
}

fn saved_with(folder: &Path, more: &[&str]) -> String {
    let path = folder.join("plan.json").to_str().unwrap().to_owned();
    let mut args = vec!["recommend"];
    args.extend(BASE);
    args.extend(more);
    args.extend(["--out", &path]);
    assert!(planner(&args).status.success());
    path
}

fn json(args: &[&str]) -> serde_json::Value {
    let mut all = args.to_vec();
    all.extend(["--format", "json"]);
    serde_json::from_str(&stdout(&all)).unwrap()
}

#[test]
fn a_change_that_leaves_the_models_still_tells_what_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(folder.path());
    let text = stdout(&["whatif", &path, "--kv-type", "q8_0"]);
    let mut args = BASE.to_vec();
    args.extend(["--kv-type", "q8_0"]);
    let bytes = plan(&args)["totals"]["gpu_total_bytes"].as_u64().unwrap();
    let memory = planner::units::Bytes(bytes).both();
    assert!(
        text.contains(&format!("GPU memory: {memory} instead of")),
        "{text}"
    );
    assert!(!text.contains("no difference"), "{text}");
    let same = stdout(&["whatif", &path, "--models", "8"]);
    assert!(same.contains("no difference"), "{same}");
}

#[test]
fn changes_together_are_what_recommend_says_to_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(folder.path());
    let changes = [
        "--context",
        "64k",
        "--reserve",
        "60GiB",
        "--kv-type",
        "q8_0",
    ];
    let mut asked = vec!["whatif", &path, "--together"];
    asked.extend(changes);
    let answer = json(&asked);
    let scenarios = answer["scenarios"].as_array().unwrap();
    assert_eq!(scenarios.len(), 1);
    let mut args = BASE.to_vec();
    args.extend(changes);
    let there = plan(&args);
    let told = &scenarios[0]["answer"];
    assert_eq!(told["objective"], there["optimality"]["objective"]);
    assert_eq!(told["gpu_total_bytes"], there["totals"]["gpu_total_bytes"]);
    assert_eq!(told["headroom_bytes"], there["headroom_bytes"]);
}

#[test]
fn a_new_model_has_its_score_its_place_and_its_distance() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved_with(folder.path(), &["--models", "1"]);
    let new = "made-up,weights=200GB,tps=15,like=glm-4.6";
    let answer = json(&["whatif", &path, "--new", new]);
    let standing = &answer["scenarios"][0]["new_model"];
    let place = &standing["tasks"][0];
    let why_not = &standing["why_not"];
    assert_eq!(
        (&place["task"], why_not["variants"] == serde_json::json!([])),
        (&"code".into(), true)
    );
    assert!(
        place["place"].as_u64().unwrap() > 1 && place["of"].as_u64() >= place["place"].as_u64()
    );
    // One task and one model: the loadout with it scores what it scores.
    let [score, best, distance] = [
        place["score"].as_f64().unwrap(),
        why_not["best_with_objective"].as_f64().unwrap(),
        why_not["standing"]["difference"].as_f64().unwrap(),
    ];
    let current = answer["current"]["objective"].as_f64().unwrap();
    assert!(
        distance < 0.0 && (best - current - distance).abs() < 1e-9,
        "{standing}"
    );
    assert!(best >= score - 1e-4, "{standing}");
    let text = stdout(&["whatif", &path, "--new", new]);
    assert!(
        text.contains(" models\n") && text.contains("in which it does scores"),
        "{text}"
    );
    // A known name is not silently replaced.
    let taken = planner(&[
        "whatif",
        &path,
        "--new",
        "glm-4.6,weights=60GB,like=glm-4.6",
    ]);
    assert_eq!(taken.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&taken.stderr).contains("is already in the catalog"));
}

#[test]
fn a_context_that_nothing_meets_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(folder.path());
    let text = stdout(&["whatif", &path, "--context", "4k"]);
    assert!(
        text.contains("nothing meets this, whatever else is given up"),
        "{text}"
    );
    assert!(text.contains("--context 32768"), "{text}");
}

#[test]
fn machines_show_the_speed_that_recommend_shows() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(folder.path());
    let answer = json(&["whatif", &path, "--machines"]);
    let rows = answer["machines"].as_array().unwrap();
    let own = rows.iter().find(|r| r["id"] == "m3-ultra-512gb").unwrap();
    let speed = &plan(&BASE)["loadout"][0]["speed"];
    for name in ["decode_tokens_per_second", "basis", "low", "high"] {
        assert_eq!(own["slowest"][name], speed[name], "{name}");
    }
}
