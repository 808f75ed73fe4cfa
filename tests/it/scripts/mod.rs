//! Emitted scripts, run by real shells against the stand-in for LM Studio.

mod files;
mod mlx;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::studio::{KEYS, Studio, gguf, loaded, planned, two_models, words};
use crate::support::rounds;

/// The shells of this machine that scripts must run in.
fn shells() -> Vec<&'static str> {
    let all = ["dash", "bash", "zsh"];
    let found: Vec<&str> = all.into_iter().filter(|s| which(s)).collect();
    if found.len() < all.len() {
        skipped(&format!("of {all:?} only {found:?} are here"));
    }
    if found.is_empty() { vec!["sh"] } else { found }
}

/// Says what was not tested, past the test harness, which would swallow it.
pub(crate) fn skipped(what: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}");
}

/// The signals that a script can be told of: no shell may trap what was ignored when it began, as
/// an interrupt is in what runs in the background.
fn signals() -> Vec<&'static str> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|l| l.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    if ignored.is_some_and(|mask| mask & 0b10 != 0) {
        skipped("an interrupt, which is ignored here");
        return vec!["-TERM"];
    }
    vec!["-INT", "-TERM"]
}

pub(crate) fn which(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|p| p.join(program).is_file())
}

fn run(studio: &Studio, shell: &str, script: &Path, args: &[&str]) -> Output {
    studio
        .command(shell)
        .arg(script)
        .args(args)
        .output()
        .unwrap()
}

#[test]
fn launch_loads_the_plan_and_a_second_run_changes_nothing() {
    for shell in shells() {
        let studio = Studio::new();
        let folder = studio.emit(&two_models(), &[]);
        let dry = run(&studio, shell, &folder.join("launch.sh"), &["--dry-run"]);
        assert!(dry.status.success(), "{}", words(&dry));
        assert!(studio.changes().is_empty(), "a dry run changed something");
        let first = run(&studio, shell, &folder.join("launch.sh"), &[]);
        assert!(first.status.success(), "{shell}: {}", words(&first));
        assert!(words(&first).contains("the plan is loaded"));
        assert_eq!(studio.loaded(), planned(), "{shell}");
        let before = studio.changes();
        assert_eq!(before.len(), 2, "{before:?}");
        assert!(
            before[0].contains("--gpu=max")
                && before[0].contains("--parallel=4")
                && before[0].contains("--context-length=65536"),
            "{before:?}"
        );
        let second = run(&studio, shell, &folder.join("launch.sh"), &[]);
        assert!(second.status.success(), "{}", words(&second));
        assert_eq!(studio.changes(), before, "a second run changed something");
        let verify = run(&studio, shell, &folder.join("verify.sh"), &[]);
        assert!(verify.status.success(), "{}", words(&verify));
        let unload = run(&studio, shell, &folder.join("unload.sh"), &[]);
        assert!(unload.status.success(), "{}", words(&unload));
        assert_eq!(studio.loaded(), []);
        assert_eq!(
            run(&studio, shell, &folder.join("verify.sh"), &[])
                .status
                .code(),
            Some(1)
        );
    }
}

/// What may be loaded before: nothing, a stranger, the plan's own model otherwise with a copy, and
/// the plan itself beside a stranger.
fn befores() -> Vec<crate::studio::Loaded> {
    let stranger = || {
        (
            "stranger".to_owned(),
            "stranger".to_owned(),
            8192,
            2,
            Some(600),
        )
    };
    vec![
        vec![],
        vec![stranger()],
        vec![
            loaded("minimax-m2.1", KEYS[0], 4096, 4),
            loaded("minimax-m2.1:2", KEYS[0], 65_536, 4),
            stranger(),
        ],
        [planned(), vec![stranger()]].concat(),
        vec![loaded("qwen3-coder-next", "stranger", 262_144, 4)],
    ]
}

const FAULTS: [&str; 10] = [
    "",
    "out_of_memory@qwen3-coder-next=once",
    "death@qwen3-coder-next=once",
    "death_after@qwen3-coder-next=once",
    "exit_0_failure@qwen3-coder-next=once",
    "exit_0_failure@minimax-m2.1=once",
    "unload_ignored@stranger",
    "server_context=4096",
    "old_server\nansi\nestimate_gb",
    "no_parallel",
];

