//! Bad input gets a clear error with its way out, exit code 2, and nothing on standard output; an
//! honest no gets exit code 1.

mod documents;
mod files;
mod places;
mod table;

use std::fs;
use std::path::PathBuf;

use crate::support::{planner, stdout};

/// What the error must say, and that the exit code is 2.
fn refused(args: &[&str], says: &[&str]) {
    let output = planner(args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "planner {args:?}: {errors}");
    assert!(
        output.stdout.is_empty(),
        "planner {args:?} wrote an answer beside its error"
    );
    for word in says {
        assert!(
            errors.contains(word),
            "planner {args:?} should say {word:?}, and says: {errors}"
        );
    }
}

/// A folder of its own with one file in it.
fn folder(name: &str, file: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(file), text).unwrap();
    folder
}

const MACHINE: [&str; 2] = ["--machine", "m3-ultra-512gb"];

#[test]
fn names_that_do_not_exist() {
    refused(
        &["recommend", "--task", "coed", "--machine", "m3-ultra-512gb"],
        &["task not found: `coed`", "did you mean `code`", "hint:"],
    );
    refused(
        &["recommend", "--machine", "m3-ultra-512"],
        &[
            "machine not found:",
            "did you mean `m3-ultra-512gb`",
            "planner machines",
        ],
    );
    for chip in ["gb10", "M4 Max"] {
        let has = if chip == "gb10" {
            "dgx-spark-128gb"
        } else {
            "m4-max-64gb"
        };
        refused(&["recommend", "--machine", chip], &["it is a chip", has]);
    }
    refused(
        &["recommend", "--task", "coding", MACHINE[0], MACHINE[1]],
        &["`coding` is a mix, not a task", "--for coding"],
    );
    let task = folder(
        "a_task_is_no_machine",
        "my-task.toml",
        &stdout(&["tasks", "code"]),
    );
    let task = task.join("my-task.toml");
    refused(
        &["recommend", "--machine", task.to_str().unwrap()],
        &["is a task, not a machine", "--task"],
    );
    refused(
        &["explain", "not-there.json"],
        &[
            "can't read not-there.json",
            "planner recommend --out not-there.json",
        ],
    );
    refused(
        &["recommend", "--engine", "mlxx", MACHINE[0], MACHINE[1]],
        &["`llama.cpp` and `mlx`", "did you mean `mlx`"],
    );
    refused(
        &["recommend", "--pin", "minimax-m21", MACHINE[0], MACHINE[1]],
        &["--pin minimax-m21", "did you mean `minimax-m2.1`"],
    );
    refused(
        &[
            "recommend",
            "--exclude",
            "nothing-like-it-anywhere",
            MACHINE[0],
            MACHINE[1],
        ],
        &["names no model", "planner catalog list"],
    );
    refused(
        &[
            "recommend",
            "--campaign",
            "llm-mac-51",
            MACHINE[0],
            MACHINE[1],
        ],
        &["did you mean `llm-mac-512`"],
    );
    refused(
        &["catalog", "show", "qwen3-coder-nxt"],
        &["did you mean `qwen3-coder-next`"],
    );
    refused(&["recomend"], &["recommend"]);
}

/// What `tasks NAME` prints is the file that ships, which an owner begins an own one with.
#[test]
fn a_task_is_printed_as_it_is_written() {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/tasks/code.toml");
    let shipped = fs::read_to_string(shipped).unwrap();
    assert_eq!(stdout(&["tasks", "code"]).trim_end(), shipped.trim_end());
    assert!(shipped.lines().any(|line| line.starts_with('#')));
}

