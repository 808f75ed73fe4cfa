//! Turns: the time of a task's workload, what a request may say of it, and what is decided by it.

use std::fs;

use planner::catalog::schema::{Model, Variant};
use planner::machine::Machine;
use planner::speed::{Estimate, Filter, Workload};
use planner::task;
use serde_json::Value;

use crate::macs::{machine, macs, shipped};
use crate::support::{loadout, plan, planner, stdout};

/// What the shipped tasks repeat, of models that think, with one conversation and with four.
fn works() -> Vec<Workload> {
    let tasks = task::embedded().unwrap();
    let of = |streams: u32| {
        tasks.values().map(move |task| Workload {
            depth_tokens: task.workload.depth_tokens,
            new_tokens: task.workload.new_tokens,
            output_tokens: task.workload.typical_output(true),
            output_range: (300, 9000),
            first_prompt_tokens: task.workload.first_prompt_tokens,
            streams,
        })
    };
    of(1).chain(of(4)).collect()
}

/// Whether a turn rests on runs of the file on the Mac itself, which nothing bounds.
fn seen_there(model: &Model, variant: &Variant, mac: &Machine) -> bool {
    let chip = mac.chip.as_ref().map(|chip| chip.id.as_str());
    let mut runs = model.measurements_of(variant);
    runs.any(|run| chip == Some(run.chip.as_str()))
}

/// Every pair of Macs of which one is no worse in anything, every shipped workload: no turn, no first
/// token is slower there, but where runs on the Mac itself say so.
#[test]
fn a_better_mac_is_no_slower_a_turn() {
    let (catalog, profiles, speed) = shipped();
    let macs = macs(&profiles);
    let works = works();
    let mut compared = 0;
    for model in &catalog.models {
        let Some(variant) = model.variants.first() else {
            continue;
        };
        let turns: Vec<_> = macs
            .iter()
            .filter_map(|(mac, figures)| {
                let file = speed.on(model, variant, mac, Filter::default()).ok()?;
                let all: Vec<Estimate> = works.iter().map(|work| file.estimate(work)).collect();
                Some((mac, figures, all))
            })
            .collect();
        let unseen = turns
            .iter()
            .filter(|(mac, ..)| !seen_there(model, variant, mac));
        for (mac, f, own) in unseen {
            for (lesser, g, others) in &turns {
                if !(f.0 >= g.0 && f.1 >= g.1 && f.2 >= g.2) {
                    continue;
                }
                for (turn, other) in own.iter().zip(others) {
                    let (work, id) = (turn.work, &model.id);
                    let what = || format!("{id}: {} {} {work:?}", mac.id, lesser.id);
                    let pairs = [
                        (turn.seconds_per_turn(), other.seconds_per_turn()),
                        (turn.first_token_warm(), other.first_token_warm()),
                        (turn.first_token_cold(), other.first_token_cold()),
                    ];
                    for (here, there) in pairs {
                        compared += 1;
                        let fine = here.value() <= there.value() * (1.0 + 1e-9);
                        assert!(fine, "{} {here:?} {there:?}", what());
                    }
                }
            }
        }
    }
    assert!(compared > 50_000, "{compared}");
}