#[test]
fn whatever_fails_launch_ends_in_the_plan_or_in_what_was_before_and_says_which() {
    let shell = shells()[0];
    for (n, before) in befores().into_iter().enumerate() {
        // Each fault is met by one or two of them, and by all at length.
        let meets = |m: usize| (n + m).is_multiple_of(3) || rounds(0, 1) == 1;
        for (_, fault) in FAULTS.into_iter().enumerate().filter(|(m, _)| meets(*m)) {
            let studio = Studio::new();
            studio.load(&before);
            studio.faults(fault);
            let folder = studio.emit(&two_models(), &[]);
            let ended = run(&studio, shell, &folder.join("launch.sh"), &[]);
            let said = words(&ended);
            let mut old = before.clone();
            old.sort();
            let case = format!("before {before:?}, fault {fault}:\n{said}");
            match ended.status.code() {
                Some(0) => {
                    assert_eq!(studio.loaded(), planned(), "{case}");
                    assert!(said.contains("the plan is loaded"), "{case}");
                }
                Some(1) => {
                    assert_eq!(studio.loaded(), old, "{case}");
                    assert!(
                        said.trim_end()
                            .ends_with("what was loaded before is loaded again"),
                        "{case}"
                    );
                }
                other => panic!("exit code {other:?}, {case}"),
            }
        }
    }
}

#[test]
fn an_interrupted_launch_puts_back_what_was_there() {
    for shell in shells() {
        for signal in signals() {
            let studio = Studio::new();
            let before = vec![
                loaded("minimax-m2.1", KEYS[0], 4096, 4),
                loaded("other", "stranger", 8192, 2),
            ];
            studio.load(&before);
            studio.faults("slow_load=600");
            let folder = studio.emit(&two_models(), &[]);
            let child = studio
                .command(shell)
                .arg(folder.join("launch.sh"))
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap();
            studio.wait_for("--identifier=minimax-m2.1");
            assert!(studio.signal(child.id(), signal));
            let ended = child.wait_with_output().unwrap();
            assert_eq!(
                ended.status.code(),
                Some(1),
                "{shell} {signal}: {}",
                words(&ended)
            );
            assert!(
                words(&ended).contains("failed: interrupted"),
                "{}",
                words(&ended)
            );
            assert_eq!(
                studio.loaded(),
                before,
                "{shell} {signal}: {}",
                words(&ended)
            );
        }
    }
}

#[test]
fn what_cannot_be_put_back_is_told() {
    let studio = Studio::new();
    studio.load(&[loaded("stranger", "stranger", 8192, 4)]);
    studio.faults("out_of_memory");
    let folder = studio.emit(&two_models(), &[]);
    let ended = run(&studio, "sh", &folder.join("launch.sh"), &[]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        words(&ended).contains("NOT everything could be put back"),
        "{}",
        words(&ended)
    );
}

#[test]
fn memory_is_never_exceeded_on_the_way() {
    // The plan fits, the plan beside what is loaded before does not.
    let studio = Studio::new();
    fs::write(studio.path("state/capacity"), "180000000000").unwrap();
    studio.load(&[
        loaded("stranger", "stranger", 8192, 4),
        loaded("old", KEYS[0], 4096, 4),
    ]);
    let folder = studio.emit(&two_models(), &[]);
    let ended = run(&studio, "sh", &folder.join("launch.sh"), &[]);
    assert!(ended.status.success(), "{}", words(&ended));
    assert_eq!(studio.loaded(), planned());
}

#[test]
fn nobodys_answer_is_cut_off() {
    let studio = Studio::new();
    studio.load(&[loaded("stranger", "stranger", 8192, 4)]);
    studio.faults("busy@stranger");
    let folder = studio.emit(&two_models(), &[]);
    let launch = run(&studio, "sh", &folder.join("launch.sh"), &[]);
    assert_eq!(launch.status.code(), Some(2), "{}", words(&launch));
    let plan = studio.path("plan.json");
    let apply = studio.planner(&["apply", plan.to_str().unwrap(), "--any-machine", "--yes"]);
    assert_eq!(apply.status.code(), Some(2), "{}", words(&apply));
    for output in [&launch, &apply] {
        assert!(
            words(output).contains("answering a request"),
            "{}",
            words(output)
        );
    }
    assert!(studio.changes().is_empty());
}

#[test]
fn answers_that_are_no_lists_stop_everything_before_it_begins() {
    let studio = Studio::new();
    let folder = studio.emit(&two_models(), &[]);
    studio.faults("ps_garbage");
    for script in ["launch.sh", "verify.sh", "unload.sh"] {
        let ended = run(&studio, "sh", &folder.join(script), &[]);
        assert_eq!(ended.status.code(), Some(2), "{script}: {}", words(&ended));
    }
    studio.faults("server_down\nserver_dead");
    let ended = run(&studio, "sh", &folder.join("launch.sh"), &[]);
    assert_eq!(ended.status.code(), Some(2), "{}", words(&ended));
    assert!(
        words(&ended).contains("server can't be started"),
        "{}",
        words(&ended)
    );
    fs::remove_file(studio.path("bin/lms")).unwrap();
    let ended = run(&studio, "sh", &folder.join("launch.sh"), &[]);
    assert!(
        words(&ended).contains("`lms` is not on the path"),
        "{}",
        words(&ended)
    );
    assert!(studio.changes().is_empty());
}

