//! What engines come to keep with use: told by the ledger, capped by a plan, written by `emit`.

use std::fs;

use serde_json::Value;

use crate::support::{planner, stdout};

fn fit(flags: &[&str]) -> Value {
    let base = [
        "fit",
        "qwen3.6-27b/gguf-q4_k_m",
        "--machine",
        "m3-ultra-512gb",
        "--context",
        "64k",
        "--format",
        "json",
    ];
    serde_json::from_str(&stdout(&[&base[..], flags].concat())).unwrap()
}

fn growth(fit: &Value, line: &str) -> u64 {
    let lines = fit["ledger"].as_array().unwrap();
    let line = lines.iter().find(|l| l["line"] == line);
    line.map_or(0, |l| {
        assert!(l["bounded_by"].is_string() && l["bytes"] == 0, "{l}");
        l["worst_bytes"].as_u64().unwrap()
    })
}

/// llama.cpp's server logs 149.625 MiB for each checkpoint of this model, keeps 32 for each of 4
/// slots, and finished prompts in 8192 MiB, unless told otherwise.
#[test]
fn the_ledger_says_what_the_server_logs() {
    let own = fit(&[]);
    let one = 149 * 1_048_576 + 655_360;
    assert_eq!(growth(&own, "context_checkpoints"), 4 * 32 * one);
    assert_eq!(growth(&own, "prompt_cache"), 8 << 30);
    let memory = &own["memory"];
    let bytes = |name: &str| memory[name].as_u64().unwrap();
    assert_eq!(
        bytes("worst_total_bytes") - bytes("total_bytes"),
        4 * 32 * one + (8 << 30)
    );
    // Both lie in ordinary memory.
    assert_eq!(memory["worst_gpu_total_bytes"], memory["gpu_total_bytes"]);
    let capped = fit(&[
        "--slots",
        "2",
        "--ctx-checkpoints",
        "3",
        "--cache-ram",
        "1GiB",
    ]);
    assert_eq!(growth(&capped, "context_checkpoints"), 2 * 3 * one);
    assert_eq!(growth(&capped, "prompt_cache"), 1 << 30);
    let off = fit(&["--ctx-checkpoints", "0", "--cache-ram", "0"]);
    assert_eq!(growth(&off, "context_checkpoints"), 0);
    assert_eq!(growth(&off, "prompt_cache"), 0);
}

/// A plan of GGUF files stays within both limits whatever its servers come to keep, and `emit` writes
/// the caps by which it does.
#[test]
fn a_plan_caps_what_its_servers_may_keep() {
    let mut capped = 0;
    for machine in ["m4-max-64gb", "m4-max-128gb", "mac-mini-m4-pro-24gb"] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("plan.json");
        let out = out.to_str().unwrap();
        let saved = planner(&[
            "recommend",
            "--machine",
            machine,
            "--task",
            "agent",
            "--task",
            "code",
            "--engine",
            "llama.cpp",
            "--out",
            out,
            "--format",
            "json",
        ]);
        let plan: Value = serde_json::from_slice(&saved.stdout).unwrap();
        let bytes = |of: &Value, name: &str| of[name].as_u64().unwrap();
        let limits = &plan["limits"];
        let physical = bytes(limits, "physical_bytes") - bytes(limits, "reserve_bytes");
        let budget = physical.min(limits["guard_bytes"].as_u64().unwrap_or(u64::MAX));
        let worst = bytes(&plan["totals"], "worst_total_bytes");
        assert!(worst <= budget, "{machine}: {worst} of {budget}");
        assert!(worst > bytes(&plan["totals"], "total_bytes"), "{machine}");
        let files = folder.path().join("files");
        let emitted = planner(&["emit", out, "--out", files.to_str().unwrap()]);
        assert!(emitted.status.success(), "{emitted:?}");
        let preset = files.join("engines/llama-server.ini");
        let preset = fs::read_to_string(preset).unwrap_or_default();
        for entry in plan["loadout"].as_array().unwrap() {
            for (setting, key) in [
                ("checkpoints", "ctx-checkpoints"),
                ("cache_ram_mib", "cache-ram"),
            ] {
                let Some(cap) = entry["settings"][setting].as_u64() else {
                    continue;
                };
                capped += 1;
                let written = preset.is_empty() || preset.contains(&format!("{key} = {cap}\n"));
                assert!(written, "{machine}: {key} {cap}: {preset}");
            }
        }
    }
    assert!(capped > 0, "no plan was small enough to need a cap");
}
