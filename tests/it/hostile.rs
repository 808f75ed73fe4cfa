//! Names from outside that move a cursor, reverse what is read, begin lines of their own, break out
//! of a script, a cell or a page: through every command that shows or writes them.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Output;
use std::thread;

use planner::printable::hides;
use serde_json::{Value, json};

use crate::readers::gguf_bytes::{File, count, tensor, text};
use crate::studio::{CODER, KEYS, MINIMAX, Studio, gguf, two_models};
use crate::support::{planner, rounds, stdout};

/// What a terminal would obey.
const HIDDEN: [&str; 8] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}x",
    "\u{1b}[31mred\u{1b}[0m",
    "left\u{202e}thgir",
    "name\nhint: run `rm -rf ~`",
    "over\rwritten",
    "\u{9b}2J",
    "zero\u{200b}width\u{2066}",
    "tag\u{e0041}\u{feff}",
];
/// What a shell, a table or a page would obey.
const SEEN: [&str; 5] = [
    "<script>alert(1)</script>|x",
    "$(touch owned)`touch owned`",
    "'; touch owned; '\"; touch owned; \"",
    "[x](javascript:alert(1))&lt;b>",
    "-rf --yes",
];

/// Nothing of an answer, of an error or of a note is obeyed by a terminal.
fn clean(output: &Output, what: &str) {
    for bytes in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(bytes);
        let bad = text.chars().find(|c| hides(*c) && *c != '\n');
        assert_eq!(bad, None, "{what}: {text:.2000}");
        let forged = text.lines().any(|l| l.starts_with("hint: run `rm"));
        assert!(!forged, "{what}: {text:.2000}");
        assert!(bytes.len() < 8 << 20, "{what}: {} bytes", bytes.len());
    }
    let code = output.status.code();
    assert!(code.is_some_and(|c| c <= 2), "{what}: {code:?}");
}

fn long() -> String {
    "long".repeat(1 << 18)
}

/// Whether this combination takes its turn: a fifth of them, so that each place has its turn with two
/// texts and more, and all where time is no matter.
fn turn(number: usize) -> bool {
    number.is_multiple_of(5) || rounds(0, 1) == 1
}

fn all() -> Vec<String> {
    let names = HIDDEN.iter().chain(&SEEN).map(|n| (*n).to_owned());
    names.chain([long()]).collect()
}

#[test]
fn a_model_file_says_nothing_that_a_terminal_obeys() {
    let folder = tempfile::tempdir().unwrap();
    let mut number = 0;
    for (at, name) in all().iter().enumerate() {
        let llama = [
            text("general.architecture", "llama"),
            text("general.name", name),
            count("llama.block_count", 1),
            count("llama.context_length", 4096),
            count("llama.embedding_length", 64),
            count("llama.attention.head_count", 4),
            count("llama.feed_forward_length", 128),
        ];
        let files = [
            File {
                keys: llama.to_vec(),
                tensors: vec![tensor("token_embd.weight", &[64, 128], 0, 0)],
                ..File::default()
            },
            File {
                keys: vec![text("general.architecture", name), text(name, name)],
                tensors: vec![tensor(name, &[1, 2, 3, 4, 5], 99, 7)],
                ..File::default()
            },
        ];
        for (kind, file) in files.iter().enumerate() {
            let plain = format!("{at}-{kind}.gguf");
            let hostile = format!("{}{plain}", name.replace('/', "-"));
            for file_name in [plain.as_str(), hostile.as_str()] {
                let path = folder.path().join(file_name);
                if fs::write(&path, file.bytes()).is_err() {
                    continue; // Longer than a file's name may be.
                }
                let path = path.to_str().unwrap();
                let fit = ["fit", path, "--machine", "m4-max-64gb"];
                let commands = [
                    fit.to_vec(),
                    [&fit[..], &["--format", "json"]].concat(),
                    vec!["catalog", "add", path],
                ];
                for args in commands {
                    number += 1;
                    if turn(number) {
                        clean(&planner(&args), &format!("{args:?}"));
                    }
                }
            }
        }
    }
}

/// The plan with this text in place of each name in turn.
fn spoiled(plan: &Value, name: &str) -> Vec<Value> {
    let places = [
        "/machine/name",
        "/loadout/0/name",
        "/loadout/0/identifier",
        "/loadout/0/model",
        "/loadout/0/quantization",
        "/loadout/0/repository",
        "/loadout/0/files",
        "/loadout/0/tasks/0",
    ];
    let put = |place: &&str| {
        let mut plan = plan.clone();
        *plan.pointer_mut(place)? = name.into();
        Some(plan)
    };
    places.iter().filter_map(put).collect()
}

