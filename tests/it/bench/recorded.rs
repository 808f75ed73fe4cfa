//! What `planner bench` records, and what is made of it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::{bench, planner, requests};
use crate::fault_server::FaultServer;

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

/// Prefill is told by its own definition, of a prompt that nobody has seen apart from one that the
/// server knows all but the end of; several streams are measured at the depth of one.
#[test]
fn cold_and_warm_prompts_are_told_apart() {
    let (json, code) = bench(
        "keeps-prefixes",
        &["--runs", "0", "--depth", "0,2k", "--streams", "1,2"],
    );
    assert_eq!(code, 0, "{json}");
    let requests = json["models"][0]["requests"].as_array().unwrap();
    let of = |series: &'static str| requests.iter().filter(move |r| r["series"] == series);
    let figure = |r: &Value, name: &str| r["figures"][name].as_f64().unwrap();
    for r in of("depth").chain(of("warm")) {
        let read = figure(r, "prompt_tokens") - figure(r, "cached_tokens");
        let step = 1.0 / figure(r, "decode_tokens_per_second");
        let seconds = figure(r, "time_to_first_token_seconds") - step;
        let told = figure(r, "prefill_tokens_per_second");
        // Speeds are rounded to thousandths.
        assert!((told * seconds / read - 1.0).abs() < 0.01, "{r}");
    }
    let deep = of("depth").find(|r| r["depth_tokens"] == 2048).unwrap();
    assert_eq!(deep["figures"]["cached_tokens"], 0);
    let warm: Vec<&Value> = of("warm").collect();
    assert_eq!(warm.len(), 1, "an empty context has no warm prompt");
    // All of the cold prompt but its question was kept; about a turn's tokens are new.
    let kept = figure(warm[0], "cached_tokens");
    assert!(kept > 0.9 * figure(deep, "prompt_tokens"), "{kept}");
    let new = figure(warm[0], "prompt_tokens") - kept;
    assert!((900.0..1200.0).contains(&new), "{new}");
    let summary = &json["models"][0]["summary"];
    let depth = &summary["depths"][1];
    let median = |v: &Value| v["prefill_tokens_per_second"]["median"].as_f64();
    assert_eq!(
        median(&depth["warm"]),
        warm[0]["figures"]["prefill_tokens_per_second"].as_f64()
    );
    assert_eq!(
        median(depth),
        deep["figures"]["prefill_tokens_per_second"].as_f64()
    );
    assert_eq!(summary["depths"][0]["warm"], Value::Null);
    // Alone and two at once of a short prompt, two at once of a deep one, which was read before.
    let at_once: Vec<(&Value, &Value)> = (summary["concurrency"].as_array().unwrap().iter())
        .map(|c| (&c["depth_tokens"], &c["streams"]))
        .collect();
    assert_eq!(
        at_once,
        [
            (&Value::Null, &1.into()),
            (&Value::Null, &2.into()),
            (&2048.into(), &2.into())
        ]
    );
    for r in of("concurrency").filter(|r| r["depth_tokens"] == 2048) {
        assert_eq!(r["figures"]["cached_tokens"], r["figures"]["prompt_tokens"]);
    }
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
