//! `planner status` and `planner verify`: what is loaded against the plan.

use std::fs;

use serde_json::{Value, json};

use super::{mess, stranger, words};
use crate::studio::{KEYS, Studio, loaded, one_model, two_models};

#[test]
fn status_tells_each_kind_of_drift_and_exits_1() {
    let studio = Studio::new();
    studio.load(&mess());
    let plan = studio.plan(&two_models());
    let without = studio.planner(&["status"]);
    assert!(without.status.success(), "{}", words(&without));
    let status = studio.planner(&["status", &plan]);
    assert_eq!(status.status.code(), Some(1));
    for line in [
        "stranger: loaded, not in the plan",
        "minimax-m2.1:2: loaded, a second copy of `minimax-m2.1`",
        "minimax-m2.1: context 4096, not 65536",
        "qwen3-coder-next: not loaded",
    ] {
        assert!(words(&status).contains(line), "{line}: {}", words(&status));
    }
    let json = studio.planner(&["status", &plan, "--format", "json"]);
    let report: Value = serde_json::from_slice(&json.stdout).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/status.json")).unwrap();
    assert!(jsonschema::is_valid(&schema, &report), "{report:#}");
    let row = report["loaded"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["identifier"] == "minimax-m2.1")
        .unwrap();
    // The catalog knows the file, so the ledger is there at the context in force.
    assert_eq!(row["memory"]["weights_bytes"], 130_025_542_816_u64);
    assert!(row["memory"]["kv_cache_bytes"].as_u64().unwrap() < 2_000_000_000);
}

/// A process that is called as LM Studio's is, and holds what a shell's variable takes: `status`
/// counts it, and says what the loaded models may grow by.
#[cfg(target_os = "linux")]
#[test]
fn status_says_what_is_held_and_what_may_grow() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    let studio = Studio::new();
    let plan = studio.plan(&two_models());
    assert!(
        studio
            .planner(&["apply", "--any-machine", &plan, "--yes"])
            .status
            .success()
    );
    let program = studio.path("bin/llmster");
    fs::copy("/bin/dash", &program).unwrap();
    let hold = "x=$(head -c 40000000 /dev/zero | tr '\\0' x); echo ready; read gone";
    let mut process = Command::new(&program)
        .args(["-c", hold])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    let out = process.stdout.take().unwrap();
    BufReader::new(out).read_line(&mut ready).unwrap();
    assert_eq!(ready, "ready\n");
    let json = studio.planner(&["status", &plan, "--format", "json"]);
    let text = studio.planner(&["status", &plan]);
    process.kill().unwrap();
    process.wait().unwrap();
    let report: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(
        report["held_bytes"].as_u64().unwrap() >= 40_000_000,
        "{report:#}"
    );
    let rows = report["loaded"].as_array().unwrap();
    let grow = |row: &Value| {
        let of = |key: &str| row["memory"][key].as_u64().unwrap();
        of("worst_total_bytes") - of("total_bytes")
    };
    assert_eq!(report["may_grow_bytes"], rows.iter().map(grow).sum::<u64>());
    assert!(
        words(&text).contains("LM Studio's processes hold now"),
        "{}",
        words(&text)
    );
}

#[test]
fn the_server_alone_will_do() {
    let studio = Studio::new();
    fs::remove_file(studio.path("bin/lms")).unwrap();
    let plan = studio.plan(&two_models());
    let without = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
    assert!(
        words(&without).contains("--via rest"),
        "{}",
        words(&without)
    );
    let port = studio.port();
    let named = [
        "--key",
        "minimax-m2.1=minimax-m2.1@q4_k_s",
        "--key",
        "qwen3-coder-next=qwen3-coder-next",
    ];
    let apply = |more: &[&str]| {
        let mut args = vec![
            "apply",
            "--any-machine",
            plan.as_str(),
            "--yes",
            "--port",
            port.as_str(),
        ];
        args.extend(named);
        args.extend(more);
        studio.planner(&args)
    };
    studio.faults("out_of_memory@qwen3-coder-next");
    let failed = apply(&[]);
    assert_eq!(failed.status.code(), Some(1), "{}", words(&failed));
    assert!(
        words(&failed).contains("insufficient system resources"),
        "{}",
        words(&failed)
    );
    assert_eq!(studio.loaded(), []);
    studio.faults("token=secret");
    let closed = apply(&[]);
    assert_eq!(closed.status.code(), Some(2));
    assert!(
        words(&closed).contains("LM_API_TOKEN"),
        "{}",
        words(&closed)
    );
    let done = apply(&["--token", "secret"]);
    assert!(done.status.success(), "{}", words(&done));
    let expected = vec![
        loaded(KEYS[0], KEYS[0], 65_536, 4),
        loaded(KEYS[1], KEYS[1], 262_144, 4),
    ];
    assert_eq!(studio.loaded(), expected);
    assert_eq!(
        apply(&["--ttl", "60"]).status.code(),
        Some(2),
        "the server takes no TTL"
    );
}