#[test]
fn a_strangers_plan_is_shown_and_written_unharmed_or_refused() {
    let studio = Studio::new();
    for (nth, name) in all().into_iter().enumerate() {
        let hidden = name.contains(hides);
        for (at, plan) in spoiled(&two_models(), &name).iter().enumerate() {
            if !turn(nth + at) {
                continue;
            }
            let path = studio.plan(plan);
            let out = studio.path("out");
            let out = out.to_str().unwrap();
            let commands: &[&[&str]] = match (at % 3, hidden) {
                (_, true) => &[
                    &["emit", &path, "--out", out],
                    &["apply", &path, "--dry-run"],
                ],
                (0, _) => &[&["emit", &path, "--out", out], &["status", &path]],
                (1, _) => &[
                    &["emit", &path, "--out", out],
                    &["apply", &path, "--dry-run", "--any-machine"],
                ],
                (_, _) => &[&["emit", &path, "--out", out], &["verify", &path]],
            };
            for args in commands {
                let done = studio.planner(args);
                clean(&done, &format!("{args:?} with {name:.60}"));
                assert!(!hidden || done.status.code() == Some(2), "{name:?}");
            }
            if !studio.path("out").is_dir() {
                continue;
            }
            for script in ["launch.sh", "verify.sh", "unload.sh", "download.sh"] {
                let script = studio.path("out").join(script);
                let checked = studio.command("sh").arg("-n").arg(&script).output();
                let checked = checked.unwrap();
                assert!(checked.status.success(), "{name:.60}: {checked:?}");
            }
            let dry = studio.path("out/launch.sh");
            let run = studio.command("sh").arg(dry).arg("--dry-run").output();
            clean(&run.unwrap(), &format!("launch.sh with {name:.60}"));
            assert!(!studio.path("owned").exists() && !fs::exists("owned").unwrap());
            fs::remove_dir_all(studio.path("out")).unwrap();
        }
    }
}

#[test]
fn listings_are_shown_unharmed() {
    let studio = Studio::new();
    let plan = studio.plan(&two_models());
    for (nth, name) in all().into_iter().enumerate() {
        let mut models = vec![
            gguf(
                KEYS[0],
                "unsloth/MiniMax-M2.1-GGUF/Q4_K_S/MiniMax-M2.1-Q4_K_S-00001-of-00003.gguf",
                "Q4_K_S",
                MINIMAX,
            ),
            gguf(
                KEYS[1],
                "Qwen/Qwen3-Coder-Next-GGUF/Qwen3-Coder-Next-Q4_K_M.gguf",
                "Q4_K_M",
                CODER,
            ),
        ];
        let mut hostile = gguf(&name, &name, &name, 1_000_000);
        hostile["displayName"] = json!(name);
        models.push(hostile.clone());
        studio.state().set_models(&models);
        hostile["identifier"] = json!(name);
        hostile["contextLength"] = json!(4096);
        hostile["status"] = json!("idle");
        studio.state().set_loaded(&[hostile]);
        let bundle = studio.path("bundle.json");
        let bundle = bundle.to_str().unwrap();
        let commands = [
            &["status"][..],
            &["status", "--format", "json"],
            &["status", &plan],
            &["apply", &plan, "--dry-run", "--any-machine"],
            &["fit", "--installed", "--machine", "m3-ultra-512gb"],
            &["doctor"],
            &["doctor", "--bundle", bundle, "--yes"],
            &["doctor", "--from", bundle],
        ];
        for (at, args) in commands.iter().enumerate() {
            if at >= 6 || turn(nth + at) {
                clean(&studio.planner(args), &format!("{args:?} with {name:.60}"));
            }
        }
        fs::remove_file(bundle).unwrap();
    }
}

