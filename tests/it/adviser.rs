//! What the adviser says would change an answer is changed, and the answer asked for again.

use std::collections::BTreeSet;

use planner::advise::explain::WeightRange;
use planner::advise::why_not::{Flip, FlipKind};
use planner::machine::profile::WorkingSet;
use planner::memory::limits::Demand;
use planner::plan::{Plan, Request};
use planner::scenario::{Prepared, again};
use planner::solve::Deadline;
use planner::task::Utility;
use planner::units::Bytes;

use crate::support::{loadout, plan, planner};
use crate::world::{Serving, World, measured_at, names, request, reweighed, served, serving};

#[test]
fn a_saved_plan_holds_all_that_it_was_made_from() {
    let world = World::new("m4-max-64gb");
    let mut request = request(&["code", "general"]);
    request.min_tokens_per_second = Some(12.5);
    request.excludes = vec!["gpt-oss-120b".to_owned()];
    request.settings.slots = 2;
    let plan = world.plan(&request);
    let text = serde_json::to_string(&plan).unwrap();
    let read: Plan = serde_json::from_str(&text).unwrap();
    assert_eq!(again::request(&read), request);
    assert_eq!(again::machine(&read, &world.profiles.chips), world.machine);
    assert_eq!(world.plan(&again::request(&read)), plan);
}

#[test]
fn a_candidates_score_is_the_sum_of_its_parts() {
    let world = World::new("m3-ultra-512gb");
    let request = request(&["code", "general", "quality", "constrained"]);
    let scenario = world.scenario(&request);
    let pool = Prepared::once(&scenario).pool;
    assert!(pool.candidates.len() > 500);
    for c in &pool.candidates {
        for (t, ((task, _), score)) in request.tasks.iter().zip(&c.scores).enumerate() {
            if let Some(score) = score {
                assert_eq!(
                    score.to_bits(),
                    c.score(t, task).total.to_bits(),
                    "{}",
                    c.name()
                );
            }
        }
        assert_eq!(Demand::from(&c.ledger()), c.demand, "{}", c.name());
    }
}

#[test]
fn weights_keep_the_answer_as_far_as_is_said_and_no_further() {
    for (machine, tasks) in [
        ("m4-max-128gb", &["code", "general"][..]),
        ("m4-max-64gb", &["agent"]),
    ] {
        let world = World::new(machine);
        let request = request(tasks);
        let plan = world.plan(&request);
        let answer = world.explain(&plan, None);
        assert!(answer.unchanged && answer.loadout == names(&plan));
        let now = served(&plan);
        let mut changes = 0;
        for r in &answer.weights {
            let at = |value: f64| {
                let utility = r.utility.map(Utility::id);
                served(&world.plan(&reweighed(&request, &r.task, utility, value)))
            };
            for n in 0..=4 {
                let place = r.low + (r.high - r.low) * f64::from(n) / 4.0;
                assert_eq!(at(place), now, "{r:?} at {place}");
            }
            let sides = [
                (r.low, r.below_at, &r.below),
                (r.high, r.above_at, &r.above),
            ];
            for (edge, beyond, other) in sides {
                if let (Some(beyond), Some(other)) = (beyond, other) {
                    changes += 1;
                    assert_eq!(at(beyond), serving(other), "{r:?} at {beyond}");
                    assert!((beyond - edge).abs() <= 0.001 && serving(other) != now);
                }
            }
        }
        assert!(changes >= 4, "{changes}");
    }
}

#[test]
fn predicted_speeds_change_the_answer_where_is_said() {
    let world = World::new("m4-max-128gb");
    let plan = world.plan(&request(&["code", "general"]));
    let answer = world.explain(&plan, None);
    let mut changes = 0;
    for s in &answer.speeds {
        let at = |speed: f64| {
            names(&measured_at(&world, &s.variant, speed).plan(&again::request(&plan)))
        };
        let Some(edge) = s.changes_at_tokens_per_second else {
            assert_eq!(at(0.01), answer.loadout);
            continue;
        };
        changes += 1;
        assert_eq!(at(edge), s.loadout, "{s:?}");
        if s.in_loadout && edge.to_bits() == s.expected.to_bits() {
            continue; // A run as fast as expected changes it already.
        }
        let before = if s.in_loadout {
            edge + 0.11
        } else {
            edge - 0.11
        };
        assert_eq!(at(before), answer.loadout, "{s:?}");
    }
    assert!(changes > 0);
}

