//! `planner bench` against a server that fails in every way: each failure is recorded and
//! explained, nothing hangs, nothing is lost.

mod recorded;
mod stopped;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::fault_server::{FaultServer, TOKENS};

/// Runs planner with a home and a configuration folder of the test's own.
fn planner(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_planner"))
        .args(args)
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env_remove("COLUMNS")
        .env_remove("PLANNER_API_TOKEN")
        // A proxy that is not there: a server on this machine is reached without it.
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("http_proxy", "http://127.0.0.1:9")
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .expect("planner runs")
}

/// One run of the five tests against one model of a fault server, as JSON, with the exit code.
fn bench(model: &str, more: &[&str]) -> (Value, i32) {
    let server = FaultServer::start(&[model], false);
    let home = tempfile::tempdir().unwrap();
    let mut args = vec![
        "bench",
        model,
        "--base-url",
        &server.base,
        "--warm-up",
        "0",
        "--format",
        "json",
    ];
    // Short only where a test waits for them: a busy machine makes a good server slow.
    for (flag, usual) in [
        ("--runs", "1"),
        ("--first-token-limit", "30s"),
        ("--stall-limit", "30s"),
    ] {
        if !more.contains(&flag) {
            args.extend([flag, usual]);
        }
    }
    args.extend_from_slice(more);
    let output = planner(home.path(), &args);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let json: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{model}: {e}: {errors}"));
    // What was printed is what was written.
    let path = errors
        .trim()
        .strip_prefix("written to ")
        .expect("the file is named");
    let written: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(written, json);
    (json, output.status.code().unwrap())
}

fn requests(bench: &Value) -> &Vec<Value> {
    bench["models"][0]["requests"].as_array().unwrap()
}

#[track_caller]
fn fails(model: &str, kind: &str, explanation: &str) {
    fails_with(model, &[], kind, explanation);
}

#[track_caller]
fn fails_with(model: &str, args: &[&str], kind: &str, explanation: &str) {
    let (json, code) = bench(model, args);
    assert_eq!(code, 1, "{model}");
    assert_eq!(json["status"], "complete", "{model}");
    // Five in a row are enough; none of them is lost.
    assert_eq!(requests(&json).len(), 5, "{model}");
    for r in requests(&json) {
        assert_eq!(r["outcome"], "failed", "{model}: {r}");
        assert_eq!(r["problem"]["kind"], kind, "{model}: {r}");
        let told = r["problem"]["explanation"].as_str().unwrap();
        assert!(told.contains(explanation), "{model}: {told}");
        assert_eq!(
            r["figures"]["decode_tokens_per_second"],
            Value::Null,
            "{model}"
        );
    }
    assert_eq!(json["models"][0]["summary"]["failed"], 5, "{model}");
    assert_eq!(
        json["models"][0]["summary"]["decode_tokens_per_second"],
        Value::Null
    );
}

#[test]
fn a_good_answer_is_measured() {
    let (json, code) = bench("good", &[]);
    assert_eq!(code, 0);
    assert_eq!(requests(&json).len(), 5);
    for r in requests(&json) {
        let f = &r["figures"];
        assert_eq!(r["outcome"], "measured", "{r}");
        assert_eq!(f["completion_tokens"], TOKENS);
        // Tokens leave every 5 ms at the soonest, so the whole request can't be faster; a busy
        // machine only makes it slower. What follows a late first token may come in a rush.
        let wall = f["wall_clock_tokens_per_second"].as_f64().unwrap();
        assert!((1.0..=205.0).contains(&wall), "{wall}");
        let decode = f["decode_tokens_per_second"].as_f64().unwrap();
        assert!(decode > 0.5 * wall, "{decode} of {wall}");
        let first = f["time_to_first_token_seconds"].as_f64().unwrap();
        assert!((0.005..10.0).contains(&first), "{first}");
    }
}

#[test]
fn refusals_are_told_in_the_servers_words() {
    fails(
        "bad-request",
        "http_status",
        "HTTP 400 and said: the prompt is longer than the context of 4096 tokens",
    );
    fails(
        "broken",
        "http_status",
        "HTTP 500 and said: the engine has crashed",
    );
    fails("moved", "http_status", "HTTP 308");
}

