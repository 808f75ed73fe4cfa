//! `planner apply` stopped in the middle, and two at once.

use std::process::{Output, Stdio};

use super::{mess, sorted, stranger, words};
use crate::studio::{Studio, planned, two_models};

/// Starts an apply whose loads are slow, waits until a change with this text is under way, and
/// sends it a signal.
fn stopped_at(studio: &Studio, text: &str, signal: &str) -> Output {
    studio.load(&mess());
    studio.faults("slow_load=900");
    let plan = studio.plan(&two_models());
    let child = studio
        .command(env!("CARGO_BIN_EXE_planner"))
        .args(["apply", "--any-machine", &plan, "--yes"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    studio.wait_for(text);
    assert!(studio.signal(child.id(), signal));
    child.wait_with_output().unwrap()
}

/// A text of each change of the way from the mess to the plan.
const STEPS: [&str; 5] = [
    "\"stranger\"",
    "minimax-m2.1:2\"",
    "\"unload\",\"--\",\"minimax-m2.1\"",
    "--identifier=minimax-m2.1\"",
    "--identifier=qwen3-coder-next",
];

#[test]
fn a_killed_apply_can_be_taken_back_and_can_be_finished() {
    for step in STEPS {
        for (way, end) in [("--undo", sorted(mess())), ("--resume", planned())] {
            let studio = Studio::new();
            let killed = stopped_at(&studio, step, "-KILL");
            assert_eq!(killed.status.code(), None, "killed by a signal");
            let plan = studio.path("plan.json");
            let fresh = studio.planner(&["apply", plan.to_str().unwrap(), "--yes"]);
            assert_eq!(fresh.status.code(), Some(2), "{}", words(&fresh));
            studio.faults("");
            let ended = studio.planner(&["apply", way]);
            assert!(ended.status.success(), "{step} {way}: {}", words(&ended));
            if step.starts_with("--identifier") {
                // The load that was left behind must have ended by then, not come in later.
                std::thread::sleep(std::time::Duration::from_millis(1200));
            }
            assert_eq!(studio.loaded(), end, "{step} {way}: {}", words(&ended));
        }
    }
}

#[test]
fn an_interrupted_apply_puts_back_what_was_there() {
    for (step, signal) in [
        ("--identifier=minimax-m2.1\"", "-INT"),
        ("--identifier=qwen3-coder-next", "-TERM"),
    ] {
        let studio = Studio::new();
        let ended = stopped_at(&studio, step, signal);
        assert_eq!(ended.status.code(), Some(1), "{}", words(&ended));
        assert!(
            words(&ended).contains("what was loaded before is loaded again"),
            "{}",
            words(&ended)
        );
        assert_eq!(studio.loaded(), sorted(mess()), "{}", words(&ended));
    }
}

#[test]
fn two_applies_do_not_meet() {
    let studio = Studio::new();
    studio.faults("slow_load=1500");
    let plan = studio.plan(&two_models());
    let mut first = studio
        .command(env!("CARGO_BIN_EXE_planner"))
        .args(["apply", "--any-machine", &plan, "--yes"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    studio.wait_for("--identifier=minimax-m2.1");
    let second = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
    assert_eq!(second.status.code(), Some(2));
    assert!(
        words(&second).contains("another `planner apply` is running"),
        "{}",
        words(&second)
    );
    assert!(first.wait().unwrap().success());
    assert_eq!(studio.loaded(), planned());
}

#[test]
fn what_can_not_be_put_back_is_told_and_undo_tries_again() {
    let studio = Studio::new();
    studio.load(&[stranger()]);
    studio.faults("out_of_memory");
    let plan = studio.plan(&two_models());
    let stuck = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
    assert_eq!(stuck.status.code(), Some(1));
    assert!(
        words(&stuck).contains("neither the plan nor what was before is loaded"),
        "{}",
        words(&stuck)
    );
    studio.faults("");
    assert!(studio.planner(&["apply", "--undo"]).status.success());
    assert_eq!(studio.loaded(), [stranger()]);
}
