//! Runs that are killed, stopped, interrupted, or meet each other.
#![expect(
    clippy::print_stdout,
    reason = "`--nocapture` shows how many of the moments fell into the middle"
)]

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use super::hub::{File, Hub};
use super::{Getting, REPOSITORY, figure};
use crate::support::rounds;

const NAME: &str = "hf:ada/Tiny-GGUF";
const LENGTH: usize = 3_000_000;

fn model() -> File {
    File::large("Tiny-Q4_K_M.gguf", LENGTH)
}

fn start(getting: &Getting<'_>, limit: &str) -> Child {
    let mut command = getting.command(&[NAME, "--limit", limit]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

fn part(getting: &Getting<'_>) -> PathBuf {
    getting
        .models
        .join("ada/.planner-get-Tiny-GGUF/Tiny-Q4_K_M.gguf.part")
}

/// Bytes of the file that have come to the disk.
fn come(getting: &Getting<'_>) -> usize {
    model().come_to(&part(getting))
}

/// Waits until something has come.
fn until_some_came(getting: &Getting<'_>) {
    for _ in 0..2000 {
        if come(getting) > 0 {
            return;
        }
        sleep(Duration::from_millis(5));
    }
    panic!("nothing came");
}

#[test]
fn killed_at_any_moment_it_goes_on_and_loses_next_to_nothing() {
    let (mut met, mut most) = (0, 0);
    for round in 0..rounds(4, 60) {
        let hub = Hub::with(REPOSITORY, vec![model()]);
        let folder = tempfile::tempdir().unwrap();
        let getting = Getting::from(&hub, folder.path());
        let mut kills = 0;
        for kill in 0..4 {
            let mut running = start(&getting, "6MB/s");
            sleep(Duration::from_millis(u64::from(
                40 + (round * 97 + kill * 61) % 190,
            )));
            running.kill().unwrap();
            running.wait().unwrap();
            let seen = getting.visible();
            if seen.is_empty() {
                kills += 1;
                let kept = figure(&getting.answer(&[NAME, "--dry-run"], 0), "kept_bytes");
                let lost = come(&getting) - usize::try_from(kept).unwrap();
                (met, most) = (met + 1, most.max(lost));
                assert!(
                    lost * 50 <= LENGTH,
                    "round {round}: {lost} bytes are thrown away"
                );
            } else {
                getting.holds(&[("Tiny-Q4_K_M.gguf", &model())]);
            }
        }
        let got = getting.answer(&[NAME], 0);
        getting.holds(&[("Tiny-Q4_K_M.gguf", &model())]);
        if kills > 0 {
            assert!(figure(&got, "received_bytes") < 3_000_000 || figure(&got, "kept_bytes") == 0);
        }
    }
    println!("{met} kills in the middle; at most {most} of {LENGTH} bytes thrown away");
}

#[test]
fn an_interrupted_run_keeps_what_came_and_says_so() {
    let hub = Hub::with(REPOSITORY, vec![model()]);
    let folder = tempfile::tempdir().unwrap();
    let getting = Getting::from(&hub, folder.path());
    let running = start(&getting, "1MB/s");
    until_some_came(&getting);
    signal(&running, "-INT");
    let done = running.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    let answer: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(answer["outcome"], "interrupted");
    let came = figure(&answer, "received_bytes");
    assert!(came > 0 && getting.visible().is_empty());
    let got = getting.answer(&[NAME], 0);
    assert_eq!(figure(&got, "kept_bytes"), came);
    assert_eq!(figure(&got, "received_bytes"), 3_000_000 - came);
}

#[test]
fn a_second_run_is_told_of_the_first_and_a_sleep_costs_nothing() {
    let hub = Hub::with(REPOSITORY, vec![model()]);
    let folder = tempfile::tempdir().unwrap();
    let getting = Getting::from(&hub, folder.path());
    let running = start(&getting, "2MB/s");
    until_some_came(&getting);
    signal(&running, "-STOP");
    let errors = getting.refused(&[NAME]);
    assert!(
        errors.contains("another run of planner is downloading"),
        "{errors}"
    );
    signal(&running, "-CONT");
    let done = running.wait_with_output().unwrap();
    assert!(done.status.success());
    getting.holds(&[("Tiny-Q4_K_M.gguf", &model())]);
}

/// Many at once, each stopped at a moment of its own: it sleeps beyond every limit of patience, and
/// meanwhile the line is dead.
#[test]
fn asleep_at_any_moment_while_the_line_dies_it_goes_on_by_itself() {
    let hub = Hub::with(REPOSITORY, vec![model()]);
    let woken = AtomicBool::new(false);
    let slept = AtomicU32::new(0);
    let sleeper = |n: u32| {
        let folder = tempfile::tempdir().unwrap();
        let getting = Getting::from(&hub, folder.path());
        let mut running = start(&getting, "1MB/s");
        sleep(Duration::from_millis(u64::from(100 + n * 271 % 2500)));
        signal(&running, "-STOP");
        assert!(getting.visible().len() <= 1);
        while !woken.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(50));
        }
        slept.fetch_add(
            u32::from(running.try_wait().unwrap().is_none()),
            Ordering::Relaxed,
        );
        signal(&running, "-CONT");
        let done = running.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{n}: {errors}");
        let answer = serde_json::from_slice(&done.stdout).unwrap();
        let twice = figure(&answer, "received_bytes") - LENGTH as u64;
        assert!(twice * 50 <= LENGTH as u64, "{n}: {twice} bytes came twice");
        getting.holds(&[("Tiny-Q4_K_M.gguf", &model())]);
    };
    let at_once = rounds(3, 60);
    std::thread::scope(|scope| {
        for n in 0..at_once {
            let sleeper = &sleeper;
            scope.spawn(move || sleeper(n));
        }
        // In the long run for longer than anything is waited for.
        sleep(Duration::from_millis(u64::from(rounds(2700, 130_000))));
        hub.front.hang_up();
        hub.store.hang_up();
        woken.store(true, Ordering::Relaxed);
    });
    let slept = slept.into_inner();
    println!("{slept} of {at_once} were stopped in the middle");
    assert!(slept * 2 >= at_once, "{slept} of {at_once}");
}

#[test]
fn damaged_records_and_files_cost_what_they_tell_of_and_nothing_else() {
    let hub = Hub::with(REPOSITORY, vec![model()]);
    let folder = tempfile::tempdir().unwrap();
    let getting = Getting::from(&hub, folder.path());
    for damage in ["record", "file", "both records"] {
        let mut running = start(&getting, "2MB/s");
        until_some_came(&getting);
        running.kill().unwrap();
        running.wait().unwrap();
        let latest = part(&getting).with_added_extension("latest.json");
        match damage {
            "record" => fs::write(latest, "{\"schema\": 1, \"here\": [").unwrap(),
            // Shorter than its record says, as after a crash of the system.
            "file" => fs::write(part(&getting), "").unwrap(),
            _ => fs::remove_file(latest).unwrap(),
        }
        let durable = part(&getting).with_added_extension("durable.json");
        if damage != "record" && durable.exists() {
            fs::remove_file(durable).unwrap();
        }
        let kept = figure(&getting.answer(&[NAME, "--dry-run"], 0), "kept_bytes");
        let most = if damage == "record" {
            come(&getting)
        } else {
            0
        };
        assert!(usize::try_from(kept).unwrap() <= most, "{damage}");
    }
    getting.answer(&[NAME], 0);
    getting.holds(&[("Tiny-Q4_K_M.gguf", &model())]);
}
