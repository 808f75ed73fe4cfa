//! `planner bench` against a server that fails in every way: each failure is recorded and
//! explained, nothing hangs, nothing is lost.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

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

#[test]
fn ctrl_c_keeps_what_was_measured() {
    let server = FaultServer::start(&["good"], false);
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("result.json");
    let mut child = Command::new(env!("CARGO_BIN_EXE_planner"))
        .args([
            "bench",
            "good",
            "--base-url",
            &server.base,
            "--warm-up",
            "0",
            "--runs",
            "100",
            "--format",
            "json",
            "--out",
        ])
        .arg(&file)
        .env("HOME", home.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // What a request gave is on the disk while the run goes on.
    let so_far = loop {
        let ended = child.try_wait().unwrap();
        assert_eq!(ended, None, "it ended before it was stopped");
        std::thread::sleep(Duration::from_millis(50));
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        let running: Value = serde_json::from_str(&text).expect("never half written");
        assert_eq!(running["status"], "running");
        if running["models"][0]["requests"]
            .as_array()
            .is_some_and(|r| r.len() > 1)
        {
            break requests(&running).len();
        }
    };
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(1));
    let ended: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(ended["status"], "interrupted");
    let summary = &ended["models"][0]["summary"];
    assert!(summary["measured"].as_u64().unwrap() >= so_far as u64);
    assert_eq!(
        summary["failed"], 0,
        "the request that was stopped is no failure"
    );
    assert!(summary["decode_tokens_per_second"]["median"].is_f64());
}

#[test]
fn the_result_keeps_to_its_schema() {
    let home = tempfile::tempdir().unwrap();
    let schema: Value =
        serde_json::from_slice(&planner(home.path(), &["schema", "bench"]).stdout).unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/bench.json");
    let shipped: Value = serde_json::from_str(&std::fs::read_to_string(shipped).unwrap()).unwrap();
    assert_eq!(
        shipped, schema,
        "write it anew: `planner schema bench > schemas/bench.json`"
    );
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (good, _) = bench(
        "good",
        &["--depth", "0,1k", "--concurrency", "1,3", "--soak", "1s"],
    );
    let (bad, _) = bench("malformed", &[]);
    for result in [good, bad] {
        let errors: Vec<String> = validator
            .iter_errors(&result)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn depth_concurrency_and_soak_are_summed_up() {
    let (json, code) = bench(
        "good",
        &[
            "--runs",
            "0",
            "--depth",
            "0,1k",
            "--concurrency",
            "1,4",
            "--soak",
            "2s",
        ],
    );
    // This server counts 30 tokens of any prompt: a depth of 1k was not reached, and has no speed.
    assert_eq!(code, 1);
    let requests = json["models"][0]["requests"].as_array().unwrap();
    let short = |r: &&Value| r["problem"]["kind"] == "short_prompt";
    assert!(requests.iter().any(|r| short(&r)));
    assert!(
        requests
            .iter()
            .filter(short)
            .all(|r| r["depth_tokens"] == 1024)
    );
    let summary = &json["models"][0]["summary"];
    assert_eq!(summary["depths"].as_array().unwrap().len(), 2);
    assert!(summary["depths"][0]["decode_tokens_per_second"].is_object());
    assert_eq!(
        summary["depths"][1]["decode_tokens_per_second"],
        Value::Null
    );
    let streams = summary["concurrency"].as_array().unwrap();
    let aggregate = |n: usize| {
        streams[n]["aggregate_decode_tokens_per_second"]
            .as_f64()
            .unwrap()
    };
    // The server paces each stream alone, so four give four times as much on an idle machine.
    let ratio = aggregate(1) / aggregate(0);
    assert!((1.3..9.0).contains(&ratio), "{ratio}");
    let soak = &summary["soak"];
    assert!(
        soak["requests"].as_u64().unwrap() >= 1 && soak["failed"] == 0,
        "{soak}"
    );
}

#[test]
fn lm_studios_own_figures_are_held_against_ours() {
    let server = FaultServer::start(&["good"], true);
    let home = tempfile::tempdir().unwrap();
    let output = planner(
        home.path(),
        &[
            "bench",
            "--base-url",
            &server.base,
            "--runs",
            "1",
            "--warm-up",
            "0",
        ],
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("LM Studio at") && text.contains("context 8k"),
        "{text}"
    );
    assert!(text.contains("llama.cpp-test 9.9.9"), "the engine: {text}");
    let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        told.contains("disagrees with the server's own decode speed (LM Studio `stats`)"),
        "{text}"
    );
}

#[test]
fn what_is_recorded_is_what_recommend_decides_by() {
    let server = FaultServer::start(&["coder"], true);
    let home = tempfile::tempdir().unwrap();
    let speed_of_q6 = || {
        let out = planner(
            home.path(),
            &[
                "recommend",
                "--task",
                "code",
                "--machine",
                "m3-ultra-512gb",
                "--format",
                "json",
                "--pin",
                "qwen3-coder-next/gguf-q6_k",
                "--models",
                "1",
            ],
        );
        let plan: Value = serde_json::from_slice(&out.stdout).unwrap();
        plan["loadout"][0]["speed"].clone()
    };
    assert_eq!(
        speed_of_q6()["basis"],
        "predicted",
        "nobody has measured it so far"
    );
    let args = [
        "bench",
        "coder",
        "--base-url",
        &server.base,
        "--runs",
        "2",
        "--warm-up",
        "0",
        "--record",
        "--chip",
        "m3-ultra",
    ];
    // Which variant `coder` is, nobody said: refused before anything is measured.
    let refused = planner(home.path(), &args);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        told.contains("`coder`") && told.contains("--as MODEL/VARIANT"),
        "{told}"
    );
    let mut args = args.to_vec();
    args.extend(["--as", "qwen3-coder-next/gguf-q6_k", "--format", "json"]);
    let recorded = planner(home.path(), &args);
    let told = String::from_utf8_lossy(&recorded.stderr).into_owned();
    assert_eq!(recorded.status.code(), Some(0), "{told}");
    assert!(
        told.contains("recorded 2 measurements as `qwen3-coder-next/gguf-q6_k`"),
        "{told}"
    );
    let written = std::fs::read_dir(home.path().join("config/planner/catalog")).unwrap();
    let entry = std::fs::read_to_string(written.flatten().next().unwrap().path()).unwrap();
    assert!(entry.contains("own = true"), "{entry}");
    let result: Value = serde_json::from_slice(&recorded.stdout).unwrap();
    let measured = speed_of_q6();
    assert_eq!(measured["basis"], "measured");
    let of = |v: &Value| v.as_f64().unwrap();
    let (low, high) = (of(&measured["low"]), of(&measured["high"]));
    let bench = &result["models"][0]["summary"]["decode_tokens_per_second"];
    let median = of(&bench["median"]);
    assert!(
        low < median && median < high && high < low * 1.15,
        "{measured} {bench}"
    );
    assert!(
        measured["source"]
            .as_str()
            .unwrap()
            .contains("planner bench")
    );
}

