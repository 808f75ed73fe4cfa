//! `planner bench --quality` and `--tasks`: answers that are right, nearly right and hostile, through a
//! real server, with real Python.

mod answers;
mod server;

use std::fs;
use std::path::Path;
use std::process::Output;

use planner::trial::{Check, KEYWORDS, fault_of, shipped};
use serde_json::{Value, json};

use crate::support::Home;
use answers::Said;

fn run(home: &Home, base: &str, more: &[&str]) -> (Value, Output) {
    let args = ["bench", "--base-url", base, "--format", "json"];
    let mut command = home.command(&[&args, more].concat());
    let output = command
        .env("XDG_DATA_HOME", home.at("data"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {errors}"));
    (json, output)
}

fn outcomes(run: &Value) -> Vec<(&str, &str)> {
    let tasks = run["models"][0]["tasks"].as_array().unwrap().iter();
    tasks
        .map(|t| (t["task"].as_str().unwrap(), t["outcome"].as_str().unwrap()))
        .collect()
}

fn has_python() -> bool {
    std::process::Command::new("python3")
        .arg("--version")
        .output()
        .is_ok_and(|o| o.status.success())
}

/// Right answers pass, and answers with one thing wrong do not: each check tells them apart.
#[test]
fn right_answers_pass_and_nearly_right_ones_do_not() {
    if !has_python() {
        return;
    }
    let home = Home::new();
    let good = server::start(Box::new(answers::right));
    let of = |variant| ["--quality", "--unsandboxed", "--as", variant];
    let (right, done) = run(&home, &good, &of("qwen3-8b/mlx-4bit"));
    let failed: Vec<_> = outcomes(&right)
        .into_iter()
        .filter(|t| t.1 != "passed")
        .collect();
    assert!(failed.is_empty(), "{right:#}");
    assert_eq!((outcomes(&right).len(), done.status.code()), (16, Some(0)));
    assert_eq!(right["models"][0]["summary"]["tokens_per_task"], 50.0);
    let bad = server::start(Box::new(answers::nearly));
    let (wrong, done) = run(&home, &bad, &of("qwen3-8b/gguf-q4_k_m"));
    let passed: Vec<_> = outcomes(&wrong)
        .into_iter()
        .filter(|t| t.1 != "failed")
        .collect();
    assert!(passed.is_empty(), "{passed:?}");
    assert_eq!(done.status.code(), Some(1));
    // The other file of the same model stands beside it.
    let other = &wrong["models"][0]["others"][0];
    assert_eq!(other["variant"], "qwen3-8b/mlx-4bit", "{wrong:#}");
    assert_eq!(
        (&other["passed_here"], &other["passed_there"]),
        (&json!(0), &json!(16))
    );
    let schema: Value =
        serde_json::from_str(include_str!("../../../schemas/quality.json")).unwrap();
    let now: Value = serde_json::from_str(&crate::support::stdout(&["schema", "quality"])).unwrap();
    assert_eq!(schema, now, "planner schema quality > schemas/quality.json");
    for document in [&right, &wrong] {
        jsonschema::validate(&schema, document).unwrap();
        assert!(
            document["purpose"]
                .as_str()
                .unwrap()
                .contains("not a benchmark")
        );
    }
    // Nothing of it is a score or a measurement of the catalog.
    assert!(!home.at("config/planner").exists());
}

/// How long a process sleeps that has to be gone: nobody else's is of just this length.
const ASLEEP: &str = "86399.25";

/// Code that does harm, each with a place outside or a port that it must not reach.
fn hostile(task: &str, outside: &Path, port: u16) -> Said {
    let code = match task {
        "code/boxes" => "while True:\n    print('x' * 100000)".to_owned(),
        // A session of its own outlives the group that it was started in.
        "code/open-hours" => format!(
            "import os\nfor _ in range(20):\n    if os.fork() == 0:\n        os.setsid()\n        os.execvp('sleep', ['sleep', '{ASLEEP}'])"
        ),
        "code/places" => {
            format!("import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)")
        }
        "code/settings" => format!("open({outside:?}, 'w').write('out')"),
        "code/flood" => "import os\nos._exit(0)".to_owned(),
        _ => {
            return Said {
                text: "\u{1b}]0;owned\u{7}\u{1b}[2J".repeat(2000),
                calls: Vec::new(),
            };
        }
    };
    let function = task
        .trim_start_matches("code/")
        .replace("open-hours", "open_minutes");
    Said {
        text: format!("```python\ndef {function}(*a):\n    pass\n{code}\n```"),
        calls: Vec::new(),
    }
}

#[test]
fn hostile_answers_fail_and_reach_nothing() {
    if !has_python() {
        return;
    }
    let home = Home::new();
    let beside = tempfile::tempdir().unwrap();
    let outside = beside.path().join("outside");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let (port, place) = (listener.local_addr().unwrap().port(), outside.clone());
    let base = server::start(Box::new(move |task, _| hostile(task, &place, port)));
    let (hurt, done) = run(&home, &base, &["--quality"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(!outside.exists());
    assert!(listener.accept().is_err());
    let held = hurt["settings"]["sandbox"].as_str().unwrap();
    for (task, outcome) in outcomes(&hurt) {
        let code = task.starts_with("code/");
        let wanted = match held {
            "not_there" if code => "left_out",
            _ => "failed",
        };
        assert_eq!(outcome, wanted, "{task}");
    }
    let why = |task: &str| {
        let all = hurt["models"][0]["tasks"].as_array().unwrap();
        let row = all.iter().find(|t| t["task"] == task).unwrap();
        row["why"].as_str().unwrap().to_owned()
    };
    if held != "not_there" {
        let left = std::process::Command::new("ps")
            .args(["-ax", "-o", "args"])
            .output();
        // Where a group is all that holds processes, one that left it goes by itself.
        if let (Ok(left), "bwrap" | "unshare") = (left, held) {
            assert!(!String::from_utf8_lossy(&left.stdout).contains(ASLEEP));
        }
        assert!(why("code/boxes").contains("printed more than"), "{hurt:#}");
        assert!(why("code/flood").contains("gave no result"), "{hurt:#}");
    }
    // What a model says is foreign: bounded, and with nothing hidden in it.
    assert!(!hurt.to_string().contains("\\u001b"));
    assert!(!done.stdout.contains(&0x1b) && done.stdout.len() < 200_000);
}

/// Without anything that holds code, it is left out, and said so; the rest is asked.
#[cfg(unix)]
#[test]
fn without_a_sandbox_code_is_left_out_until_it_is_asked_for() {
    if !has_python() {
        return;
    }
    let home = Home::new();
    let path = home.at("bin");
    fs::create_dir_all(&path).unwrap();
    for tool in ["sh", "python3"] {
        let asked = format!("command -v {tool}");
        let real = std::process::Command::new("sh")
            .args(["-c", &asked])
            .output()
            .unwrap();
        let real = String::from_utf8(real.stdout).unwrap();
        let real = match tool {
            "python3" => {
                let code = "import sys; print(sys.executable)";
                let at = std::process::Command::new("python3")
                    .args(["-c", code])
                    .output()
                    .unwrap();
                String::from_utf8(at.stdout).unwrap()
            }
            _ => real,
        };
        // A link would tell Python another place of its library.
        let script = format!("#!/bin/sh\nexec {} \"$@\"\n", real.trim());
        fs::write(path.join(tool), script).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(path.join(tool), mode).unwrap();
    }
    let base = server::start(Box::new(answers::right));
    let ask = |more: &[&str]| -> Value {
        let args = [
            "bench",
            "--quality",
            "--base-url",
            &base,
            "--format",
            "json",
        ];
        let mut command = home.command(&[&args, more].concat());
        let done = command.env("PATH", &path).output().unwrap();
        serde_json::from_slice(&done.stdout).unwrap()
    };
    let without = ask(&[]);
    assert_eq!(without["settings"]["sandbox"], "not_there");
    let summary = &without["models"][0]["summary"];
    assert_eq!(
        (&summary["passed"], &summary["left_out"]),
        (&json!(11), &json!(5))
    );
    assert!(
        without["notes"][0]
            .as_str()
            .unwrap()
            .contains("--unsandboxed")
    );
    let with = ask(&["--unsandboxed"]);
    assert_eq!(with["settings"]["sandbox"], "unsandboxed");
    assert_eq!(with["models"][0]["summary"]["passed"], 16);
}

fn own_task(folder: &Path, name: &str, toml: &str, prompt: &str) {
    let task = folder.join(name);
    fs::create_dir_all(&task).unwrap();
    fs::write(task.join("task.toml"), toml).unwrap();
    fs::write(task.join("prompt.md"), prompt).unwrap();
}

#[test]
fn tasks_of_a_users_folder_pass_by_their_command() {
    if !has_python() {
        return;
    }
    let home = Home::new();
    let folder = home.at("tasks");
    let command = "command = [\"python3\", \"check.py\"]\n";
    own_task(
        &folder,
        "double",
        &format!("{command}answer = \"double.py\"\n"),
        "double",
    );
    let check = "from double import double\nassert double(4) == 8\n";
    fs::write(folder.join("double/check.py"), check).unwrap();
    own_task(
        &folder,
        "haiku",
        &format!("{command}seconds = 5\n"),
        "haiku",
    );
    let check = "assert len(open('answer.txt').read().splitlines()) == 3, 'no haiku'\n";
    fs::write(folder.join("haiku/check.py"), check).unwrap();
    let base = server::start(Box::new(|_, prompt| Said {
        text: match prompt {
            "double" => "```python\ndef double(n):\n    return 2 * n\n```".to_owned(),
            _ => "one line".to_owned(),
        },
        calls: Vec::new(),
    }));
    let shown = folder.display().to_string();
    let (own, _) = run(&home, &base, &["--unsandboxed", "--tasks", &shown]);
    assert_eq!(
        outcomes(&own),
        [("own/double", "passed"), ("own/haiku", "failed")],
        "{own:#}"
    );
    let why = own["models"][0]["tasks"][1]["why"].as_str().unwrap();
    assert!(why.contains("no haiku"), "{why}");
    // A file that is none is told by its place.
    for (toml, words) in [
        ("comand = []", "command"),
        ("command = []", "no command"),
        ("command = [\"x\"]\nanswer = \"../x\"", "no name of a file"),
    ] {
        own_task(&folder, "haiku", toml, "haiku");
        let args = ["bench", "--base-url", &base, "--tasks", &shown];
        let done = home.command(&args).output().unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{errors}");
        assert!(
            errors.contains(words) && errors.contains("hint"),
            "{errors}"
        );
    }
}

/// Our reading of a schema is that of an implementation of the standard, over right answers and over
/// each with one value taken out or replaced.
#[test]
fn schemas_are_read_as_the_standard_has_them() {
    let mut compared = 0;
    for task in shipped().unwrap() {
        let Check::Json { schema, .. } = &task.check else {
            continue;
        };
        known_keywords(schema);
        let said = answers::right(&task.id, "").text;
        let start = said.find("</think>").map_or(0, |at| at + 8);
        let body = said[start..]
            .trim()
            .trim_start_matches("```json")
            .trim_end_matches("```");
        let value: Value = serde_json::from_str(body).unwrap();
        for value in std::iter::once(value.clone()).chain(changed(&value)) {
            let theirs = jsonschema::is_valid(schema, &value);
            let ours = fault_of(schema, &value);
            assert_eq!(ours.is_none(), theirs, "{}: {value} {ours:?}", task.id);
            compared += 1;
        }
    }
    assert!(compared > 200, "{compared}");
}

fn known_keywords(schema: &Value) {
    let Some(fields) = schema.as_object() else {
        return;
    };
    for (keyword, value) in fields {
        assert!(KEYWORDS.contains(&keyword.as_str()), "{keyword}");
        match keyword.as_str() {
            "properties" => value.as_object().unwrap().values().for_each(known_keywords),
            "items" | "additionalProperties" => known_keywords(value),
            _ => {}
        }
    }
}

/// A value with each part of it replaced by others, or taken out, or with one more beside it.
fn changed(value: &Value) -> Vec<Value> {
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!(2.5),
        json!("x"),
        json!([]),
        json!({}),
    ];
    let mut all = others.to_vec();
    if let Some(fields) = value.as_object() {
        for (name, field) in fields {
            let mut without = fields.clone();
            without.remove(name);
            all.push(Value::Object(without));
            all.extend(changed(field).into_iter().map(|other| {
                let mut with = fields.clone();
                with.insert(name.clone(), other);
                Value::Object(with)
            }));
        }
        let mut more = fields.clone();
        more.insert("more".to_owned(), json!(1));
        all.push(Value::Object(more));
    }
    if let Some(items) = value.as_array() {
        all.push(Value::Array(
            items[..items.len().saturating_sub(1)].to_vec(),
        ));
        for (n, item) in items.iter().enumerate() {
            all.extend(changed(item).into_iter().map(|other| {
                let mut with = items.clone();
                with[n] = other;
                Value::Array(with)
            }));
        }
    }
    all
}