#[test]
fn a_server_that_is_down_is_started() {
    let studio = Studio::new();
    studio.faults("server_down");
    let folder = studio.emit(&two_models(), &[]);
    let ended = run(&studio, "sh", &folder.join("launch.sh"), &[]);
    assert!(ended.status.success(), "{}", words(&ended));
}

#[test]
fn settings_without_a_flag_are_pointed_out() {
    let studio = Studio::new();
    let mut plan = two_models();
    plan["loadout"][0]["settings"]["kv_type_k"] = json!("q8_0");
    plan["loadout"][0]["settings"]["kv_type_v"] = json!("q8_0");
    let folder = studio.emit(&plan, &[]);
    let dry = run(&studio, "sh", &folder.join("launch.sh"), &["--dry-run"]);
    assert!(
        words(&dry).contains("no flag for KV cache in q8_0 and q8_0"),
        "{}",
        words(&dry)
    );
    let defaults =
        fs::read_to_string(folder.join("lmstudio/defaults/qwen3-coder-next.json")).unwrap();
    let defaults: Value = serde_json::from_str(&defaults).unwrap();
    let fields = defaults["load"]["fields"].as_array().unwrap();
    let k = fields
        .iter()
        .find(|f| f["key"] == "llm.load.llama.kCacheQuantizationType")
        .unwrap();
    assert_eq!(k["value"], json!({"checked": true, "value": "q8_0"}));
    plan["loadout"][0]["settings"]["kv_type_k"] = json!("bf16");
    let path = studio.plan(&plan);
    let refused = studio.planner(&["emit", &path, "--out", studio.path("new").to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        words(&refused).contains("hint: plan with `--kv-type f16`"),
        "{}",
        words(&refused)
    );
    assert!(!studio.path("new").exists());
}

#[test]
fn others_can_be_kept_where_there_is_room() {
    let studio = Studio::new();
    studio.load(&[loaded("stranger", "stranger", 8192, 4)]);
    let folder = studio.emit(&two_models(), &[]);
    let kept = run(&studio, "sh", &folder.join("launch.sh"), &["--keep-others"]);
    assert!(kept.status.success(), "{}", words(&kept));
    assert_eq!(studio.loaded().len(), 3);
    let verify = run(&studio, "sh", &folder.join("verify.sh"), &[]);
    assert_eq!(verify.status.code(), Some(1));
    assert!(
        words(&verify).contains("stranger is loaded, and not in the plan"),
        "{}",
        words(&verify)
    );

    let tight = Studio::new();
    tight.load(&[loaded("stranger", "stranger", 8192, 4)]);
    let mut plan = two_models();
    // A reserve that leaves it a thousand bytes.
    let of = |name: &str| plan["limits"][name].as_i64().unwrap();
    let taken = plan["totals"]["total_bytes"].as_i64().unwrap();
    let reserve = of("physical_bytes") - taken - 1000;
    plan["limits"]["reserve_bytes"] = json!(reserve);
    let folder = tight.emit(&plan, &[]);
    let refused = run(&tight, "sh", &folder.join("launch.sh"), &["--keep-others"]);
    assert_eq!(refused.status.code(), Some(2), "{}", words(&refused));
    assert_eq!(tight.loaded().len(), 1, "nothing was changed");
}

/// Puts a command of ours before the machine's own.
fn fake(studio: &Studio, name: &str, body: &str) {
    let path = studio.path("bin").join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

/// A plan that MLX runs, at these slots.
pub(crate) fn mlx_plan(studio: &Studio, slots: u32) -> Value {
    let mut models = studio.state().models();
    models.retain(|m| m["modelKey"] != "m-mlx");
    let mut mlx = gguf("m-mlx", "mlx-community/M-4bit", "4bit", 50_000_000_000);
    mlx["format"] = json!("safetensors");
    models.push(mlx);
    studio.state().set_models(&models);
    let mut plan = two_models();
    let entry = &mut plan["loadout"][0];
    entry["identifier"] = json!("m");
    entry["settings"]["engine"] = json!("mlx");
    entry["engine"] = json!("mlx");
    entry["settings"]["slots"] = json!(slots);
    entry["repository"] = json!("https://huggingface.co/mlx-community/M-4bit");
    entry["files"] = Value::Null;
    entry["quantization"] = json!("4bit");
    entry["memory"]["weights_bytes"] = json!(50_000_000_000_u64);
    plan
}
