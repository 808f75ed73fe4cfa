//! Where planner, its scripts and LM Studio meet: one change at a time, LM Studio started only when
//! asked for, the program that answers known before a file of its is written.

use std::process::Stdio;

use serde_json::Value;

use crate::studio::{KEYS, Studio, loaded, too_large, two_models, words};

#[test]
fn launch_and_apply_do_not_meet() {
    let studio = Studio::new();
    let folder = studio.emit(&two_models(), &[]);
    let launch = folder.join("launch.sh");
    studio.faults("slow_load=3000");
    let mut first = studio.command("sh");
    let mut first = first
        .arg(&launch)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    studio.wait_for("minimax");
    let plan = studio.path("plan.json");
    let apply = studio.planner(&["apply", plan.to_str().unwrap(), "--yes", "--any-machine"]);
    assert_eq!(apply.status.code(), Some(2), "{}", words(&apply));
    assert!(words(&apply).contains("is running"), "{}", words(&apply));
    let second = studio.command("sh").arg(&launch).output().unwrap();
    assert_eq!(second.status.code(), Some(2), "{}", words(&second));
    assert!(words(&second).contains("is running"), "{}", words(&second));
    // Looking changes nothing, and waits for nobody.
    let dry = studio
        .command("sh")
        .arg(&launch)
        .arg("--dry-run")
        .output()
        .unwrap();
    assert!(dry.status.success(), "{}", words(&dry));
    assert!(first.wait().unwrap().success());
    assert_eq!(studio.loaded().len(), 2);

    studio.faults("slow_load=3000");
    studio.state().set_loaded(&[]);
    std::fs::write(studio.path("state/calls"), "").unwrap();
    let mut first = studio.command(env!("CARGO_BIN_EXE_planner"));
    first.args(["apply", plan.to_str().unwrap(), "--yes", "--any-machine"]);
    let mut first = first
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    studio.wait_for("minimax");
    let second = studio.command("sh").arg(&launch).output().unwrap();
    assert_eq!(second.status.code(), Some(2), "{}", words(&second));
    assert!(first.wait().unwrap().success());
    // The lock is gone with who had it.
    studio.faults("");
    let third = studio.command("sh").arg(&launch).output().unwrap();
    assert!(third.status.success(), "{}", words(&third));
}

#[test]
fn nothing_is_started_unasked() {
    let studio = Studio::new();
    let plan = studio.plan(&two_models());
    let apply = ["apply", plan.as_str(), "--any-machine"];
    studio.faults("not_running");
    for dry in [&[][..], &["--dry-run"]] {
        let unasked = studio.planner(&[&apply[..], dry].concat());
        assert_eq!(unasked.status.code(), Some(2), "{}", words(&unasked));
        assert!(words(&unasked).contains("--yes"), "{}", words(&unasked));
        let calls = std::fs::read_to_string(studio.path("state/calls")).unwrap();
        assert!(
            !calls.contains("\"up\"") && !calls.contains("\"ls\""),
            "{calls}"
        );
    }
    let done = studio.planner(&[&apply[..], &["--yes"]].concat());
    assert!(done.status.success(), "{}", words(&done));
    let calls = std::fs::read_to_string(studio.path("state/calls")).unwrap();
    assert!(calls.contains(r#"["daemon","up"]"#), "{calls}");
    assert_eq!(studio.loaded().len(), 2);
}

#[test]
fn asking_what_is_loaded_starts_nothing() {
    let studio = Studio::new();
    let plan = studio.plan(&two_models());
    studio.faults("not_running");
    let current = ["recommend", "--task", "code", "--current"];
    for args in [&["status"][..], &["verify", &plan], &current] {
        let asked = studio.planner(args);
        let said = words(&asked);
        assert_eq!(asked.status.code(), Some(2), "{said}");
        assert!(
            said.contains("neither LM Studio nor llmster is running"),
            "{said}"
        );
    }
    let calls = std::fs::read_to_string(studio.path("state/calls")).unwrap();
    assert!(
        !calls.contains("\"up\"") && !calls.contains("\"ps\""),
        "{calls}"
    );
}

#[test]
fn who_answers_is_said_before_its_files_are_written() {
    let studio = Studio::new();
    let plan = studio.plan(&two_models());
    let done = studio.planner(&["emit", &plan, "--install"]);
    let said = words(&done);
    assert!(
        done.status.success() && said.contains("LM Studio 0.4.25 answers"),
        "{said}"
    );
    // One that can't say is asked all the same.
    studio.faults("unknown@daemon");
    let done = studio.planner(&["emit", &plan, "--install"]);
    assert!(done.status.success(), "{}", words(&done));
    studio.faults("not_running");
    let unasked = studio.planner(&["emit", &plan, "--install"]);
    assert_eq!(unasked.status.code(), Some(2), "{}", words(&unasked));
}

#[test]
fn a_dry_run_for_a_larger_machine_answers_and_says_that_it_would_not_begin() {
    let studio = Studio::new();
    studio.load(&[loaded("stranger", "stranger", 4096, 4)]);
    let plan = studio.plan(&too_large());
    let dry = studio.planner(&["apply", &plan, "--dry-run", "--format", "json"]);
    assert_eq!(dry.status.code(), Some(1), "{}", words(&dry));
    let report: Value = serde_json::from_slice(&dry.stdout).unwrap();
    let error = report["error"].as_str().unwrap();
    assert!(
        error.contains("it was made for Mac Studio M3 Ultra"),
        "{report}"
    );
    assert!(report["changes"].to_string().contains(KEYS[1]), "{report}");
    assert_eq!(report["outcome"], "not_started");
    assert!(studio.changes().is_empty());
}

#[test]
fn the_agent_for_logins_runs_launch_in_the_folder_that_was_written() {
    let studio = Studio::new();
    let folder = studio.emit(&two_models(), &["--launchd"]);
    let plist = folder.join("macos/planner.models.plist");
    let script = "import plistlib, sys; p = plistlib.load(open(sys.argv[1], 'rb')); print(p['RunAtLoad'], *p['ProgramArguments'], sep='\\n')";
    let read = studio
        .command("python3")
        .args(["-c", script])
        .arg(plist)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&read.stdout).into_owned();
    let launch = folder.join("launch.sh");
    let expected = format!("True\n/bin/sh\n{}\n", launch.display());
    assert_eq!(said, expected, "{}", words(&read));
    assert!(launch.is_file());
}