#[test]
fn each_change_that_would_bring_a_model_in_does() {
    let world = World::new("m4-max-128gb");
    let request = request(&["code", "general"]);
    let plan = world.plan(&request);
    let mut kinds = BTreeSet::new();
    // Models that weights and speeds would bring in, and a variant that more memory would.
    let unlimited = world.explain(&plan, None).memory.unwrap().unlimited_loadout;
    let larger = unlimited
        .iter()
        .find(|n| !names(&plan).contains(n))
        .unwrap();
    for model in [
        "qwen3.5-122b-a10b",
        "qwen3.6-35b-a3b",
        "qwen3.6-27b",
        "qwen3-coder-next",
        larger.as_str(),
    ] {
        let answer = world.explain(&plan, Some(model));
        let why = answer.why_not.unwrap();
        assert!(!why.tasks.is_empty(), "{model}");
        for flip in &why.flips {
            kinds.insert(flip.kind);
            let there = flipped(&world, &request, &plan, model, flip);
            assert_eq!(there, serving(&flip.loadout), "{model}: {flip:?}");
            assert!(
                serves(&serving(&flip.loadout), model) && !serves(&served(&plan), model),
                "{flip:?}"
            );
        }
    }
    let expected = [
        FlipKind::Room,
        FlipKind::Size,
        FlipKind::Speed,
        FlipKind::Weight,
    ];
    assert!(expected.iter().all(|k| kinds.contains(k)), "{kinds:?}");
}

/// Whether a model or variant serves a task.
fn serves(all: &Serving, model: &str) -> bool {
    let called = |n: &String| n == model || n.split('/').next() == Some(model);
    all.iter()
        .any(|(name, _, tasks)| called(name) && !tasks.is_empty())
}

/// The answer after a flip's change, made without the explanation's own machinery.
fn flipped(world: &World, request: &Request, plan: &Plan, model: &str, flip: &Flip) -> Serving {
    let quoted: Vec<&str> = flip.text.split('`').collect();
    let to = flip.to.unwrap_or(0.0);
    match flip.kind {
        FlipKind::Weight => {
            let utility = flip.text.split(' ').nth(3).unwrap();
            served(&world.plan(&reweighed(request, quoted[1], Some(utility), to)))
        }
        FlipKind::Share => served(&world.plan(&reweighed(request, quoted[1], None, to))),
        FlipKind::Speed => {
            let variant = flip.text.split(' ').next().unwrap();
            served(&measured_at(world, variant, to).plan(request))
        }
        FlipKind::Room => {
            let more = Bytes(Bytes::from_gib(1).share(to).mib_floor() << 20);
            let mut larger = World::new(&plan.machine.id);
            let set = larger.machine.gpu_working_set.take().unwrap();
            larger.machine.memory += more;
            larger.machine.gpu_working_set = Some(WorkingSet {
                bytes: set.bytes + more,
                ..set
            });
            served(&larger.plan(request))
        }
        FlipKind::Size => {
            let mut scenario = world.scenario(request);
            scenario.assumed.sizes.push((model.to_owned(), to));
            let prepared = Prepared::once(&scenario);
            serving(&prepared.best(Deadline::never()).unwrap().unwrap().members)
        }
        FlipKind::WiredLimit | FlipKind::Fill | FlipKind::Models => {
            let mut args = vec!["--machine", &plan.machine.id];
            args.extend(request.tasks.iter().flat_map(|(t, _)| ["--task", &t.id]));
            args.extend(flip.flags.iter().map(String::as_str));
            let there: Plan = serde_json::from_value(crate::support::plan(&args)).unwrap();
            served(&there)
        }
    }
}