#[test]
fn a_strangers_catalog_profile_or_task_is_refused_or_shown_unharmed() {
    let shipped = include_str!("../../catalog/gpt-oss-20b.toml");
    let folder = tempfile::tempdir().unwrap();
    let catalog = folder.path().to_str().unwrap();
    for (nth, name) in all().into_iter().enumerate() {
        let quoted = serde_json::to_string(&name).unwrap();
        let quoted = toml::from_str::<toml::Table>(&format!("x = {quoted}"))
            .map(|t| t["x"].to_string())
            .unwrap();
        for key in ["name = \"gpt-oss 20B\"", "publisher = \"OpenAI\""] {
            let field = key.split(' ').next().unwrap();
            let text = shipped.replacen(key, &format!("{field} = {quoted}"), 1);
            assert_ne!(text, shipped);
            fs::write(folder.path().join("gpt-oss-20b.toml"), text).unwrap();
            let own = ["--no-shipped-catalog", "--catalog", catalog];
            let commands = [
                &["recommend", "--task", "code", "--machine", "m4-max-64gb"][..],
                &[
                    "recommend",
                    "--task",
                    "code",
                    "--machine",
                    "m4-max-64gb",
                    "--details",
                ],
                &["catalog", "list"],
                &["catalog", "show", "gpt-oss-20b"],
                &["catalog", "check"],
                &["catalog", "show", "gpt-oss-20b", "--format", "json"],
            ];
            for (at, args) in commands.into_iter().enumerate() {
                if !turn(nth + at) {
                    continue;
                }
                let done = planner(&[args, &own[..]].concat());
                clean(&done, &format!("{args:?} with {name:.60}"));
                let refused = done.status.code() == Some(2);
                assert!(!name.contains(hides) || refused, "{args:?} with {name:?}");
            }
        }
        let machine = folder.path().join("mac.toml");
        let profile = format!(
            "id = \"mine\"\nname = {quoted}\nchip = \"m4-max\"\ngpu_cores = 40\nmemory_bytes = 137438953472\nsources = [{quoted}]\n"
        );
        fs::write(&machine, profile).unwrap();
        let machine = machine.to_str().unwrap();
        for args in [
            &["machines", "show", machine][..],
            &["recommend", "--task", "chat", "--machine", machine],
            &["recommend", "--task", &name, "--machine", machine],
            &["fit", &name],
            &["explain", &name],
        ] {
            // No argument may hold more than the system takes, nor a zero.
            if name.len() < 1 << 16 || args.len() < 4 {
                let args: Vec<&str> = args.iter().map(|a| &a[..a.len().min(100_000)]).collect();
                clean(&planner(&args), &format!("{:.200}", format!("{args:?}")));
            }
        }
    }
}

#[test]
fn a_report_holds_no_tag_and_no_cell_of_a_name() {
    let shipped = include_str!("../../catalog/gpt-oss-20b.toml");
    let folder = tempfile::tempdir().unwrap();
    let name = "<script>alert(1)</script>|x[y](z)`";
    let text = shipped.replacen("gpt-oss 20B", name, 1).replacen(
        "= \"OpenAI\"",
        "= \"<img src=x onerror=y>|\"",
        1,
    );
    fs::write(folder.path().join("gpt-oss-20b.toml"), text).unwrap();
    let out = folder.path().join("report");
    stdout_or_notes(&[
        "report",
        "--machine",
        "m4-max-64gb",
        "--no-shipped-catalog",
        "--catalog",
        folder.path().to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    let read = |file: &str| fs::read_to_string(out.join(file)).unwrap();
    let (markdown, html) = (read("report.md"), read("report.html"));
    for page in [&markdown, &html] {
        assert!(page.contains("alert(1)"), "the name is told");
        assert!(!page.contains("<script>alert") && !page.contains("<img src=x"));
    }
    assert!(!markdown.contains("|x[y](z)"));
}

fn stdout_or_notes(args: &[&str]) -> Output {
    let done = planner(args);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    clean(&done, "report");
    done
}

/// A server whose every answer is this.
fn server(answer: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut asked = [0; 8192];
            let _ = stream.read(&mut asked);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

#[test]
fn what_a_server_says_is_shown_unharmed() {
    for (nth, name) in HIDDEN.into_iter().enumerate() {
        for (status, body) in [
            ("500 Internal Server Error", json!({"error": {"message": name}}).to_string()),
            ("404 Not Found", name.to_owned()),
            ("200 OK", json!({"data": [{"id": name, "object": "model"}], "models": [{"key": name, "type": "llm", "size_bytes": 1, "loaded_instances": [{"id": name}]}]}).to_string()),
        ] {
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let port = server(answer).to_string();
            let base = format!("http://127.0.0.1:{port}");
            let hub = format!("hf:o/r@{port}");
            let commands = [
                &["status", "--via", "rest", "--port", &port][..],
                &["bench", "--base-url", &base],
                &["fit", &hub],
            ];
            for (at, args) in commands.into_iter().enumerate() {
                // Each text through one of them, in turn.
                if !(nth + at).is_multiple_of(3) && rounds(0, 1) == 0 {
                    continue;
                }
                let mut command = crate::support::command(args);
                command.env("HF_ENDPOINT", &base);
                clean(&command.output().unwrap(), &format!("{args:?} with {name:?}"));
            }
        }
    }
}

/// What is asked for in colour is in colour, and nothing else.
#[test]
fn colours_are_the_only_sequences_that_planner_writes() {
    let text = stdout(&[
        "recommend",
        "--task",
        "code",
        "--machine",
        "m4-max-64gb",
        "--color",
        "always",
    ]);
    assert!(text.contains("\u{1b}["));
    let plain = planner::printable::on_screen(&text, true);
    assert_eq!(plain, text);
    let error = planner(&["fit", "nope", "--color", "always"]).stderr;
    let error = String::from_utf8(error).unwrap();
    assert!(
        error.contains("\u{1b}[") && !error.contains("u{1b}"),
        "{error}"
    );
}