#[test]
fn a_plans_models_are_measured_under_the_names_that_it_gave_them() {
    let home = tempfile::tempdir().unwrap();
    let plan = home.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    let made = planner(
        home.path(),
        &[
            "recommend",
            "--task",
            "code",
            "--models",
            "1",
            "--machine",
            "m3-ultra-512gb",
            "--out",
            plan,
        ],
    );
    assert!(made.status.success());
    let text = std::fs::read_to_string(plan).unwrap();
    let planned: Value = serde_json::from_str(&text).unwrap();
    let entry = &planned["loadout"][0];
    let of = |key: &str| entry[key].as_str().unwrap().to_owned();
    let args = |base: &str| -> Vec<String> {
        let args = [
            "bench",
            "--plan",
            plan,
            "--base-url",
            base,
            "--runs",
            "1",
            "--warm-up",
            "0",
            "--format",
            "json",
        ];
        args.iter().map(|a| (*a).to_owned()).collect()
    };
    let run = |server: &FaultServer| {
        let args = args(&server.base);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        planner(home.path(), &args)
    };
    let applied = FaultServer::start(&[&of("identifier"), "another"], true);
    let result: Value = serde_json::from_slice(&run(&applied).stdout).unwrap();
    let model = &result["models"][0];
    assert_eq!(
        model["variant"],
        format!("{}/{}", of("model"), of("variant"))
    );
    assert_eq!(model["variant_known_by"], "the plan");
    assert_eq!(result["server"]["also_loaded"][0], "another");
    let not_applied = FaultServer::start(&["another"], true);
    let refused = run(&not_applied);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        told.contains("is not loaded under its name") && told.contains("planner apply"),
        "{told}"
    );
}
