//! The ledger over real headers, against what the real engine allocated for them
//! (`tests/data/llama-cpp/memory.tsv`): equal to the byte in every row.

use std::collections::BTreeMap;

use planner::memory::llama_cpp;
use planner::model::Architecture;

use super::recorded::{architecture, rows, settings, sparse};

#[test]
fn context_memory_of_every_recorded_header_is_the_engines_own() {
    let mut models: BTreeMap<String, Architecture> = BTreeMap::new();
    let rows = rows("memory.tsv");
    let mut wrong = Vec::new();
    for row in &rows {
        let header = &row["header"];
        let arch = models
            .entry(header.clone())
            .or_insert_with(|| architecture(header));
        let settings = settings(row);
        let ours = (
            llama_cpp::kv_cache(arch, &settings).0,
            llama_cpp::recurrent_state(arch, &settings).0,
        );
        let engine: (u64, u64) = (
            row["kv_cache_bytes"].parse().unwrap(),
            row["recurrent_state_bytes"].parse().unwrap(),
        );
        if ours != engine {
            wrong.push(format!(
                "{header} {settings:?}: ours {ours:?}, engine {engine:?}"
            ));
        }
    }
    assert!(
        rows.len() > 1000 && models.len() > 50,
        "{} rows, {} headers",
        rows.len(),
        models.len()
    );
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}

#[test]
fn types_that_the_engine_refuses_are_refused_here() {
    for row in rows("refused.tsv")
        .iter()
        .filter(|r| r["reason"].contains("different K"))
    {
        let arch = architecture(&row["header"]);
        let settings = settings(row);
        assert!(
            !llama_cpp::stores(&arch, settings.kv_type_k, settings.kv_type_v),
            "{row:?}"
        );
    }
}

/// A sparse file: the header, and no byte of the weights behind it.
#[test]
fn fit_reads_the_header_of_a_file_and_no_more() {
    let file = sparse("deepseek-v3.q4_k_m", "fit-sparse", "deepseek.gguf");
    let args = [
        "fit",
        file.to_str().unwrap(),
        "--machine",
        "m3-ultra-512gb",
        "--context",
        "131072",
        "--slots",
        "1",
        "--format",
        "json",
    ];
    let answer: serde_json::Value = serde_json::from_str(&crate::support::stdout(&args)).unwrap();
    assert_eq!(answer["verdict"], "fits");
    // 8784.00 MiB by llama.cpp's own planner.
    assert_eq!(answer["memory"]["context_bytes"], 8784_u64 << 20);
    // 385,253.52 MiB on the GPU and 497.11 MiB on the CPU by llama.cpp's own planner.
    let weights = answer["memory"]["weights_bytes"].as_f64().unwrap() / 1_048_576.0;
    assert!((weights - 385_253.52 - 497.11).abs() < 0.02, "{weights}");
}