/// The same turn deeper in the context is never faster, and more conversations give more turns an
/// hour only as far as they share reading the weights.
#[test]
fn a_deeper_turn_is_no_faster_and_streams_share() {
    let (catalog, profiles, speed) = shipped();
    let mut compared = 0;
    for mac in ["macbook-air-m4-16gb", "m3-ultra-512gb", "m5-max-128gb"] {
        let mac = machine(&profiles, mac);
        for model in &catalog.models {
            for variant in &model.variants {
                let Ok(file) = speed.on(model, variant, &mac, Filter::default()) else {
                    continue;
                };
                let at = |depth_tokens: u32, streams: u32| {
                    file.estimate(&Workload {
                        depth_tokens,
                        new_tokens: 1200,
                        output_tokens: 500,
                        output_range: (500, 500),
                        first_prompt_tokens: 8000,
                        streams,
                    })
                };
                let what = format!("{}/{} on {}", model.id, variant.id, mac.id);
                let depths = [1500, 4000, 16_000, 33_000, 48_000, 100_000, 200_000];
                let seconds = depths.map(|d| at(d, 1).seconds_per_turn().value());
                for (n, two) in seconds.windows(2).enumerate() {
                    compared += 1;
                    let fine = two[1] >= two[0] * (1.0 - 1e-9);
                    assert!(fine, "{what} beyond {}: {seconds:?}", depths[n]);
                }
                for (one, more) in [(1, 2), (2, 4), (4, 8)] {
                    let (one, more) = (at(16_000, one), at(16_000, more));
                    let slower = more.seconds_per_turn().value() / one.seconds_per_turn().value();
                    assert!(slower >= 1.0 - 1e-9, "{what}");
                }
            }
        }
    }
    assert!(compared > 5000, "{compared}");
}

/// Asks for one model for agents.
pub(crate) const fn agent_on(machine: &str) -> [&str; 6] {
    ["--machine", machine, "--task", "agent", "--models", "1"]
}

pub(crate) fn turn(plan: &Value) -> &Value {
    &plan["loadout"][0]["speed"]["turns"][0]
}

/// The seconds that decide: of a prediction the slow end.
pub(crate) fn deciding(plan: &Value, figure: &str) -> f64 {
    let parts = plan["loadout"][0]["score"]["parts"].as_array().unwrap();
    match figure {
        "turn" => {
            let speed = parts.iter().find(|p| p["utility"] == "speed").unwrap();
            speed["figure"].as_f64().unwrap()
        }
        _ => turn(plan)[figure]["high"].as_f64().unwrap(),
    }
}

/// The middle of a figure of the first turn of a plan.
fn expected(plan: &Value, figure: &str) -> f64 {
    turn(plan)[figure]["value"].as_f64().unwrap()
}

/// What is just quick enough stays, and what is just too slow goes: by the seconds that a plan
/// expects, and the low end of its speed.
#[test]
fn a_floor_of_time_refuses_what_is_just_over_it() {
    let base = [&agent_on("m4-max-64gb")[..], &["--effort", "default"]].concat();
    let free = plan(&base);
    let chosen = loadout(&free);
    let decode = turn(&free)["decode_tokens_per_second"]["low"]
        .as_f64()
        .unwrap();
    let limits = [
        (
            "--max-turn",
            expected(&free, "seconds_per_turn"),
            1.001,
            0.999,
        ),
        (
            "--max-first-token",
            expected(&free, "first_token_warm_seconds"),
            1.001,
            0.999,
        ),
        ("--min-tps", decode, 0.999, 1.001),
    ];
    for (flag, figure, within, beyond) in limits {
        let with = |share: f64| {
            let value = format!("{}", figure * share);
            plan(&[&base[..], &[flag, &value]].concat())
        };
        assert_eq!(loadout(&with(within)), chosen, "{flag} {figure}");
        let refused = with(beyond);
        assert_ne!(loadout(&refused), chosen, "{flag} {figure}");
        let rejected = refused["rejected"].as_array().unwrap();
        let why = rejected.iter().find(|r| r["variant"] == chosen[0].as_str());
        let what = why.unwrap()["why"]["what"].as_str().unwrap();
        assert!(["too_long", "too_slow"].contains(&what), "{flag}: {what}");
        assert_eq!(why.unwrap()["kind"], "floor");
    }
}