#[test]
fn numbers_that_cannot_be_meant() {
    let with = |extra: &[&'static str]| -> Vec<&'static str> {
        ["recommend"]
            .into_iter()
            .chain(MACHINE)
            .chain(extra.iter().copied())
            .collect()
    };
    refused(&with(&["--memory", "256"]), &["has no unit", "256GiB"]);
    refused(&with(&["--memory", "256G"]), &["unknown unit", "GiB"]);
    refused(&with(&["--memory", "0GiB"]), &["above zero"]);
    refused(&with(&["--memory=-5GiB"]), &["above zero"]);
    refused(&with(&["--wired-limit", "abc"]), &["not a size"]);
    refused(
        &with(&["--wired-limit", "600GiB"]),
        &["more than the machine's memory", "549.8 GB"],
    );
    refused(&with(&["--reserve", "512GiB"]), &["leaves nothing"]);
    refused(&with(&["--context", "0"]), &["at least one token"]);
    refused(&with(&["--context", "1e6"]), &["not a number of tokens"]);
    for (flag, most) in [("--slots", "1023"), ("--models", "8"), ("--agents", "64")] {
        let range = format!("give a whole number from 1 to {most}");
        refused(&with(&[flag, "0"]), &["invalid value `0`", &range]);
        refused(&with(&[flag, "many"]), &["give a whole number"]);
    }
    refused(
        &["recommend", "--fleet", "fleet.toml", "--survive", "2"],
        &["`2`", "hint: give 1"],
    );
    refused(
        &["status", "--watch", "0"],
        &["hint: give a whole number, 1 or more"],
    );
    refused(
        &with(&["--min-tps", "nan"]),
        &["give tokens per second above zero"],
    );
    refused(
        &with(&["--min-tps=-3"]),
        &["give tokens per second above zero"],
    );
    refused(
        &with(&["--task", "code=0"]),
        &["weight must be a number above zero"],
    );
    refused(
        &with(&["--task", "code", "--task", "code"]),
        &["given twice"],
    );
    refused(
        &with(&["--kv-type", "q9_0"]),
        &["not a KV cache type", "q8_0"],
    );
    refused(
        &with(&["--kv-type", "f16,q8_0", "--flash-attention", "off"]),
        &["need flash attention"],
    );
    refused(
        &with(&[
            "--models",
            "1",
            "--pin",
            "minimax-m2.1",
            "--pin",
            "gpt-oss-20b",
        ]),
        &["2 models are pinned", "--models"],
    );
}

#[test]
fn broken_catalogs_are_named_by_file_and_line() {
    let broken = folder(
        "broken",
        "mine.toml",
        "id = \"x\"\nname = \"X\"\nparameters_total = \"many\"\n",
    );
    refused(
        &["catalog", "list", "--catalog", broken.to_str().unwrap()],
        &[
            "mine.toml:3:20",
            "expected a whole number, 0 or more, not the text \"many\"",
        ],
    );
    let unclosed = folder("unclosed", "mine.toml", "id = \"x\nname = 1\n");
    refused(
        &["catalog", "list", "--catalog", unclosed.to_str().unwrap()],
        &["mine.toml:1:"],
    );
    let misspelt = folder(
        "misspelt",
        "mine.toml",
        "extends = \"gpt-oss-20b\"\nvarients = []\n",
    );
    refused(
        &["catalog", "list", "--catalog", misspelt.to_str().unwrap()],
        &[
            "mine.toml:2:1",
            "unknown key `varients`; did you mean `variants`?",
        ],
    );
    let lost = folder("lost", "mine.toml", "extends = \"gpt-oss-21b\"\n");
    refused(
        &["catalog", "list", "--catalog", lost.to_str().unwrap()],
        &["names no model", "gpt-oss-20b"],
    );
    refused(
        &["catalog", "list", "--catalog", "/nonexistent/folder"],
        &["/nonexistent/folder"],
    );
}

#[test]
fn one_catalog_describes_a_model_once() {
    let twice = folder(
        "twice",
        "a.toml",
        include_str!("../../../catalog/gpt-oss-20b.toml"),
    );
    fs::write(
        twice.join("b.toml"),
        include_str!("../../../catalog/gpt-oss-20b.toml"),
    )
    .unwrap();
    refused(
        &["catalog", "list", "--catalog", twice.to_str().unwrap()],
        &[
            "a.toml",
            "b.toml",
            "`gpt-oss-20b` is already described",
            "extends",
        ],
    );
}

#[test]
fn profiles_that_cannot_score() {
    let code = include_str!("../../../profiles/tasks/code.toml");
    let file = |name: &str, text: String| folder("tasks", name, &text).join(name);
    let unknown = file("unknown.toml", code.replace("reliability = ", "luck = "));
    refused(
        &["recommend", "--task", unknown.to_str().unwrap()],
        &["unknown.toml", "unknown key `luck`", "known are `quality`"],
    );
    let unbalanced = file(
        "unbalanced.toml",
        code.replacen("quality = 0.61", "quality = 0.91", 1),
    );
    refused(
        &["recommend", "--task", unbalanced.to_str().unwrap()],
        &["weights add up to", "not to 1"],
    );
    refused(
        &["recommend", "--task", "./nowhere.toml"],
        &["nowhere.toml"],
    );
}

#[test]
fn machines_that_cannot_be() {
    let file = |name: &str, text: &str| folder("machines", name, text).join(name);
    let chip = file(
        "chip.toml",
        "id = \"x\"\nname = \"X\"\nchip = \"m99\"\nmemory_bytes = 17179869184\nsources = []\n",
    );
    refused(
        &["recommend", "--machine", chip.to_str().unwrap()],
        &["`m99`", "known are m1, "],
    );
    let cores = file(
        "cores.toml",
        "id = \"x\"\nname = \"X\"\nchip = \"m4-max\"\ngpu_cores = 41\nmemory_bytes = 17179869184\nsources = []\n",
    );
    refused(
        &["recommend", "--machine", cores.to_str().unwrap()],
        &["41 GPU cores", "it was built with 32, 40"],
    );
    let short = file(
        "short.toml",
        "id = \"x\"\nname = \"X\"\nmemory_bytes = 17179869184\n",
    );
    refused(
        &["recommend", "--machine", short.to_str().unwrap()],
        &["missing field `sources`", "add `sources`"],
    );
    let small = file(
        "small.toml",
        "id = \"x\"\nname = \"X\"\nmemory_bytes = 16\nsources = []\n",
    );
    refused(
        &["recommend", "--machine", small.to_str().unwrap()],
        &["memory_bytes", "16 GiB are 17179869184"],
    );
}

#[test]
fn an_honest_no_is_exit_code_1_with_the_reason() {
    let output = planner(&[
        "recommend",
        "--task",
        "code",
        "--machine",
        "macbook-air-m1-8gb",
        "--memory",
        "5GiB",
    ]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("In the way") && text.contains("Next         planner recommend "),
        "{text}"
    );
    let pinned = planner(&[
        "recommend",
        "--machine",
        "macbook-air-m4-16gb",
        "--pin",
        "deepseek-v3.1",
    ]);
    assert_eq!(pinned.status.code(), Some(1));
    let text = String::from_utf8_lossy(&pinned.stdout);
    assert!(
        text.contains("Next         planner recommend --machine macbook-air-m4-16gb\n"),
        "{text}"
    );
}

/// A question that the time limit ends is no bad input.
#[test]
fn no_answer_within_the_time_limit_is_exit_code_1() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("plan.json");
    let saved = saved.to_str().unwrap();
    let made = [
        "recommend",
        "--task",
        "code",
        "--machine",
        "m4-max-64gb",
        "--out",
        saved,
    ];
    assert!(planner(&made).status.success());
    let questions: [&[&str]; 4] = [
        &["explain", saved],
        &["whatif", saved, "--slots", "2"],
        &["whatif", saved, "--machines"],
        &["recommend", "--task", "code", "--machines"],
    ];
    for question in questions {
        // No solve is done within a nanosecond.
        let ended = planner(&[question, &["--time-limit", "0.000000001"]].concat());
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{question:?}: {said}");
        assert!(
            said.contains("the time limit came before") && said.contains("--time-limit`"),
            "{question:?}: {said}"
        );
    }
}

