//! The groups of layers that we read, put through llama.cpp's allocation, against what the real
//! engine allocated (`tests/data/llama-cpp/memory.tsv`).
//!
//! The arithmetic here is the shortest that llama.cpp's caches need and shares no code with the
//! ledger: it checks what the reader says a model keeps.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "tests read their data and stop at the first surprise"
)]

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use std::path::PathBuf;

use planner::model::gguf;
use planner::model::{Architecture, CacheShape};

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/llama-cpp")
        .join(name)
}

/// Bytes of 32 elements of a cache type.
fn block(kind: &str) -> u64 {
    match kind {
        "f32" => 128,
        "f16" | "bf16" => 64,
        "q8_0" => 34,
        "q5_1" => 24,
        "q5_0" => 22,
        "q4_1" => 20,
        "q4_0" | "iq4_nl" => 18,
        other => panic!("{other}"),
    }
}

type Row<'a> = HashMap<&'a str, &'a str>;

fn number(row: &Row, key: &str) -> u64 {
    row[key].parse().unwrap()
}

fn kv_cache_bytes(model: &Architecture, row: &Row) -> u64 {
    let (slots, ubatch) = (number(row, "slots"), number(row, "ubatch"));
    let unified = row["kv_unified"] == "1";
    let context = number(row, "context").next_multiple_of(256);
    let (cells, streams) = match unified {
        true => (context, 1),
        false => ((context / slots).next_multiple_of(256), slots),
    };
    let ubatch = ubatch.min(cells * streams);
    let (k, v) = (block(row["kv_k"]), block(row["kv_v"]));
    let per_head = model
        .attention
        .iter()
        .filter_map(|group| match group.cache {
            CacheShape::Full {
                kv_heads,
                value_length,
                ..
            }
            | CacheShape::Sliding {
                kv_heads,
                value_length,
                ..
            } => Some(kv_heads * value_length),
            CacheShape::Latent { .. }
            | CacheShape::Indexer { .. }
            | CacheShape::Compressed { .. } => None,
        });
    let widest = per_head.max().unwrap_or(0);
    // Without flash attention values lie transposed, and all layers take the widest one's room.
    let values = |kv_heads: u64, length: u64| match row["flash_attention"] {
        "off" if length > 0 => widest,
        _ => kv_heads * length,
    };
    let bytes = |group: &planner::model::AttentionLayers| {
        let layers = u64::from(group.layers);
        let (cells, keys, values) = match group.cache {
            CacheShape::Compressed {
                window,
                ratio,
                kv_heads,
                key_length,
                index_length,
            } => {
                // Never shared: each sequence has its own cells, as many as the pool has.
                let bounded = cells.min(u64::from(window) + ubatch).next_multiple_of(256);
                let raw = if row["swa_full"] == "1" {
                    cells
                } else {
                    bounded
                };
                let packed = match ratio {
                    0 => 0,
                    ratio => cells.div_ceil(ratio.into()).next_multiple_of(256),
                };
                let width = kv_heads * key_length;
                return layers * slots * (raw * width + packed * (width + index_length)) * k / 32;
            }
            CacheShape::Full {
                kv_heads,
                key_length,
                value_length,
            } => (cells, kv_heads * key_length, values(kv_heads, value_length)),
            CacheShape::Sliding {
                window,
                kv_heads,
                key_length,
                value_length,
            } => {
                let sequences = if unified { slots } else { 1 };
                let bounded = cells
                    .min(u64::from(window) * sequences + ubatch)
                    .next_multiple_of(256);
                let cells = if row["swa_full"] == "1" {
                    cells
                } else {
                    bounded
                };
                (cells, kv_heads * key_length, values(kv_heads, value_length))
            }
            CacheShape::Indexer {
                key_length,
                value_length,
            } => (cells, key_length, value_length),
            CacheShape::Latent {
                rank,
                rope_length,
                index_length,
                ..
            } => (cells, rank + rope_length + index_length, 0),
        };
        layers * cells * streams * (keys * k + values * v) / 32
    };
    model.attention.iter().map(bytes).sum()
}

fn recurrent_bytes(model: &Architecture, row: &Row) -> u64 {
    let numbers: u64 = model
        .recurrent
        .iter()
        .map(|g| u64::from(g.layers) * (g.convolution_elements + g.state_elements))
        .sum();
    numbers * 4 * number(row, "slots")
}

#[test]
fn what_each_model_keeps_is_what_the_engine_allocates() {
    let table = std::fs::read_to_string(data("memory.tsv")).unwrap();
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let mut models = BTreeMap::new();
    let (mut compared, mut wrong) = (0, Vec::new());
    for line in lines {
        let row: Row = names.iter().copied().zip(line.split('\t')).collect();
        let header = row["header"];
        let reading = models.entry(header.to_owned()).or_insert_with(|| {
            let bytes = std::fs::read(data(&format!("{header}.gguf-header"))).unwrap();
            gguf::architecture(&[gguf::read(Cursor::new(bytes)).unwrap()])
        });
        let model = match reading {
            Ok(reading) => &reading.architecture,
            Err(other) => panic!("{header}: {other}"),
        };
        let ours = (kv_cache_bytes(model, &row), recurrent_bytes(model, &row));
        let engine = (
            number(&row, "kv_cache_bytes"),
            number(&row, "recurrent_state_bytes"),
        );
        compared += 1;
        if ours != engine {
            wrong.push(format!("{line}\n  ours {ours:?}, engine {engine:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {compared} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(compared > 0);
}
