//! `planner apply`, `status` and `verify` against the stand-in for LM Studio.

mod current;
mod install;
mod killed;
mod swap;
mod verify;

use std::fs;

use serde_json::Value;

use crate::studio::{KEYS, Loaded, Studio, loaded, planned, too_large, two_models, words};

fn sorted(mut all: Loaded) -> Loaded {
    all.sort();
    all
}

fn stranger() -> (String, String, u64, u64, Option<u64>) {
    (
        "stranger".to_owned(),
        "stranger".to_owned(),
        8192,
        2,
        Some(600),
    )
}

/// The plan's own model loaded otherwise, a copy of it, and a stranger.
fn mess() -> Loaded {
    vec![
        loaded("minimax-m2.1", KEYS[0], 4096, 4),
        loaded("minimax-m2.1:2", KEYS[0], 65_536, 4),
        stranger(),
    ]
}

#[test]
fn an_engine_older_than_is_known_to_load_a_model_is_told_before_it_is_loaded() {
    let studio = Studio::new();
    let plan = studio.plan(&two_models());
    let dry = || words(&studio.planner(&["apply", "--any-machine", &plan, "--dry-run"]));
    assert!(!dry().contains("is known to load"), "{}", dry());
    let table = "LLM ENGINE    SELECTED    MODEL FORMAT\nllama.cpp-mac-arm64-apple-metal-advsimd@1.0.0     ✓            GGUF\n";
    fs::write(studio.path("state/runtimes"), table).unwrap();
    assert!(
        dry().contains("from 2.41.0 on, and 1.0.0 is selected here"),
        "{}",
        dry()
    );
}

#[test]
fn apply_shows_asks_does_and_is_done() {
    let studio = Studio::new();
    studio.load(&mess());
    let plan = studio.plan(&two_models());
    let dry = studio.planner(&["apply", "--any-machine", &plan, "--dry-run"]);
    assert!(dry.status.success(), "{}", words(&dry));
    for line in [
        "unload  minimax-m2.1:2",
        "a second copy of `minimax-m2.1`",
        "reload",
        "context 4096, not 65536",
        "not in the plan",
        "load",
        "LM Studio estimates 45.2 GiB",
    ] {
        assert!(words(&dry).contains(line), "{line}: {}", words(&dry));
    }
    let asked = studio.planner(&["apply", "--any-machine", &plan]);
    assert_eq!(asked.status.code(), Some(2));
    assert!(
        words(&asked).contains("hint: add `--yes`"),
        "{}",
        words(&asked)
    );
    assert!(studio.changes().is_empty());
    let done = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
    assert!(done.status.success(), "{}", words(&done));
    assert_eq!(studio.loaded(), planned());
    let calls = studio.changes().len();
    let again = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
    assert!(again.status.success());
    assert!(
        words(&again).contains("everything is loaded as planned"),
        "{}",
        words(&again)
    );
    assert_eq!(studio.changes().len(), calls);
    let verify = studio.planner(&["verify", &plan]);
    assert!(verify.status.success(), "{}", words(&verify));
    let undo = studio.planner(&["apply", "--undo"]);
    assert!(undo.status.success(), "{}", words(&undo));
    assert_eq!(studio.loaded(), sorted(mess()));
    assert_eq!(
        studio.planner(&["apply", "--undo"]).status.code(),
        Some(2),
        "nothing is left to undo"
    );
}

#[test]
fn whatever_fails_apply_ends_in_the_plan_or_in_what_was_before_and_says_which() {
    let befores = [
        vec![],
        vec![stranger()],
        mess(),
        [planned(), vec![stranger()]].concat(),
    ];
    let faults = [
        "",
        "out_of_memory@qwen3-coder-next",
        "death@qwen3-coder-next",
        "death_after@qwen3-coder-next",
        "exit_0_failure@qwen3-coder-next",
        "exit_0_failure@minimax-m2.1=once",
        "unload_ignored@stranger",
        "ansi\nestimate_gb\nestimate_refused",
        "no_parallel",
    ];
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/apply.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for before in &befores {
        for fault in faults {
            let studio = Studio::new();
            studio.load(before);
            studio.faults(fault);
            let plan = studio.plan(&two_models());
            let ended =
                studio.planner(&["apply", "--any-machine", &plan, "--yes", "--format", "json"]);
            let case = format!("before {before:?}, fault {fault}:\n{}", words(&ended));
            let report: Value =
                serde_json::from_slice(&ended.stdout).unwrap_or_else(|e| panic!("{e} {case}"));
            assert!(schema.is_valid(&report), "{report:#}");
            match report["outcome"].as_str().unwrap() {
                "applied" | "unchanged" => {
                    assert_eq!(ended.status.code(), Some(0), "{case}");
                    assert_eq!(studio.loaded(), planned(), "{case}");
                }
                "rolled_back" => {
                    assert_eq!(ended.status.code(), Some(1), "{case}");
                    assert!(report["error"].is_string(), "{case}");
                    assert_eq!(studio.loaded(), sorted(before.clone()), "{case}");
                }
                other => panic!("{other} {case}"),
            }
        }
    }
}

