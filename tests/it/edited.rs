//! A plan that was edited by hand is refused by every command that starts from one, with the field,
//! the line and what to do.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{command, planner, stdout};

fn saved(folder: &Path) -> Value {
    saved_for(folder, "m4-max-64gb")
}

fn saved_for(folder: &Path, machine: &str) -> Value {
    let path = folder.join("plan.json");
    let file = path.to_str().unwrap();
    let args = [
        "recommend",
        "--task",
        "code",
        "--machine",
        machine,
        "--out",
        file,
    ];
    assert!(planner(&args).status.success());
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn it_is_refused_alike_by_field_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let plan = saved(folder.path());
    let edits: [(&str, Value, &str); 10] = [
        ("/loadout", json!([]), "`loadout` is empty"),
        (
            "/loadout/0/model",
            json!("no-such-model"),
            "`loadout[0].model`",
        ),
        (
            "/loadout/0/variant",
            json!("gguf-q9"),
            "`loadout[0].variant`",
        ),
        (
            "/loadout/0/memory/total_bytes",
            json!(-5),
            "`loadout[0].memory.total_bytes` is -5",
        ),
        (
            "/loadout/0/speed/decode_tokens_per_second",
            json!(-5.5),
            "`loadout[0].speed.decode_tokens_per_second` is -5.5",
        ),
        (
            "/loadout/0/settings/context",
            json!("big"),
            "`loadout[0].settings.context` is \"big\"",
        ),
        (
            "/loadout/0/settings/context",
            json!(0),
            "`loadout[0].settings.context` is 0",
        ),
        (
            "/loadout/0/settings/slots",
            json!(1_000_000),
            "`loadout[0].settings.slots` is 1000000",
        ),
        (
            "/headroom_bytes",
            json!(-1_000_000_000_000_000_i64),
            "`headroom_bytes` is -1000000000000000, and the limits leave ",
        ),
        (
            "/totals/total_bytes",
            json!(1),
            "`totals.total_bytes` is 1, and its models sum to ",
        ),
    ];
    let path = folder.path().join("edited.json");
    let file = path.to_str().unwrap();
    let out = folder.path().join("out");
    let commands: [&[&str]; 6] = [
        &["explain", file],
        &["whatif", file, "--slots", "1"],
        &["whatif", file, "--machines"],
        &["emit", file, "--out", out.to_str().unwrap()],
        &["apply", file, "--dry-run"],
        &[
            "fit",
            "qwen3.8-27b/mlx-4bit",
            "--machine",
            "m4-max-64gb",
            "--beside",
            file,
        ],
    ];
    for (pointer, value, words) in edits {
        let mut edited = plan.clone();
        *edited.pointer_mut(pointer).unwrap() = value.clone();
        let text = serde_json::to_string_pretty(&edited).unwrap();
        fs::write(&path, &text).unwrap();
        // The line that the edit stands in, by the text before it.
        let mut marked = plan.clone();
        *marked.pointer_mut(pointer).unwrap() = json!("here it is");
        let marked = serde_json::to_string_pretty(&marked).unwrap();
        let line = 1 + marked[..marked.find("here it is").unwrap()]
            .matches('\n')
            .count();
        for args in commands {
            let refused = planner(args);
            let said = String::from_utf8(refused.stderr).unwrap();
            assert_eq!(refused.status.code(), Some(2), "{args:?}: {said}");
            assert!(said.contains(words), "{args:?}: {words} in {said}");
            assert!(
                said.contains(&format!("edited.json, line {line}: ")),
                "{args:?}: {said}"
            );
            assert!(
                said.contains("hint: ") && said.contains("planner recommend --out"),
                "{said}"
            );
            assert!(refused.stdout.is_empty(), "{args:?}");
        }
    }
    // What the model was not trained for, which only the catalog knows.
    let mut beyond = plan.clone();
    *beyond.pointer_mut("/loadout/0/settings/context").unwrap() = json!(10_000_000);
    fs::write(&path, beyond.to_string()).unwrap();
    let said = String::from_utf8(planner(&["explain", file]).stderr).unwrap();
    assert!(said.contains("knows contexts up to"), "{said}");
    fs::write(&path, "[]").unwrap();
    let said = String::from_utf8(planner(&["explain", file]).stderr).unwrap();
    assert!(
        said.contains("is not a plan") && !said.contains("struct"),
        "{said}"
    );
    let mut without = plan;
    without.as_object_mut().unwrap().remove("loadout");
    fs::write(&path, without.to_string()).unwrap();
    for args in commands {
        let said = String::from_utf8(planner(args).stderr).unwrap();
        assert!(
            said.contains("missing field `loadout`") && said.contains("hint: "),
            "{said}"
        );
    }
}

