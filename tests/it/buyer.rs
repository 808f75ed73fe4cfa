//! Which Mac to have: what the comparison says is what each Mac gives when it is asked alone.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use planner::advise::whatif::WhatIf;
use planner::report;
use planner::report::Screen;
use serde_json::Value;

use crate::support::{command, loadout, plan, stdout};

const LAPTOP: &str = "macbook-pro-m3-pro-36gb";

/// However busy this machine is, every Mac is looked at.
const PATIENT: [&str; 4] = ["--time-limit", "3600", "--format", "json"];

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(&[args, &PATIENT].concat())).unwrap()
}

/// What a buyer of a Mac for agents is told.
fn for_agents() -> &'static Value {
    static ANSWER: OnceLock<Value> = OnceLock::new();
    ANSWER.get_or_init(|| {
        json(&[
            "recommend",
            "--task",
            "agent",
            "--machines",
            "--machine",
            LAPTOP,
        ])
    })
}

fn rows(answer: &Value) -> &Vec<Value> {
    answer["machines"].as_array().unwrap()
}

fn score(row: &Value) -> f64 {
    row["answer"]["objective"].as_f64().unwrap_or(0.0)
}

fn memory(row: &Value) -> u64 {
    row["memory_bytes"].as_u64().unwrap()
}

/// A plan's own Mac keeps its answer, also where MLX got fewer slots than a request usually asks for.
#[test]
fn a_plans_own_mac_keeps_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.json").display().to_string();
    let mut fewer = 0;
    for machine in ["m4-max-36gb", "macbook-pro-m4-max-48gb"] {
        let asked = ["--task", "code", "--engine", "mlx", "--machine", machine];
        let saved = plan(&asked);
        std::fs::write(&file, saved.to_string()).unwrap();
        let entries = saved["loadout"].as_array().unwrap().iter();
        fewer += entries.filter(|e| e["settings"]["slots"] == 2).count();
        let answer = json(&["whatif", &file, "--machines"]);
        let own = rows(&answer).iter().find(|row| row["id"] == machine);
        assert_eq!(own.unwrap()["keeps_the_answer"], true, "{machine}");
    }
    assert!(fewer > 0);
}

#[test]
fn each_row_is_what_the_mac_gives_when_it_is_asked_alone() {
    let answer = for_agents();
    let sampled = rows(answer).iter().step_by(9);
    let mut kept = BTreeMap::new();
    let held = plan(&["--task", "agent", "--machine", LAPTOP]);
    let name = loadout(&held).remove(0);
    let context = held["loadout"][0]["settings"]["context"].to_string();
    let effort = held["loadout"][0]["efforts"][0]["effort"].as_str().unwrap();
    for row in sampled {
        let id = row["id"].as_str().unwrap();
        let alone = plan(&["--task", "agent", "--machine", id]);
        let objective = &alone["optimality"]["objective"];
        assert_eq!(&row["answer"]["objective"], objective, "{id}");
        assert_eq!(
            row["answer"]["headroom_bytes"], alone["headroom_bytes"],
            "{id}"
        );
        let members: Vec<&str> = (row["answer"]["members"].as_array().unwrap().iter())
            .map(|m| m["variant"].as_str().unwrap())
            .collect();
        assert_eq!(members, loadout(&alone), "{id}");
        // It keeps the answer where that can be had by asking for it.
        let pinned = [
            "recommend",
            "--task",
            "agent",
            "--machine",
            id,
            "--models",
            "1",
        ];
        let pinned = [
            &pinned[..],
            &["--pin", &name, "--context", &context, "--effort", effort],
            &["--format", "json"],
        ];
        let pinned = command(&pinned.concat()).output().unwrap();
        let pinned: Value = serde_json::from_slice(&pinned.stdout).unwrap();
        let serves = pinned["loadout"][0]["tasks"] == serde_json::json!(["agent"]);
        assert_eq!(row["keeps_the_answer"], serves, "{id}");
        kept.insert(serves, id);
    }
    assert_eq!(kept.len(), 2, "some keep it and some do not");
}

