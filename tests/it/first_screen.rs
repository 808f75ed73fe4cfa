//! The first screen: short, whole at any width, and true to the plan that it stands for.

use planner::machine::Profiles;
use planner::report::Screen;

use crate::support::{command, plan, rounds, stdout};
use crate::world::{World, request};

const MACHINES: [&str; 4] = [
    "m3-ultra-512gb",
    "m4-max-128gb",
    "macbook-pro-m3-pro-36gb",
    "macbook-air-m4-16gb",
];
/// Questions, and how many lines each may take at 80 columns.
const QUESTIONS: [(&[&str], usize); 4] = [
    (&["--task", "code"], 27),
    (&["--task", "agent", "--agents", "3"], 24),
    (&["--task", "code=2", "--task", "general"], 34),
    (&["--task", "code", "--task", "chat", "--task", "agent"], 34),
];

fn screen(args: &[&str], width: usize) -> String {
    let columns = width.to_string();
    let output = command(args).env("COLUMNS", columns).output().unwrap();
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn it_is_short_and_keeps_to_the_width() {
    for (m, machine) in MACHINES.into_iter().enumerate() {
        for (q, (tasks, lines)) in QUESTIONS.into_iter().enumerate() {
            // Each question on every second of them where somebody waits.
            if !(m + q).is_multiple_of(2) && rounds(0, 1) == 0 {
                continue;
            }
            let mut args = vec!["recommend", "--machine", machine];
            args.extend_from_slice(tasks);
            let found = plan(&args[1..]);
            for width in [60, 80, 160] {
                let text = screen(&args, width);
                let widest = text.lines().map(|l| l.chars().count()).max().unwrap();
                assert!(widest <= width, "{width} columns:\n{text}");
                let count = text.lines().count();
                assert!(width < 80 || count <= lines, "{count} lines:\n{text}");
                // A table at each width, never a list of words.
                assert!(text.lines().any(|l| l.starts_with('─')), "{text}");
                let short = found["advice"].to_string().contains("context_below_turn");
                let told = text.contains("Mind         the context is shorter");
                // Other remarks may come before it, and take its line.
                assert!(!short || told || text.contains("Mind "), "{text}");
                assert!(short || !told, "{text}");
                for entry in found["loadout"].as_array().unwrap() {
                    let shown = entry["name"].as_str().unwrap();
                    assert!(text.contains(shown), "{shown} in\n{text}");
                }
            }
        }
    }
}

/// Every task on some Macs, and on all where time allows: no screen of one task has more than 24
/// lines at 80 columns, whatever there is to say.
#[test]
fn it_is_short_for_every_task_and_mac() {
    let all = std::env::var_os("PLANNER_LONG_TESTS").is_some();
    let profiles = Profiles::embedded().unwrap();
    let tasks: Vec<String> = planner::task::embedded().unwrap().into_keys().collect();
    // Those where there is most to say, and one in four of the others.
    let long = [
        ("m2-ultra-128gb", "general"),
        ("m1-max-64gb", "long-form"),
        ("m4-max-128gb", "reasoning"),
    ];
    let mut seen = 0;
    let macs = profiles.machines.iter();
    let macs = macs.filter(|p| p.chip.as_deref().is_some_and(|c| c.starts_with('m')));
    for (n, profile) in macs.enumerate() {
        let world = World::new(&profile.id);
        for (t, task) in tasks.iter().enumerate() {
            let named = long.contains(&(profile.id.as_str(), task.as_str()));
            if !(all || named || (n % 4 == 0 && n / 4 % tasks.len() == t)) {
                continue;
            }
            let plan = world.plan(&request(&[task]));
            let text = planner::report::first::screen(&plan, &Screen::new(80, false), None);
            let count = text.lines().count();
            let fits = count <= 24 || plan.loadout.is_empty();
            assert!(fits, "{} {task}, {count} lines:\n{text}", profile.id);
            seen += 1;
        }
    }
    assert!(seen > 12, "{seen}");
}

#[test]
fn the_details_hold_what_it_leaves_out() {
    let args = ["recommend", "--task", "code", "--machine", "m4-max-64gb"];
    let first = stdout(&args);
    let details = stdout(&[&args[..], &["--details"]].concat());
    assert!(first.starts_with("Keep "), "{first}");
    for heading in ["Why", "Runners-up", "Not considered", "Proof", "Next"] {
        let line = |text: &str| text.lines().any(|l| l == heading);
        assert!(line(&details) && !line(&first), "{heading}");
    }
}

/// What it says of speeds is what the plan holds, also where none is known.
#[test]
fn speeds_are_called_measured_only_where_they_are() {
    let mut kinds = std::collections::BTreeSet::new();
    for machine in [None, Some("m3-ultra-512gb"), Some("macbook-air-m4-16gb")] {
        for task in ["code", "chat", "agent"] {
            let mut args = vec!["--task", task];
            args.extend(machine.iter().flat_map(|m| ["--machine", m]));
            let found = plan(&args);
            let bases: Vec<_> = found["loadout"]
                .as_array()
                .unwrap()
                .iter()
                .map(|e| e["speed"]["basis"].clone())
                .collect();
            let text = screen(&[&["recommend"], &args[..]].concat(), 160);
            let line = text.lines().find(|l| l.starts_with("Rests on")).unwrap();
            let measured = bases.iter().all(|b| b == "measured");
            assert_eq!(line.contains("measured"), measured, "{bases:?}: {line}");
            kinds.insert(measured);
        }
    }
    assert!(kinds.contains(&false));
}

#[test]
fn colour_changes_no_word_of_it() {
    let args = ["recommend", "--task", "code", "--machine", "m4-max-64gb"];
    let plain = stdout(&args);
    let painted = stdout(&[&args[..], &["--color", "always"]].concat());
    assert_ne!(painted, plain);
    assert_eq!(anstream::adapter::strip_str(&painted).to_string(), plain);
}

#[test]
fn where_nothing_fits_it_says_what_would() {
    let args = [
        "recommend",
        "--task",
        "code",
        "--machine",
        "macbook-air-m1-8gb",
        "--min-tps",
        "90",
    ];
    let output = command(&args).env("COLUMNS", "80").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        !output.status.success() && text.contains("No plan"),
        "{text}"
    );
    assert!(
        text.contains("--"),
        "a flag that would give a plan:\n{text}"
    );
}

