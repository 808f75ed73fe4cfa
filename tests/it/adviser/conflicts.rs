//! What the adviser says is in the way is changed, and the answer asked for again.

use std::collections::BTreeSet;

use planner::advise::why_not::{Flip, FlipKind};
use planner::machine::profile::WorkingSet;
use planner::plan::{Plan, Request};
use planner::scenario::Prepared;
use planner::solve::Deadline;
use planner::units::Bytes;

use crate::support::{loadout, planner, rounds};
use crate::world::{Serving, World, measured_at, names, request, reweighed, served, serving};

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
    let models = [
        "qwen3.5-122b-a10b",
        "qwen3.6-35b-a3b",
        "qwen3.6-27b",
        "qwen3-coder-next",
        larger.as_str(),
    ];
    for model in &models[rounds(2, 0) as usize..] {
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
    // The first two are of a kind with others, and tried where time is no matter.
    let cases: [(&str, &[&[&str]]); 11] = [
        (
            "m3-ultra-512gb",
            &[
                &["--task", "code"],
                &["--min-tps", "400"],
                &["--engine", "llama.cpp"],
            ],
        ),
        (
            "m4-max-64gb",
            &[
                &["--task", "code"],
                &["--min-tps", "400"],
                &["--max-first-token", "0.001s"],
                &["--max-turn", "1s"],
            ],
        ),
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
        // Each of two demands is too much by itself; with a third that can only be dropped.
        (
            "m4-max-64gb",
            &[
                &["--task", "code"],
                &["--min-tps", "300"],
                &["--max-turn", "1s"],
            ],
        ),
        // Four that nothing meets, each by itself.
        (
            "m4-max-64gb",
            &[
                &["--task", "code"],
                &["--min-tps", "400"],
                &["--max-first-token", "0.001s"],
                &["--max-turn", "1s"],
                &["--pin", "glm-4.6"],
            ],
        ),
    ];
    let (mut tried, mut dropped, mut pairs) = (0, 0, 0);
    let mut kinds = BTreeSet::new();
    for (machine, flags) in &cases[rounds(2, 0) as usize..] {
        let run = |flags: &[Vec<String>]| {
            // However slow this computer is, all is tried.
            let mut args = vec!["recommend", "--format", "json", "--time-limit", "3600"];
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
        // Of those that nothing meets by themselves each is named, and no other.
        for flag in asked.iter().filter(|f| f[0] != "--task") {
            let tasks = asked.iter().filter(|f| f[0] == "--task");
            let alone: Vec<_> = tasks.chain([flag]).cloned().collect();
            let besides = plan["infeasible"]["besides"].as_array();
            let mut told = conflict.iter().chain(besides.into_iter().flatten());
            let told = told.any(|c| c["text"].as_str().unwrap().contains(&flag[0]));
            let impossible = run(&alone).0 == 1;
            // Of others memory may be what stands in the way.
            let by_itself = flag[0].starts_with("--m");
            let right = impossible == told || (impossible && !by_itself);
            assert!(conflict.len() > 1 || right, "{machine}: {flag:?}");
        }
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
            let words = |key: &str| -> Vec<Vec<String>> {
                let words: Vec<String> = serde_json::from_value(change[key].clone()).unwrap();
                words.chunks(2).map(<[_]>::to_vec).collect()
            };
            let (with, without) = (words("flags"), words("without"));
            if with.is_empty() && without.is_empty() {
                continue;
            }
            // Another machine comes with its own limit.
            let goes = |given: &str, with: &str| {
                given == with || (with == "--machine" && given == "--wired-limit")
            };
            let named = || with.iter().chain(&without);
            let kept = |f: &&Vec<String>| named().all(|w| !goes(&f[0], &w[0]));
            let mut changed: Vec<_> = asked.iter().filter(kept).cloned().collect();
            kinds.extend(with.iter().map(|w| w[0].clone()));
            pairs += usize::from(named().count() > 1);
            changed.extend(with);
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
        tried >= 8 && dropped >= 4 && pairs > 2,
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