#[test]
fn what_conflicts_conflicts_and_each_change_gives_a_plan() {
    let cases: [(&str, &[&[&str]]); 8] = [
        (
            "m4-max-64gb",
            &[
                &["--task", "code"],
                &["--pin", "glm-4.6"],
                &["--context", "128k"],
            ],
        ),
        (
            "m4-max-128gb",
            &[
                &["--task", "code"],
                &["--pin", "gpt-oss-120b"],
                &["--context", "128k"],
                &["--min-tps", "90"],
            ],
        ),
        (
            "m3-ultra-512gb",
            &[
                &["--task", "code"],
                &["--min-tps", "400"],
                &["--engine", "llama.cpp"],
            ],
        ),
        (
            "macbook-air-m4-16gb",
            &[
                &["--task", "agent"],
                &["--context", "256k"],
                &["--measured-only"],
            ],
        ),
        // Below the task's own floor: a longer context is the way out.
        (
            "m3-ultra-512gb",
            &[&["--task", "code"], &["--context", "4k"]],
        ),
        (
            "macbook-air-m1-8gb",
            &[&["--task", "agent"], &["--context", "200k"]],
        ),
        // The state that each slot keeps is what is too much.
        (
            "macbook-air-m1-8gb",
            &[
                &["--task", "general"],
                &["--pin", "qwen3.5-4b"],
                &["--context", "24k"],
            ],
        ),
        // No setting does alone what two do.
        (
            "macbook-air-m4-16gb",
            &[
                &["--task", "code"],
                &["--pin", "gpt-oss-20b"],
                &["--wired-limit", "12500MiB"],
            ],
        ),
    ];
    let (mut tried, mut dropped, mut pairs) = (0, 0, 0);
    let mut kinds = BTreeSet::new();
    for (machine, flags) in cases {
        let run = |flags: &[Vec<String>]| {
            let mut args = vec!["recommend", "--format", "json"];
            if flags.iter().all(|f| f[0] != "--machine") {
                args.extend(["--machine", machine]);
            }
            args.extend(flags.iter().flatten().map(String::as_str));
            let output = planner(&args);
            let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            (output.status.code().unwrap(), plan)
        };
        let asked: Vec<Vec<String>> = flags
            .iter()
            .map(|f| f.iter().map(|s| (*s).to_owned()).collect())
            .collect();
        let (code, plan) = run(&asked);
        assert_eq!(code, 1, "{machine} {flags:?}");
        let conflict = plan["infeasible"]["conflict"].as_array().unwrap();
        let needed = |flag: &Vec<String>| {
            flag[0] == "--task"
                || conflict
                    .iter()
                    .any(|c| c["text"].as_str().unwrap().contains(&flag[0]))
        };
        let only: Vec<_> = asked.iter().filter(|f| needed(f)).cloned().collect();
        assert_eq!(run(&only).0, 1, "{machine}: {conflict:?}");
        for n in (0..only.len()).filter(|&n| only[n][0] != "--task") {
            let fewer: Vec<_> = (0..only.len())
                .filter(|&m| m != n)
                .map(|m| only[m].clone())
                .collect();
            assert_eq!(
                run(&fewer).0,
                0,
                "{machine}: {conflict:?} without {:?}",
                only[n]
            );
            dropped += 1;
        }
        for change in plan["infeasible"]["changes"].as_array().unwrap() {
            let words =
                |key: &str| -> Vec<String> { serde_json::from_value(change[key].clone()).unwrap() };
            let with = words("without").is_empty();
            let words = if with {
                words("flags")
            } else {
                words("without")
            };
            if words.is_empty() {
                continue;
            }
            let words: Vec<Vec<String>> = words.chunks(2).map(<[_]>::to_vec).collect();
            // Another machine comes with its own limit.
            let goes = |given: &str, with: &str| {
                given == with || (with == "--machine" && given == "--wired-limit")
            };
            let kept = |f: &&Vec<String>| words.iter().all(|w| !goes(&f[0], &w[0]));
            let mut changed: Vec<_> = asked.iter().filter(kept).cloned().collect();
            kinds.extend(words.iter().filter(|_| with).map(|w| w[0].clone()));
            pairs += usize::from(words.len() > 1);
            changed.extend(words.into_iter().filter(|_| with));
            let (code, there) = run(&changed);
            assert_eq!(code, 0, "{machine}: {change}");
            let mut expected: Vec<&str> = change["loadout"]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_str().unwrap())
                .collect();
            let mut found = loadout(&there);
            expected.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, expected, "{machine}: {change}");
            tried += 1;
        }
    }
    assert!(
        tried >= 6 && dropped >= 4 && pairs > 0,
        "{tried} changes, {dropped} requirements dropped, {pairs} pairs"
    );
    for kind in [
        "--context",
        "--reserve",
        "--machine",
        "--slots",
        "--min-tps",
    ] {
        assert!(kinds.contains(kind), "{kind} in {kinds:?}");
    }
}