#[test]
fn a_context_that_mlx_changed_silently_is_told_with_the_way_out() {
    let studio = Studio::new();
    studio.load(&[stranger()]);
    studio.faults("auto_fit=65536");
    let plan = studio.plan(&crate::scripts::mlx_plan(&studio, 4));
    let ended = studio.planner(&["apply", "--any-machine", &plan, "--yes"]);
    assert_eq!(ended.status.code(), Some(1), "{}", words(&ended));
    for part in [
        "came up with context 65536, not 262144",
        "plan with one slot",
        "what was loaded before is loaded again",
    ] {
        assert!(words(&ended).contains(part), "{part}: {}", words(&ended));
    }
    assert_eq!(studio.loaded(), [stranger()]);
}

#[test]
fn verify_holds_a_measurement_against_what_was_promised() {
    let studio = Studio::new();
    let mut plan = one_model();
    plan["loadout"][0]["identifier"] = json!("good");
    let plan = studio.plan(&plan);
    studio.faults("slow_load=900");
    let args = ["apply", &plan, "--any-machine", "--yes", "--format", "json"];
    let applied: Value = serde_json::from_slice(&studio.planner(&args).stdout).unwrap();
    let load = &applied["loads"][0];
    assert_eq!(load["identifier"], "good");
    assert_eq!(load["files_bytes"], 48_485_000_000_u64);
    let seconds = load["milliseconds"].as_f64().unwrap() / 1000.0;
    assert!((0.9..60.0).contains(&seconds), "{seconds}");
    let server = crate::fault_server::FaultServer::start(&["good"], false);
    let result = studio.path("result.json");
    let file = result.to_str().unwrap();
    let bench = studio.planner(&[
        "bench",
        "good",
        "--base-url",
        &server.base,
        "--warm-up",
        "0",
        "--runs",
        "1",
        "--out",
        file,
    ]);
    assert!(bench.status.success(), "{}", words(&bench));
    let verify = |more: &[&str]| {
        let mut args = vec!["verify", plan.as_str(), "--bench", file];
        args.extend(more);
        studio.planner(&args)
    };
    let unmeasured = verify(&[]);
    assert_eq!(
        unmeasured.status.code(),
        Some(1),
        "what was not measured was not kept"
    );
    assert!(
        words(&unmeasured).contains("unknown"),
        "{}",
        words(&unmeasured)
    );
    let mut document: Value = serde_json::from_str(&fs::read_to_string(&result).unwrap()).unwrap();
    let model = &mut document["models"][0];
    // The load is the one that apply took the time of: 48.5 GB in so few seconds were in memory.
    assert!((model["load"]["seconds"].as_f64().unwrap() - seconds).abs() < 1e-9);
    assert_eq!(
        model["load"]["files"],
        if seconds < 3.2 { "warm" } else { "unknown" }
    );
    model["load"]["seconds"] = json!(4.87);
    model["summary"]["soak"] = json!({
        "seconds": 3600.0, "requests": 5, "failed": 0, "decode_tokens_per_second": null, "decode_trend": null,
        "memory_trend_bytes": {"per_hour": 1e6, "uncertainty_per_hour": 1e5, "count": 300}, "engines_trend_bytes": null,
    });
    fs::write(&result, document.to_string()).unwrap();
    let kept = verify(&[]);
    assert!(kept.status.success(), "{}", words(&kept));
    let slow = verify(&["--min-tps", "100000"]);
    assert_eq!(slow.status.code(), Some(1));
    assert!(words(&slow).contains("broken"), "{}", words(&slow));
}

/// A plan at 17.3 tokens per second is not held to 30, nor 422 GB to ten seconds; nine tenths of a
/// measured speed, the low end of a predicted one, and the time to read the weights are asked.
#[test]
fn verify_asks_what_the_plan_says_and_no_more() {
    let asked = |speed: Value, weights: u64| {
        let mut plan = two_models();
        plan["loadout"][0]["speed"] = speed;
        plan["loadout"][0]["memory"]["weights_bytes"] = json!(weights);
        let entry = serde_json::from_value(plan["loadout"][0].clone()).unwrap();
        planner::apply::promises::thresholds(&entry, planner::apply::promises::Given::default())
    };
    let speed = |basis: &str| {
        json!({"decode_tokens_per_second": 17.3, "basis": basis, "source": "a table", "low": 12.5, "high": 19.0,
            "wall_clock_tokens_per_second": null, "depth_tokens": null})
    };
    let large = asked(speed("measured"), 422_000_000_000);
    let least = large.decode_tokens_per_second_min.unwrap().figure;
    assert!((least - 15.57).abs() < 1e-9, "{least}");
    let most = large.load_seconds_max.figure;
    assert!((most - 221.0).abs() < 1e-9, "{most}");
    let predicted = asked(speed("predicted"), 48_000_000_000);
    assert!((predicted.decode_tokens_per_second_min.unwrap().figure - 12.5).abs() < 1e-9);
    assert!(asked(Value::Null, 1).decode_tokens_per_second_min.is_none());
}
