//! Caches with quantized keys, which are neither planned nor advised where somebody measured that
//! they harm: with q8_0, gpt-oss 20B keeps three of four of its first choices.

use serde_json::Value;

use crate::support::{plan, planner};

const HARMED: &str = "gpt-oss-20b/gguf-mxfp4";

/// Why a variant is no candidate.
fn why(plan: &Value, variant: &str) -> Option<String> {
    let rejected = plan["rejected"].as_array().unwrap();
    let of = rejected.iter().find(|r| r["variant"] == variant)?;
    Some(of["why"].to_string())
}

fn advises_a_smaller_cache(model: &str, machine: &str, context: &str) -> bool {
    let args = ["fit", model, "--machine", machine, "--context", context];
    let output = planner(&[&args[..], &["--format", "json"]].concat());
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let advice = answer["advice"].as_array().unwrap();
    advice.iter().any(|a| a["kind"] == "quantized_kv_cache")
}

#[test]
fn no_plan_holds_what_quantized_keys_harm() {
    let asking = |kv: &str| {
        let base = ["--task", "general", "--machine", "m4-max-64gb"];
        plan(&[&base[..], &["--kv-type", kv]].concat())
    };
    for quantized in ["q8_0", "q4_0", "q8_0,f16"] {
        let why = why(&asking(quantized), HARMED).unwrap_or_default();
        assert!(why.contains("74.9 %"), "{quantized}: {why}");
    }
    // Quantized values alone were not seen to.
    for harmless in ["f16", "f16,q8_0"] {
        let why = why(&asking(harmless), HARMED).unwrap_or_default();
        assert!(!why.contains("74.9 %"), "{harmless}: {why}");
    }
}

#[test]
fn a_smaller_cache_is_advised_where_it_is_not_known_to_harm() {
    let tight = "mac-mini-m4-16gb";
    assert!(!advises_a_smaller_cache(HARMED, tight, "128k"));
    assert!(advises_a_smaller_cache(
        "qwen3.5-9b/gguf-q8_0",
        tight,
        "256k"
    ));
}