/// Flags change the turn that is told, are kept by the plan, and come out of `whatif` alike.
#[test]
fn depth_and_agents_reach_the_turn_the_slots_and_the_pool() {
    let base = agent_on("mac-mini-m4-pro-64gb");
    let one = plan(&base);
    assert_eq!(turn(&one)["depth_tokens"], 48_000);
    assert_eq!(turn(&one)["streams"], 1);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("plan.json");
    let out = out.to_str().unwrap();
    let flags = ["--depth", "60k", "--agents", "6", "--out", out];
    let saved = |flags: &[&str]| -> Value {
        let all = [&["recommend", "--format", "json"][..], &base[..], flags].concat();
        serde_json::from_slice(&planner(&all).stdout).unwrap()
    };
    let six = saved(&flags);
    assert_eq!(turn(&six)["depth_tokens"], 61_440);
    assert_eq!(turn(&six)["streams"], 6);
    assert_eq!(six["request"]["depth_tokens"], 61_440);
    assert_eq!(six["request"]["agents"], 6);
    let settings = &six["loadout"][0]["settings"];
    assert_eq!(settings["slots"], 6);
    let pool = settings["context"].as_u64().unwrap();
    let short = |p: &Value| {
        let advice = p["advice"].as_array().unwrap();
        advice.iter().any(|a| a["kind"] == "context_below_turn")
    };
    assert!(pool >= 6 * 61_440 || short(&six), "{pool}");
    assert!(!short(&one));
    let seconds = |p: &Value| turn(p)["seconds_per_turn"]["value"].as_f64().unwrap();
    // Alone the same model takes less time.
    let model = |p: &Value| {
        let entry = &p["loadout"][0];
        let name = |part: &str| entry[part].as_str().unwrap().to_owned();
        format!("{}/{}", name("model"), name("variant"))
    };
    let alone = saved(&["--depth", "60k", "--pin", &model(&six)]);
    assert_eq!(model(&alone), model(&six));
    assert!(seconds(&six) > seconds(&alone));
    // The saved plan is the same request again.
    let again: Value =
        serde_json::from_str(&stdout(&["explain", out, "--format", "json"])).unwrap();
    assert_eq!(again["unchanged"], true);
    // And what the flags make of the first plan, `whatif` makes of it too.
    let first = folder.path().join("first.json");
    let first = first.to_str().unwrap();
    saved(&["--out", first]);
    let flags = ["--depth", "60k", "--agents", "6", "--together"];
    let varied = [&["whatif", first][..], &flags, &["--format", "json"]].concat();
    let varied: Value = serde_json::from_str(&stdout(&varied)).unwrap();
    let answer = &varied["scenarios"][0]["answer"];
    assert_eq!(answer["members"][0]["variant"], loadout(&six)[0].as_str());
    let told = &answer["members"][0]["turns"][0]["seconds_per_turn"]["value"];
    assert!((told.as_f64().unwrap() - seconds(&six)).abs() < 1e-9);
}

/// A turn that its context does not hold is told at its own depth, and the plan says so; a context
/// that does not hold a turn with its answer serves nothing that has floors.
#[test]
fn a_short_context_is_no_faster() {
    let base = agent_on("m4-max-64gb");
    let refused = planner(&[&["recommend"], &base[..], &["--context", "32k"]].concat());
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(said.contains("context"), "{said}");
    let pinned = |context: &str, agents: &str| {
        let flags = [
            "--context",
            context,
            "--pin",
            "gpt-oss-20b/gguf-mxfp4",
            "--agents",
            agents,
        ];
        plan(&[&base[..], &flags].concat())
    };
    let (short, long) = (pinned("64k", "1"), pinned("128k", "1"));
    assert_eq!(turn(&short), turn(&long));
    let told = |p: &Value| p["advice"].to_string().contains("context_below_turn");
    // What it was trained for holds two such conversations, not three.
    assert!(!told(&short) && told(&pinned("128k", "3")));
}