/// What a machine's file does not say is told, with what would say it.
#[test]
fn a_machine_without_bandwidth_is_planned_without_speeds_and_says_why() {
    let file = |name: &str, more: &str| {
        let text =
            format!("id = \"x\"\nname = \"X\"\n{more}memory_bytes = 68719476736\nsources = []\n");
        folder("without-bandwidth", name, &text).join(name)
    };
    let cases = [
        ("no-chip.toml", "", "in the machine's file say it"),
        (
            "no-cores.toml",
            "chip = \"m4-max\"\n",
            "`gpu_cores` in the machine's file says which",
        ),
    ];
    for (name, more, why) in cases {
        let path = file(name, more);
        let path = path.to_str().unwrap();
        for args in [
            &["recommend", "--task", "code", "--machine", path][..],
            &["speed", "qwen3.8-27b/gguf-q4_k_m", "--machine", path],
        ] {
            let done = planner(args);
            let said = String::from_utf8(done.stdout).unwrap();
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            // Speeds that nobody knows are an honest no.
            let code = i32::from(args[0] == "speed");
            assert_eq!(done.status.code(), Some(code), "{args:?}: {said}");
            assert!(said.contains(why), "{args:?}: {said}");
        }
    }
    // All M1 have one bandwidth, whatever their cores.
    let one = file("one.toml", "chip = \"m1\"\n");
    let known = planner(&["speed", "qwen3-4b", "--machine", one.to_str().unwrap()]);
    let known = String::from_utf8(known.stdout).unwrap();
    assert!(
        !known.contains("unknown") && !known.contains("No speed"),
        "{known}"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_planner"))
        .args(["catalog", "list"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_file_that_is_no_model_or_not_all_there() {
    refused(
        &["fit", "/nonexistent/model.gguf"],
        &["/nonexistent/model.gguf"],
    );
    let junk = folder("gguf", "junk.gguf", "this is not a model").join("junk.gguf");
    refused(&["fit", junk.to_str().unwrap()], &["junk.gguf"]);
    let header = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/llama-cpp/qwen3-coder-next.q6_k.gguf-header"
    );
    let cut = folder("gguf", "cut.gguf", "").join("cut.gguf");
    fs::copy(header, &cut).unwrap();
    refused(
        &["fit", cut.to_str().unwrap()],
        &["lacks its last 61.0 GiB (65.5 GB)", "still downloading"],
    );
    refused(
        &["fit", "gguf.gguf", "--beside", "qwen3-coder-next"],
        &["several variants", "qwen3-coder-next/gguf-q6_k"],
    );
}

#[test]
fn nothing_where_something_is_named_is_said_to_be_nothing() {
    refused(
        &["recommend", "--task", "", MACHINE[0], MACHINE[1]],
        &["no task given", "hint:"],
    );
    let empty = tempfile::tempdir().unwrap();
    let folder = empty.path().to_str().unwrap();
    refused(
        &["catalog", "list", "--catalog", folder],
        &["no .toml file in it", "hint:"],
    );
}

/// A weight written to three digits is rounded; one that is off by more is a slip.
#[test]
fn weights_that_nearly_add_up_do() {
    let shipped = include_str!("../../../profiles/tasks/code.toml");
    let with = |name: &str, quality: &str| {
        let text = shipped.replacen("quality = 0.61", quality, 1);
        assert_ne!(text, shipped);
        folder("near-weights", name, &text).join(name)
    };
    let near = with("near.toml", "quality = 0.614");
    let near = crate::support::plan(&["--task", near.to_str().unwrap(), MACHINE[0], MACHINE[1]]);
    let exact = crate::support::plan(&["--task", "code", MACHINE[0], MACHINE[1]]);
    assert_eq!(
        crate::support::loadout(&near),
        crate::support::loadout(&exact)
    );
    let parts = near["loadout"][0]["score"]["parts"].as_array().unwrap();
    let sum: f64 = parts.iter().map(|p| p["weight"].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    let off = with("off.toml", "quality = 0.63");
    refused(
        &[
            "recommend",
            "--task",
            off.to_str().unwrap(),
            MACHINE[0],
            MACHINE[1],
        ],
        &[
            "the weights add up to 1.02",
            "hint: raise or lower one of them by 0.0200",
        ],
    );
}

/// What the user gives is not said to be assumed, nor a Mac to have memory that it has not.
#[test]
fn what_is_given_is_said_to_be_given() {
    let said = planner(&[
        "fit",
        "gpt-oss-20b/gguf-mxfp4",
        MACHINE[0],
        MACHINE[1],
        "--memory",
        "96GiB",
        "--wired-limit",
        "80GiB",
    ]);
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("512 GB, with 96.0 GiB given"), "{said}");
    assert!(
        said.contains("GPU working set, 80.0 GiB (85.9 GB), given"),
        "{said}"
    );
}