/// At 80 columns too, the ranking and speeds are tables: a line for each model, and no title without a
/// name.
#[test]
fn eighty_columns_are_enough_for_rankings_and_speeds() {
    let rank = [
        "catalog",
        "rank",
        "--task",
        "code",
        "--machine",
        "m4-max-64gb",
    ];
    let text = at_width(&rank, "80");
    let rows = text
        .lines()
        .filter(|l| l.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    assert!(rows.count() > 50 && text.lines().count() < 150, "{text}");
    assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
    // Only columns that are shown are explained.
    let head = text
        .lines()
        .find(|l| l.contains("Quality") && l.contains("Fits"))
        .unwrap();
    for (title, explained) in [("Scores", " Scores: "), ("Band", "within the band")] {
        assert_eq!(
            head.contains(title),
            text.replace('\n', " ").contains(explained),
            "{text}"
        );
    }
    let wide = at_width(&rank, "110").replace('\n', " ");
    assert!(
        wide.contains("Band") && wide.contains("Scores: how many"),
        "{wide}"
    );
    let speed = [
        "speed",
        "qwen3-coder-next/gguf-q4_k_m",
        "--machine",
        "m4-max-64gb",
    ];
    let text = at_width(&speed, "80");
    assert!(!text.contains("; : ") && !text.contains(" : "), "{text}");
}

fn at_width(args: &[&str], columns: &str) -> String {
    let output = command(args).env("COLUMNS", columns).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}