#[test]
fn a_token_is_asked_for_and_used() {
    fails("guarded", "unauthorized", "an API token is wanted");
    let (json, code) = bench("guarded", &["--token", "sesame"]);
    assert_eq!((code, requests(&json).len()), (0, 5));
    assert!(
        !json.to_string().contains("sesame"),
        "the token is in the result"
    );
}

#[test]
fn waits_have_their_limits() {
    fails_with(
        "never-starts",
        &["--first-token-limit", "900ms"],
        "no_first_token",
        "no token within 0.9 s",
    );
    fails_with(
        "stalls",
        &["--stall-limit", "1s"],
        "stalled",
        "no further token within 1 s",
    );
    let (json, code) = bench("slow-start", &[]);
    assert_eq!(code, 0);
    for r in requests(&json) {
        let first = r["figures"]["time_to_first_token_seconds"]
            .as_f64()
            .unwrap();
        assert!((0.3..10.0).contains(&first), "{first}");
    }
    // One that has said everything and does not close is whole.
    let (json, code) = bench("hangs-after-finish", &["--stall-limit", "2s"]);
    assert_eq!((code, requests(&json).len()), (0, 5));
}

#[test]
fn a_connection_that_breaks_is_told_from_an_answer_that_ends_early() {
    fails(
        "reset",
        "connection_lost",
        "the connection broke within the answer",
    );
    fails(
        "cut-short",
        "cut_short",
        "ended after 5 pieces without a reason",
    );
    fails("error-inside", "server_error", "the model was unloaded");
}

#[test]
fn a_stream_that_is_none_is_not_measured() {
    fails(
        "malformed",
        "malformed_stream",
        "is no JSON of a chat completion",
    );
    fails(
        "html",
        "malformed_stream",
        "line 1 of the stream is no server-sent event: <html>",
    );
}

#[test]
fn another_models_answer_is_not_this_ones() {
    fails(
        "other-answers",
        "wrong_model",
        "`other-answers` was asked for and `somebody-else` answered",
    );
}

#[test]
fn without_the_servers_count_there_is_no_speed() {
    let (json, code) = bench("no-usage", &[]);
    assert_eq!(code, 1);
    for r in requests(&json) {
        assert_eq!(r["outcome"], "unmeasured");
        assert_eq!(r["problem"]["kind"], "no_usage");
        assert_eq!(r["figures"]["wall_clock_tokens_per_second"], Value::Null);
        assert!(r["figures"]["time_to_first_token_seconds"].is_f64());
    }
    assert_eq!(json["models"][0]["summary"]["unmeasured"], 5);
}

#[test]
fn chunks_of_any_size_are_read() {
    let (json, _) = bench("huge-chunk", &[]);
    for r in requests(&json) {
        assert_eq!(r["problem"]["kind"], "bursts");
        assert_eq!(r["figures"]["text_bytes"], 1_000_000);
        assert!(r["figures"]["wall_clock_tokens_per_second"].is_f64());
        assert_eq!(r["figures"]["decode_tokens_per_second"], Value::Null);
    }
    let (json, _) = bench("trickle", &[]);
    for r in requests(&json) {
        assert_eq!(r["figures"]["text_bytes"], "快排éx".len(), "{r}");
        assert_ne!(r["outcome"], "failed", "{r}");
    }
}

#[test]
fn no_server_and_no_such_model_are_bad_input() {
    let home = tempfile::tempdir().unwrap();
    let gone = planner(
        home.path(),
        &["bench", "--base-url", "http://127.0.0.1:9/v1"],
    );
    let told = String::from_utf8_lossy(&gone.stderr).into_owned();
    assert_eq!(gone.status.code(), Some(2));
    assert!(
        told.contains("no connection") && told.contains("hint: start the server"),
        "{told}"
    );
    let server = FaultServer::start(&["minimax", "qwen"], false);
    let near = planner(
        home.path(),
        &["bench", "minimx", "--base-url", &server.base],
    );
    let told = String::from_utf8_lossy(&near.stderr).into_owned();
    assert_eq!(near.status.code(), Some(2));
    assert!(told.contains("did you mean `minimax`"), "{told}");
    let which = planner(home.path(), &["bench", "--base-url", &server.base]);
    let told = String::from_utf8_lossy(&which.stderr).into_owned();
    assert_eq!(which.status.code(), Some(2));
    assert!(told.contains("`minimax`, `qwen`"), "{told}");
}
