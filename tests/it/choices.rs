//! What a recommendation keeps to: room in memory, models fit for the task, benchmarks of one line.

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
    let request = ["--task", "code", "--pin", "glm-5.1"];
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

/// No rule knows a model by its name: what decides names none of the catalog.
#[test]
fn no_rule_names_a_model() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalog = planner::catalog::Catalog::embedded().unwrap();
    let mut files = Vec::new();
    let deciding = [
        "advise", "memory", "plan", "quality", "scenario", "solve", "speed", "task",
    ];
    let mut folders: Vec<_> = deciding.iter().map(|f| root.join("src").join(f)).collect();
    folders.push(root.join("profiles/tasks"));
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs")
                || path.to_str().unwrap().contains("profiles/tasks")
            {
                files.push(path);
            }
        }
    }
    assert!(files.len() > 100, "{}", files.len());
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        // Tests inside a file stand at its end.
        let text = text.split("#[cfg(test)]").next().unwrap();
        let code = text.lines().map(str::trim_start);
        let code = code.filter(|l| !l.starts_with("//") && !l.starts_with('#'));
        for line in code {
            for model in &catalog.models {
                let named = line.contains(&format!("\"{}\"", model.id));
                assert!(!named, "{}: {line}", path.display());
            }
        }
    }
}

/// A model more in the catalog moves the score of no other, on any task.
#[test]
fn a_new_model_moves_no_other() {
    use crate::world::{World, request};
    use planner::scenario::{Pool, pool::Extent};
    let scores = |world: &World| {
        let request = request(&["code", "general", "chat", "agent"]);
        let scenario = world.scenario(&request);
        let pool = Pool::of(&scenario, Extent::Machine);
        let longest = pool.ladders.iter().map(|l| l.candidate(l.len() - 1));
        let of = longest.filter(|c| c.model.id != "newcomer");
        of.map(|c| (c.name(), c.settings.context, c.scores))
            .collect::<Vec<_>>()
    };
    let mut world = World::new("m4-max-128gb");
    let before = scores(&world);
    for of in ["qwen3.8-27b", "minimax-m2.1"] {
        let mut newcomer = world.catalog.model(of).unwrap().clone();
        newcomer.id = "newcomer".to_owned();
        for score in &mut newcomer.scores {
            score.score = (score.score + 10.0).min(99.0);
        }
        world.catalog.models.push(newcomer);
        assert!(scores(&world) == before, "{of}");
        world.catalog.models.pop();
    }
}

/// What completes code as it is typed, or embeds, converses with nobody, however good it looks.
#[test]
fn narrow_models_serve_no_task() {
    use crate::world::{World, request};
    use planner::catalog::schema::Model;
    use planner::plan::document::Rejected;
    fn named(world: &mut World) -> &mut Model {
        let mut models = world.catalog.models.iter_mut();
        models.find(|m| m.id == "qwen3.8-27b").unwrap()
    }
    for purpose in ["embedding", "autocomplete"] {
        let mut world = World::new("m4-max-64gb");
        world
            .catalog
            .models
            .retain(|m| m.id == "qwen3.6-27b" || m.id == "qwen3.8-27b");
        let model = named(&mut world);
        model.specialties = vec![purpose.to_owned()];
        for task in ["code", "chat", "general"] {
            let plan = world.plan(&request(&[task]));
            assert!(
                plan.loadout.iter().all(|e| e.model == "qwen3.6-27b"),
                "{purpose}, {task}"
            );
            // Some of its files are too large besides.
            let told =
                |r: &Rejected| r.variant.starts_with("qwen3.8-27b/") && r.reason.contains(purpose);
            assert!(plan.rejected.iter().any(told), "{purpose}, {task}");
        }
        // With another purpose beside it, it serves.
        let model = named(&mut world);
        model.specialties.push("code".to_owned());
        assert_eq!(
            world.plan(&request(&["code"])).loadout[0].model,
            "qwen3.8-27b"
        );
    }
}

/// A profile of an earlier version still plans; what is no longer read is told, and its weights
/// are not lost.
#[test]
fn a_profile_of_an_earlier_version_plans_and_is_told() {
    let older = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/older-code.toml");
    let plan = with(&["--task", older]);
    assert!(!loadout(&plan).is_empty());
    let weights = &plan["request"]["tasks"][0]["profile"]["weights"];
    let near = |name: &str, weight: f64| (weights[name].as_f64().unwrap() - weight).abs() < 1e-6;
    assert!(
        near("quality", 0.48 + 0.16 + 0.10 + 0.02) && near("memory", 0.02),
        "{weights}"
    );
    let advice = plan["advice"].as_array().unwrap();
    let told: Vec<&str> = advice
        .iter()
        .filter(|a| a["kind"] == "old_profile")
        .map(|a| a["text"].as_str().unwrap())
        .collect();
    for gone in [
        "precision",
        "specialty",
        "efficiency",
        "load_time",
        "successor_of",
        "specialists_in",
        "missing",
    ] {
        assert!(told.iter().any(|t| t.contains(gone)), "{gone}: {told:?}");
    }
    let shipped = with(&["--task", "code"]);
    let advice = shipped["advice"].as_array().unwrap();
    assert!(advice.iter().all(|a| a["kind"] != "old_profile"));
}

/// A profile names the weights that it cares for; what it leaves out weighs nothing.
#[test]
fn a_profile_need_not_name_every_weight() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let text = "id = \"mine\"\nsummary = \"Mine.\"\n[weights]\nquality = 1.0\n[[benchmarks]]\nname = \"GPQA-Diamond\"\nweight = 1.0\n";
    std::fs::write(&path, text).unwrap();
    let plan = with(&["--task", path.to_str().unwrap()]);
    let parts = plan["loadout"][0]["score"]["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0]["utility"], "quality");
}