#[test]
fn the_order_and_the_conclusion_are_those_of_all_pairs() {
    let answer = for_agents();
    let rows = rows(answer);
    assert!(rows.windows(2).all(|w| score(&w[0]) >= score(&w[1])));
    for row in rows {
        let beats = |o: &&Value| {
            let no_worse = score(o) >= score(row) && memory(o) <= memory(row);
            no_worse && (score(o) > score(row) || memory(o) < memory(row))
        };
        assert_eq!(
            row["beaten_by"].is_null(),
            !rows.iter().any(|o| beats(&o)),
            "{row}"
        );
    }
    let keeping = rows.iter().filter(|r| r["keeps_the_answer"] == true);
    let least = keeping.map(memory).min().unwrap();
    let row_of = |id: &Value| rows.iter().find(|r| r["id"] == *id).unwrap();
    let smallest = row_of(&answer["smallest_machine"]);
    assert_eq!(
        (memory(smallest), &smallest["keeps_the_answer"]),
        (least, &true.into())
    );
    let own = score(row_of(&LAPTOP.into()));
    let greatest = rows.iter().map(|r| score(r) - own).fold(0.0, f64::max);
    let step = row_of(&answer["step_up"]["id"]);
    assert!(score(step) - own >= 0.75 * greatest);
    let cheaper = rows.iter().filter(|r| memory(r) < memory(step));
    assert!(
        cheaper
            .into_iter()
            .all(|r| score(r) - own < 0.75 * greatest)
    );
}

/// What is shown of an answer at a width.
fn shown(answer: &Value, width: usize) -> String {
    let answer: WhatIf = serde_json::from_value(answer.clone()).unwrap();
    let ask = |id: &str| format!("planner recommend --task agent --machine {id}");
    report::machines::text(&answer, &Screen::new(width, false), false, &ask)
}

/// It fits a screen, is a table at every width, and ends in what to do.
fn fits_a_screen(answer: &Value) {
    for width in [60, 80, 160] {
        let text = shown(answer, width);
        let widest = text.lines().map(|l| l.chars().count()).max().unwrap();
        assert!(widest <= width, "{width} columns:\n{text}");
        assert!(width < 80 || text.lines().count() <= 24, "{text}");
        assert!(text.lines().any(|l| l.starts_with('─')), "{text}");
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in ["Smallest ", "Next planner recommend --task", "A turn: "] {
            assert!(flat.contains(words), "{words} in\n{text}");
        }
    }
}

#[test]
fn a_buyer_without_a_mac_is_told_the_best() {
    // A Mac that this runs on would be held against.
    if cfg!(target_os = "macos") {
        return;
    }
    let answer = json(&["recommend", "--task", "agent", "--machines"]);
    let first = &rows(&answer)[0];
    assert_eq!(answer["owned"], false);
    assert_eq!(
        (&answer["held_against"], &first["keeps_the_answer"]),
        (&first["id"], &true.into())
    );
    let text = shown(&answer, 80);
    assert!(text.starts_with("The best Mac for agent is the "), "{text}");
    assert!(text.contains(first["name"].as_str().unwrap()), "{text}");
    fits_a_screen(&answer);
    fits_a_screen(for_agents());
}

/// Of several tasks, with prices, for a plan that was saved.
#[test]
fn prices_decide_the_step() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("plan.json");
    let saved = saved.to_str().unwrap();
    let made = [
        "recommend",
        "--task",
        "code",
        "--task",
        "chat",
        "--machine",
        LAPTOP,
        "--out",
        saved,
    ];
    assert!(command(&made).output().unwrap().status.success());
    let prices = [
        "--price",
        "m5-ultra-96gb=100",
        "--price",
        "m5-ultra-256gb=99999",
    ];
    let answer = json(&[&["whatif", saved, "--machines"][..], &prices].concat());
    assert_eq!(answer["step_up"]["id"], "m5-ultra-96gb");
    assert_eq!(answer["step_up"]["rule"], "gain_per_price");
    let text = shown(&answer, 80);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("99999") && flat.contains("of those"),
        "{text}"
    );
    fits_a_screen(&answer);
}
