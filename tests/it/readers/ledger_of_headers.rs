//! The ledger over real headers, against what the real engine allocated for them
//! (`tests/data/llama-cpp/memory.tsv`): equal to the byte in every row.

use std::collections::BTreeMap;

use planner::catalog::Catalog;
use planner::memory::{Settings, llama_cpp, llama_cpp_gpu};
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

/// Models of the catalog whose figures were read elsewhere, at their full size.
#[test]
fn context_memory_of_catalog_models_is_the_engines_own() {
    let catalog = Catalog::embedded().unwrap();
    let rows = rows("catalog.tsv");
    assert!(rows.len() >= 90, "{}", rows.len());
    for row in &rows {
        let model = catalog.model(&row["model"]).unwrap();
        let arch = model.architecture.as_ref().unwrap();
        let settings = settings(row);
        let ours = (
            llama_cpp::kv_cache(arch, &settings).0.to_string(),
            llama_cpp::recurrent_state(arch, &settings).0.to_string(),
        );
        let engine = (
            row["kv_cache_bytes"].clone(),
            row["recurrent_state_bytes"].clone(),
        );
        assert_eq!(ours, engine, "{row:?}");
    }
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

/// Headers whose GPU buffer is bounded loosely in some setting, by more than 8 % + 64 MiB: what of
/// their graph decides it is not known, and too much is the safe side.
const LOOSE: [&str; 17] = [
    "deepseek4.v4-flash.10-layers",
    "gemma3n.e4b",
    "gemma4.e4b-shared-kv",
    "glm-dsa.5.9-layers",
    "glm-dsa.shared-indexers",
    "glm4moe.4.5-air",
    "glm5-next.5.3-flash.9-layers",
    "granitehybrid.4.0-h-small.20-layers",
    "kimi-linear.48b-a3b",
    "mamba.130m",
    "mamba.2.8b",
    "mamba2.defaults.16-layers",
    "mimo2.v2-flash.13-layers",
    "minimax-m3.8-layers",
    "nemotron_h.defaults.12-layers",
    "rwkv6.finch-1b6",
    "step35.3.5-flash.12-layers",
];

/// Against the engine's own planning code for Metal, one row of logits for each slot: never below,
/// and near above but for the headers that are named.
#[test]
fn gpu_buffers_of_recorded_headers_are_bounded_from_above_and_most_closely() {
    let rows = rows("metal.tsv");
    assert_eq!(rows.len(), 266);
    let mut outside = Vec::new();
    for row in &rows {
        let asked = settings(row);
        let settings = Settings {
            output_rows: Some(asked.slots),
            ..asked
        };
        let name = &row["header"];
        let ours = llama_cpp_gpu::gpu_compute(&architecture(name), &settings);
        let ours = ours.gib() * 1024.0;
        let engine: f64 = row["gpu_compute_mib"].parse().unwrap();
        let far = ours > engine * 1.08 + 64.0 && !LOOSE.contains(&name.as_str());
        if ours < engine || far {
            outside.push(format!("{name} {settings:?}: {ours:.1}, engine {engine}"));
        }
    }
    assert!(outside.is_empty(), "{}", outside.join("\n"));
}