/// Errors, hints, lists and headings keep to the width of the terminal.
#[test]
fn no_line_is_wider_than_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    saved(folder.path());
    let path = folder.path().join("plan.json");
    let file = path.to_str().unwrap();
    let commands: [&[&str]; 9] = [
        &["recommend", "--task", "code", "--machine", "m4-maxx"],
        &["recommend", "--task", "code", "--pin", "qwen3-coder-nexxt"],
        &[
            "recommend",
            "--task",
            "code",
            "--wired-limit",
            "4TiB",
            "--machine",
            "m4-max-64gb",
        ],
        &[
            "recommend",
            "--task",
            "code",
            "--machine",
            "m3-ultra-512gb",
            "--details",
        ],
        &["whatif", file, "--wired-limit", "60GiB"],
        &["catalog", "list"],
        &["catalog", "show", "qwen3.8-27b"],
        &["speed", "qwen3.8-27b/mlx-4bit"],
        &["tasks"],
    ];
    for args in commands {
        for width in [60, 80, 160] {
            let output = command(args)
                .env("COLUMNS", width.to_string())
                .output()
                .unwrap();
            for text in [output.stdout, output.stderr] {
                let text = String::from_utf8(text).unwrap();
                // An address or a path is never broken.
                let whole = |l: &str| l.split_whitespace().any(|word| word.len() + 10 > width);
                let too_wide = |l: &&str| l.chars().count() > width && !whole(l);
                let wide: Vec<&str> = text.lines().filter(too_wide).collect();
                assert!(wide.is_empty(), "{args:?} at {width}: {wide:#?}");
            }
        }
    }
}

/// Every speed says where: at which depth, beside how many.
#[test]
fn speeds_say_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    saved_for(folder.path(), "mac-mini-m4-16gb");
    let path = folder.path().join("plan.json");
    let varied = stdout(&["whatif", path.to_str().unwrap(), "--agents", "3"]);
    let flat = varied.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("a turn at 16,000 tokens with 3 at once ("),
        "{flat}"
    );
    let details = stdout(&[
        "recommend",
        "--task",
        "code",
        "--machine",
        "m4-max-64gb",
        "--details",
    ]);
    let flat = details.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("t/s at an empty context, one conversation"),
        "{flat}"
    );
    // Off a Mac there is none, and the way to one is told.
    if !cfg!(target_os = "macos") {
        let none = planner(&["speed", "qwen3.8-27b"]);
        let said = String::from_utf8(none.stdout).unwrap();
        assert_eq!(none.status.code(), Some(1));
        assert!(
            said.contains("`--machine") && said.lines().count() < 5,
            "{said}"
        );
    }
}

/// A limit that nothing meets is named, and what is over it by how much.
#[test]
fn a_limit_of_time_says_what_is_held_against_it() {
    let args = [
        "recommend",
        "--task",
        "code",
        "--machine",
        "macbook-air-m4-16gb",
        "--max-turn",
        "1s",
    ];
    let output = planner(&args);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("`--max-turn 1s`"), "{text}");
    let named = stdout(&[
        "recommend",
        "--task",
        "code",
        "--machine",
        "m4-max-64gb",
        "--max-turn",
        "60s",
        "--explain",
    ]);
    let flat = named.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("s a turn (predicted), above the 60 s asked for"),
        "{flat}"
    );
}
