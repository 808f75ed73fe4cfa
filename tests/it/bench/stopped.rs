//! A benchmark that stands still while an answer comes.

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use super::requests;
use crate::fault_server::FaultServer;

/// Longer than any pause that is the machine's.
const STOPPED: Duration = Duration::from_millis(3500);

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// What a run wrote that was stopped for some seconds, and ended soon after.
fn stopped() -> Value {
    let server = FaultServer::start(&["good"], false);
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("bench.json");
    let mut running = Command::new(env!("CARGO_BIN_EXE_planner"))
        .args(["bench", "good", "--runs", "900", "--warm-up", "0"])
        // Shorter than it is stopped for: who stands still itself has not waited.
        .args(["--stall-limit", "2s", "--base-url", &server.base])
        .args(["--out".as_ref(), out.as_os_str()])
        .env("HOME", home.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !out.exists() {
        sleep(Duration::from_millis(20));
    }
    signal(&running, "-STOP");
    sleep(STOPPED);
    signal(&running, "-CONT");
    sleep(Duration::from_millis(1000));
    signal(&running, "-INT");
    running.wait().unwrap();
    serde_json::from_str(&std::fs::read_to_string(out).unwrap()).unwrap()
}

#[test]
fn what_came_meanwhile_has_no_speed_and_the_rest_has() {
    // The moment may fall between two requests, but hardly each time.
    let found = (0..4).any(|_| {
        let json = stopped();
        let of = |r: &&Value| r["problem"]["kind"] == "stood_still";
        let held: Vec<&Value> = requests(&json).iter().filter(of).collect();
        for r in &held {
            assert_eq!(r["outcome"], "unmeasured");
            for figure in ["decode", "prefill", "wall_clock"] {
                let figure = format!("{figure}_tokens_per_second");
                assert_eq!(r["figures"][figure], Value::Null, "{r}");
            }
            assert!(r["figures"]["completion_tokens"].is_u64());
        }
        for r in requests(&json)
            .iter()
            .filter(|r| r["outcome"] == "measured")
        {
            let longest = r["figures"]["longest_gap_seconds"].as_f64().unwrap();
            assert!(longest < STOPPED.as_secs_f64(), "{r}");
        }
        !held.is_empty()
    });
    assert!(found);
}