#[test]
fn runners_up_are_as_many_as_asked_for_distinct_and_in_order() {
    let args = [
        "--machine",
        "m4-max-64gb",
        "--task",
        "code",
        "--task",
        "general",
    ];
    let with = |n: &str| {
        let mut all = args.to_vec();
        all.extend(["--alternatives", n]);
        plan(&all)
    };
    assert!(with("0")["alternatives"].as_array().unwrap().is_empty());
    let many = with("12");
    let few = with("3");
    let alternatives = many["alternatives"].as_array().unwrap();
    assert_eq!(alternatives.len(), 12);
    assert_eq!(
        few["alternatives"].as_array().unwrap()[..],
        alternatives[..3]
    );
    let models = |a: &serde_json::Value| -> BTreeSet<String> {
        let members = a["members"].as_array().unwrap();
        members
            .iter()
            .map(|m| {
                m["variant"]
                    .as_str()
                    .unwrap()
                    .split('/')
                    .next()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    };
    let sets: BTreeSet<_> = alternatives.iter().map(models).collect();
    assert_eq!(sets.len(), 12);
    let scores: Vec<f64> = alternatives
        .iter()
        .map(|a| a["objective"].as_f64().unwrap())
        .collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
}

#[test]
fn nothing_on_the_front_is_beaten_and_its_speeds_are_as_good_as_they_get() {
    let args = [
        "--machine",
        "m4-max-64gb",
        "--task",
        "code",
        "--task",
        "general",
    ];
    let mut all = args.to_vec();
    all.push("--pareto");
    let front = plan(&all);
    let points = front["pareto"].as_array().unwrap();
    assert!(points.len() > 10);
    let figures = |p: &serde_json::Value| {
        let speed = p["slowest_tokens_per_second"].as_f64().unwrap_or(0.0);
        (
            p["objective"].as_f64().unwrap(),
            p["total_bytes"].as_u64().unwrap(),
            speed,
        )
    };
    let all_points: Vec<_> = points.iter().map(figures).collect();
    for a in &all_points {
        let beats = |b: &&(f64, u64, f64)| b != &a && b.0 >= a.0 && b.1 <= a.1 && b.2 >= a.2;
        assert_eq!(all_points.iter().find(beats), None, "{a:?}");
    }
    let best = front["optimality"]["objective"].as_f64().unwrap();
    assert_eq!(all_points[0].0.to_bits(), best.to_bits());
    for (_, _, speed) in all_points.iter().filter(|p| p.2 > 0.0).step_by(4) {
        let least = format!("{}", speed - 1e-9);
        let mut args = args.to_vec();
        args.extend(["--min-tps", &least]);
        let best = plan(&args)["optimality"]["objective"].as_f64().unwrap();
        let fast = all_points.iter().filter(|p| p.2 >= *speed).map(|p| p.0);
        let on_front = fast.fold(0.0, f64::max);
        // Points that differ in trifles stand as one, up to 3 % of a score, and the levels of speed
        // that are traced are 5 % apart.
        assert!(
            on_front <= best + 1e-9 && on_front >= best * 0.95,
            "{speed}: {on_front}, {best}"
        );
    }
}

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
            include_str!("../../schemas/explain.json"),
            vec!["explain", saved, "--why-not", "minimax-m2.1"],
        ),
        (
            "whatif",
            include_str!("../../schemas/whatif.json"),
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