#[test]
fn readings_that_fail_now_and_then_keep_no_apply_from_its_end() {
    let before = mess();
    for seed in 0..crate::support::rounds(6, 200) {
        let studio = Studio::new();
        studio.load(&before);
        fs::write(studio.path("state/seed"), seed.to_string()).unwrap();
        studio.faults("flaky=12");
        let plan = studio.plan(&two_models());
        let ended = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
        let end = match ended.status.code() {
            Some(0) => planned(),
            Some(1 | 2) => sorted(before.clone()),
            other => panic!("{other:?} {}", words(&ended)),
        };
        assert_eq!(studio.loaded(), end, "seed {seed}: {}", words(&ended));
    }
}

#[test]
fn loads_stay_on_this_machine_where_lms_can_be_told_so() {
    let linked = "linked@minimax-m2.1=mac-mini\nlinked@qwen3-coder-next=mac-mini";
    let studio = Studio::new();
    studio.faults(linked);
    let plan = studio.plan(&two_models());
    let ended = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
    assert!(ended.status.success(), "{}", words(&ended));
    assert!(studio.changes().iter().all(|c| c.contains("\"--local\"")));
    // An older one can't: the load goes to the linked device, and the report says where it is.
    let studio = Studio::new();
    studio.load(&[stranger()]);
    studio.faults(&format!("{linked}\nunknown@--local"));
    let plan = studio.plan(&two_models());
    let ended = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
    assert_eq!(ended.status.code(), Some(1), "{}", words(&ended));
    assert!(
        words(&ended).contains("`minimax-m2.1` on `mac-mini`"),
        "{}",
        words(&ended)
    );
    let status = studio.planner(&["status"]);
    assert!(
        words(&status).contains("`minimax-m2.1` is loaded on the linked device mac-mini"),
        "{}",
        words(&status)
    );
}

#[test]
fn what_has_a_namesake_on_a_linked_device_is_not_begun() {
    let studio = Studio::new();
    studio.faults("linked@minimax-m2.1=mac-mini");
    studio.load(&[loaded("minimax-m2.1", KEYS[0], 4096, 4)]);
    studio.faults("");
    studio.load(&[stranger()]);
    let before = studio.loaded();
    let plan = studio.plan(&two_models());
    let ended = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
    assert_eq!(ended.status.code(), Some(2), "{}", words(&ended));
    assert!(words(&ended).contains("mac-mini"), "{}", words(&ended));
    assert!(studio.changes().is_empty());
    assert_eq!(studio.loaded(), before);
}

#[test]
fn a_flag_that_lms_lacks_is_found_out_before_anything_is_unloaded() {
    let studio = Studio::new();
    studio.load(&mess());
    studio.faults("unknown@--parallel");
    let plan = studio.plan(&two_models());
    let ended = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
    assert_eq!(ended.status.code(), Some(2), "{}", words(&ended));
    assert!(words(&ended).contains("--parallel"), "{}", words(&ended));
    assert!(studio.changes().is_empty());
    assert_eq!(studio.loaded(), sorted(mess()));
}

#[test]
fn odd_rows_of_a_listing_are_named_and_hide_no_other() {
    let studio = Studio::new();
    studio.faults("odd_rows");
    let plan = studio.plan(&two_models());
    let ended = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
    assert!(ended.status.success(), "{}", words(&ended));
    for name in ["`odd`", "`unread`"] {
        assert!(words(&ended).contains(name), "{}", words(&ended));
    }
    assert_eq!(studio.planner(&["verify", &plan]).status.code(), Some(0));
}

#[test]
fn a_damaged_record_of_the_last_apply_is_set_aside_by_name() {
    for text in [
        "{\"schema\": 1, \"phase\"",
        "{\"schema\": 99}",
        "{\"schema\": 1}",
    ] {
        let studio = Studio::new();
        let record = studio.path("xdg/state/planner/apply.json");
        fs::create_dir_all(record.parent().unwrap()).unwrap();
        fs::write(&record, text).unwrap();
        for way in ["--resume", "--undo"] {
            let ended = studio.planner(&["apply", way]);
            assert_eq!(ended.status.code(), Some(2), "{}", words(&ended));
            let shown = record.display().to_string();
            assert!(words(&ended).contains(&shown), "{}", words(&ended));
            assert!(words(&ended).contains("hint:"), "{}", words(&ended));
            assert_eq!(fs::read_to_string(&record).unwrap(), text);
        }
        let plan = studio.plan(&two_models());
        let ended = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
        assert!(ended.status.success(), "{}", words(&ended));
        let aside = record.with_file_name("apply.unreadable-1.json");
        assert!(words(&ended).contains(&aside.display().to_string()));
        assert_eq!(fs::read_to_string(aside).unwrap(), text);
        assert_eq!(studio.planner(&["apply", "--undo"]).status.code(), Some(0));
    }
}

#[test]
fn a_plan_for_a_larger_machine_is_not_begun() {
    let studio = Studio::new();
    let plan = studio.plan(&too_large());
    let ended = studio.planner(&["apply", &plan, "--yes"]);
    assert_eq!(ended.status.code(), Some(2));
    assert!(
        words(&ended).contains("it was made for Mac Studio M3 Ultra"),
        "{}",
        words(&ended)
    );
    assert!(studio.changes().is_empty());
}
