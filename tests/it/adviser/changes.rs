//! A what-if is what recommend says to the change; several models at once.

use planner::advise::explain::WeightRange;
use planner::task::Utility;

use crate::support::{loadout, plan, planner};
use crate::world::{World, request, reweighed, served};

#[test]
fn a_what_if_is_what_recommend_says_to_the_change() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("plan.json");
    let saved = saved.to_str().unwrap();
    let base = [
        "--task",
        "code",
        "--task",
        "general",
        "--machine",
        "m4-max-128gb",
    ];
    let mut args = base.to_vec();
    args.extend(["--out", saved]);
    let mut all = vec!["recommend", "--format", "json"];
    all.extend(&args);
    assert!(planner(&all).status.success());
    let changes = [
        ["--context", "64k"],
        ["--kv-type", "q8_0"],
        ["--wired-limit", "112GiB"],
        ["--models", "1"],
        ["--slots", "1"],
        ["--memory", "64GiB"],
        ["--machine", "m3-ultra-512gb"],
    ];
    for change in changes {
        let output = planner(&["whatif", saved, "--format", "json", change[0], change[1]]);
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let told = &answer["scenarios"][0]["answer"];
        let mut args: Vec<&str> = base.to_vec();
        if change[0] == "--machine" {
            args.truncate(4);
        }
        args.extend(change);
        let there = plan(&args);
        assert_eq!(
            told["objective"], there["optimality"]["objective"],
            "{change:?}"
        );
        assert_eq!(
            told["members"].as_array().unwrap().len(),
            loadout(&there).len()
        );
        assert_eq!(
            told["headroom_bytes"], there["headroom_bytes"],
            "{change:?}"
        );
    }
    let output = planner(&[
        "whatif",
        saved,
        "--format",
        "json",
        "--new",
        "made-up,weights=30GB,tps=95,like=qwen3.8-27b",
    ]);
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let made_up = |m: &&serde_json::Value| m["variant"] == "made-up/given";
    let members = answer["scenarios"][0]["answer"]["members"]
        .as_array()
        .unwrap();
    let found = members
        .iter()
        .find(made_up)
        .expect("a small and fast one is taken");
    assert_eq!(found["decode_tokens_per_second"], 95.0);
    let output = planner(&[
        "whatif",
        saved,
        "--format",
        "json",
        "--machines",
        "--price",
        "m4-max-128gb=4200",
    ]);
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = answer["machines"].as_array().unwrap();
    let own = rows.iter().find(|r| r["id"] == "m4-max-128gb").unwrap();
    assert_eq!(
        (own["runs_the_loadout"].as_bool(), own["price"].as_f64()),
        (Some(true), Some(4200.0))
    );
    assert!(
        rows.iter()
            .filter(|r| r["id"] != "m4-max-128gb")
            .all(|r| r["price"].is_null())
    );
    let smallest = answer["smallest_machine"].as_str().unwrap();
    let small = rows.iter().find(|r| r["id"] == smallest).unwrap();
    let runs = rows.iter().filter(|r| r["runs_the_loadout"] == true);
    assert!(
        runs.into_iter()
            .all(|r| r["memory_bytes"].as_u64() >= small["memory_bytes"].as_u64())
    );
}

#[test]
fn explanations_and_what_ifs_keep_to_their_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("plan.json");
    let saved = saved.to_str().unwrap();
    let made = planner(&[
        "recommend",
        "--task",
        "code",
        "--task",
        "general",
        "--machine",
        "m4-max-64gb",
        "--out",
        saved,
    ]);
    assert!(made.status.success());
    let shipped = [
        (
            "explain",
            include_str!("../../../schemas/explain.json"),
            vec!["explain", saved, "--why-not", "minimax-m2.1"],
        ),
        (
            "whatif",
            include_str!("../../../schemas/whatif.json"),
            vec!["whatif", saved],
        ),
    ];
    for (name, shipped, mut args) in shipped {
        let schema: serde_json::Value =
            serde_json::from_slice(&planner(&["schema", name]).stdout).unwrap();
        let shipped: serde_json::Value = serde_json::from_str(shipped).unwrap();
        assert_eq!(
            schema, shipped,
            "write it anew: planner schema {name} > schemas/{name}.json"
        );
        args.extend(["--format", "json"]);
        let answer: serde_json::Value = serde_json::from_slice(&planner(&args).stdout).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&answer)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn models_at_once_share_the_bandwidth_and_may_be_planned_for() {
    let world = World::new("m3-ultra-512gb");
    let mut request = request(&["code", "general", "quality"]);
    let alone = world.plan(&request);
    let told = alone
        .concurrency
        .as_ref()
        .expect("three models are told what they do at once");
    assert_eq!(told.streams.len(), alone.loadout.len());
    assert_eq!(told.streams.iter().map(|s| s.tasks).sum::<usize>(), 3);
    let n = 3.0;
    for s in &told.streams {
        let fair = s.alone_tokens_per_second / n;
        assert!(s.together_tokens_per_second >= fair - 1e-9, "{s:?}");
        assert!(
            s.together_tokens_per_second <= s.alone_tokens_per_second,
            "{s:?}"
        );
    }
    // As many streams as tasks, however many models serve them.
    request.concurrent = true;
    let together = world.plan(&request);
    for entry in &together.loadout {
        let told = together.concurrency.as_ref().unwrap();
        let name = format!("{}/{}", entry.model, entry.variant);
        let stream = told.streams.iter().find(|s| s.variant == name).unwrap();
        let counted = entry.speed.as_ref().unwrap().decode_tokens_per_second;
        assert!((counted - stream.together_tokens_per_second).abs() < 1e-9);
    }
    let explained = world.explain(&together, None);
    assert!(explained.unchanged);
    assert!((explained.objective - together.optimality.objective).abs() < 1e-12);
    let single = {
        request.max_models = 1;
        world.plan(&request)
    };
    assert!(single.optimality.objective <= together.optimality.objective);
    assert!(together.optimality.objective <= alone.optimality.objective);
}

/// One file wins at one end of the range, another in the middle: an island that halving walks past.
#[test]
fn a_range_has_no_island_of_another_answer() {
    let world = World::new("mac-mini-m4-32gb");
    let mut request = request(&["quality", "constrained", "reasoning"]);
    for ((_, weight), given) in request.tasks.iter_mut().zip([2.0, 1.0, 2.0]) {
        *weight = given;
    }
    let plan = world.plan(&request);
    let answer = world.explain(&plan, None);
    let speed = |r: &&WeightRange| r.task == "reasoning" && r.utility == Some(Utility::Speed);
    let range = answer.weights.iter().find(speed).unwrap();
    // It ends where another answer begins, and no further.
    let above_at = range.above_at.unwrap();
    assert!(above_at - range.high < 0.0015, "{range:?}");
    let there = world.plan(&reweighed(&request, "reasoning", Some("speed"), above_at));
    assert_ne!(served(&there), served(&plan), "{range:?}");
    for n in 0..=16 {
        let place = range.low + (range.high - range.low) * f64::from(n) / 16.0;
        let there = world.plan(&reweighed(&request, "reasoning", Some("speed"), place));
        assert_eq!(served(&there), served(&plan), "{place}");
    }
}