/// The five answers of the study, on its machine and from its measurements.
#[test]
fn the_study_still_comes_out() {
    let (coder, minimax) = ("qwen3-coder-next/gguf-q4_k_m", "minimax-m2.1/gguf-q4_k_s");
    let eight_bit = "minimax-m2.1/mlx-8bit";
    let answers: [(&[&str], &[&str]); 6] = [
        (&["code"], &[coder]),
        (&["constrained"], &[coder]),
        (&["general"], &[minimax]),
        (&["long-form"], &[minimax]),
        (&["code", "general"], &[coder, minimax]),
        (
            &["code", "general", "quality"],
            &[coder, minimax, eight_bit],
        ),
    ];
    for (tasks, models) in answers {
        let mut args = vec!["--machine", "m3-ultra-512gb", "--campaign", "llm-mac-512"];
        args.extend(tasks.iter().flat_map(|t| ["--task", t]));
        let mut chosen = loadout(&plan(&args));
        let mut models: Vec<&str> = models.to_vec();
        models.sort_unstable();
        chosen.sort_unstable();
        assert_eq!(chosen, models, "{tasks:?}");
    }
}

/// What a profile does not say of its turns is taken to be as of everyday questions.
#[test]
fn a_profile_without_a_workload_loads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let shipped = include_str!("../../profiles/tasks/general.toml");
    let workload = shipped.find("[workload]").unwrap();
    let rest = shipped[workload..].find("\n\n").unwrap() + workload;
    let own = format!("{}{}", &shipped[..workload], &shipped[rest..]);
    fs::write(&path, own.replace("id = \"general\"", "id = \"mine\"")).unwrap();
    let args = ["--machine", "m4-max-64gb", "--task", path.to_str().unwrap()];
    assert_eq!(turn(&plan(&args))["depth_tokens"], 7000);
}

/// A plan that was saved when speed was decode speed is read, and decided by turns.
#[test]
fn a_plan_from_before_turns_is_read() {
    let saved = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/plans/before-turns.json"
    );
    for args in [
        &["explain", saved][..],
        &["whatif", saved, "--depth", "60k"],
    ] {
        let output = planner(args);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {errors}");
    }
}

#[test]
fn a_time_is_read_as_people_write_it() {
    let most = |text: &str| {
        let args = [
            "--machine",
            "m4-max-64gb",
            "--task",
            "chat",
            "--max-turn",
            text,
        ];
        plan(&args)["request"]["max_turn_seconds"].as_f64()
    };
    assert_eq!(most("60s"), Some(60.0));
    assert_eq!(most("2min"), Some(120.0));
    assert_eq!(most("90"), Some(90.0));
    for wrong in ["0", "-3s", "soon", "nan"] {
        let flag = format!("--max-turn={wrong}");
        let output = planner(&["recommend", "--task", "chat", &flag]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}

/// What a plan says of an effort that only the longest turn of the task's profile bars comes true:
/// with that longest turn, the file is asked for that effort.
#[test]
fn a_longest_turn_that_is_given_stands_in_place_of_the_profiles() {
    let mut tried = 0;
    for (machine, task) in [
        ("m4-max-36gb", "code"),
        ("mac-mini-m4-24gb", "agent"),
        ("m4-max-64gb", "general"),
        ("mac-mini-m4-pro-48gb", "code"),
    ] {
        let args = ["--machine", machine, "--task", task, "--pin", "qwen3.8-27b"];
        let plan_now = plan(&args);
        let entry = &plan_now["loadout"][0];
        let pin = format!(
            "{}/{}",
            entry["model"].as_str().unwrap(),
            entry["variant"].as_str().unwrap()
        );
        for other in entry["efforts"][0]["others"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let Some(most) = other["longer_than_seconds"].as_f64() else {
                continue;
            };
            let takes = &other["seconds_per_turn"];
            assert!(takes["value"].as_f64().unwrap() > most);
            let minutes = format!("{}min", (takes["value"].as_f64().unwrap() / 60.0).ceil());
            let effort = other["effort"].as_str().unwrap();
            let args = ["--machine", machine, "--task", task, "--pin", &pin];
            let with = ["--effort", effort, "--max-turn", &minutes];
            let then = plan(&[&args[..], &with[..]].concat());
            assert_eq!(
                then["loadout"][0]["efforts"][0]["effort"], effort,
                "{args:?}"
            );
            assert_eq!(then["loadout"][0]["variant"], entry["variant"], "{args:?}");
            tried += 1;
        }
    }
    assert!(tried > 0, "no effort was barred");
}
