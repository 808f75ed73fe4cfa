//! `llama-bench -o json` and `-o jsonl`, and `llama-batched-bench --output-format jsonl`.
//!
//! A row of llama-bench with `n_gen` alone is decoding, one with `n_prompt` alone is prefill; both
//! start `n_depth` tokens deep. A row of llama-batched-bench holds both: `pl` prompts of `pp` tokens
//! at once, `tg` tokens generated for each, speeds summed over all.

use serde_json::Value;

use super::rows::{Imported, ModelHint, Row, Skipped, blank, count, day, number, speed, text};
use crate::catalog::schema::{Measurement, Method};

/// Reads one row of a file.
type Reader = fn(&str, &Value) -> Result<Row, String>;

pub(super) fn read(file: &str, json: &Value) -> Option<Imported> {
    let rows = match json {
        Value::Array(rows) => rows.as_slice(),
        one => std::slice::from_ref(one),
    };
    let first = rows.first()?;
    let (format, of): (_, Reader) = if first.get("n_gen").is_some() {
        ("llama-bench", bench_row)
    } else if first.get("speed_tg").is_some() && first.get("pp").is_some() {
        ("llama-batched-bench", batched_row)
    } else {
        return None;
    };
    let mut found = Imported {
        format,
        rows: Vec::new(),
        skipped: Vec::new(),
    };
    for (n, row) in (1..).zip(rows) {
        let what = format!("row {n}");
        match of(file, row) {
            Ok(read) => found.rows.push(Row {
                what: format!("{what}, {}", read.what),
                ..read
            }),
            Err(reason) => found.skipped.push(Skipped { what, reason }),
        }
    }
    Some(found)
}

fn bench_row(file: &str, row: &Value) -> Result<Row, String> {
    let of = |key: &str| count(row, key).ok_or_else(|| format!("it has no `{key}`"));
    let (prompt, generated) = (of("n_prompt")?, of("n_gen")?);
    let depth = count(row, "n_depth").unwrap_or(0);
    let backends = text(row, "backends").unwrap_or_default();
    let gpu = text(row, "gpu_info").unwrap_or_default();
    if gpu.starts_with("Apple") && count(row, "n_gpu_layers") == Some(0) {
        return Err(format!(
            "it ran on the CPU alone (`n_gpu_layers` 0, {backends})"
        ));
    }
    let tps = speed(number(row, "avg_ts")).ok_or("it has no `avg_ts`")?;
    let (what, decode, prefill) = match (prompt, generated) {
        (0, n) if n > 0 => (format!("tg{n} at depth {depth}"), Some(tps), None),
        (n, 0) if n > 0 => (format!("pp{n} at depth {depth}"), None, Some(tps)),
        (p, n) => {
            return Err(format!(
                "pp{p}+tg{n} is one speed over prompt and answer together, which is neither"
            ));
        }
    };
    let build = count(row, "build_number").map(|n| format!("llama-bench b{n}"));
    let deviation = number(row, "stddev_ts").unwrap_or(0.0);
    let samples = row
        .get("samples_ts")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let measurement = Measurement {
        app: build,
        date: text(row, "test_time").and_then(|t| day(&t)),
        method_note: Some(format!(
            "{what}: mean of {samples} runs, standard deviation {deviation:.2}"
        )),
        depth_tokens: Some(depth),
        decode_tokens_per_second: decode,
        prefill_tokens_per_second: prefill,
        prefill_tokens: prefill.and(Some(prompt)),
        prefill_after_tokens: prefill.and(Some(depth)).filter(|d| *d > 0),
        notes: settings(row, &backends),
        ..blank(file, "llama.cpp", Method::Decode)
    };
    let model = ModelHint {
        name: None,
        path: text(row, "model_filename"),
        quantization: None,
        weights_bytes: row.get("model_size").and_then(Value::as_u64),
    };
    Ok(Row {
        what,
        model,
        chip_name: Some(gpu).filter(|g| !g.is_empty()),
        measurement,
    })
}

/// Settings that change the speed.
fn settings(row: &Value, backends: &str) -> Vec<String> {
    let shown = |key: &str| {
        row.get(key)
            .map(|v| format!("{key} {}", v.to_string().trim_matches('"')))
    };
    let parts: Vec<String> = [
        "type_k",
        "type_v",
        "flash_attn",
        "n_batch",
        "n_ubatch",
        "n_gpu_layers",
    ]
    .into_iter()
    .filter_map(shown)
    .collect();
    vec![format!("{backends}: {}", parts.join(", "))]
}

fn batched_row(file: &str, row: &Value) -> Result<Row, String> {
    let of = |key: &str| count(row, key).ok_or_else(|| format!("it has no `{key}`"));
    let (pp, tg, pl) = (of("pp")?, of("tg")?, of("pl")?);
    if pl == 0 {
        return Err("`pl` is 0".to_owned());
    }
    let decode = speed(number(row, "speed_tg")).filter(|_| tg > 0);
    let prefill = speed(number(row, "speed_pp")).filter(|_| pp > 0);
    if decode.is_none() && prefill.is_none() {
        return Err("it has no speed".to_owned());
    }
    let shared = count(row, "is_pp_shared") == Some(1);
    let how = if shared {
        "one shared prompt"
    } else {
        "a prompt each"
    };
    let what = format!("pp{pp} tg{tg}, {pl} at once");
    let measurement = Measurement {
        app: Some("llama-batched-bench".to_owned()),
        method_note: Some(format!("{what}, {how}; speeds are sums over all")),
        depth_tokens: Some(pp),
        concurrency: pl,
        decode_tokens_per_second: decode,
        prefill_tokens_per_second: prefill,
        notes: settings(row, "settings"),
        ..blank(file, "llama.cpp", Method::Decode)
    };
    Ok(Row {
        what,
        model: ModelHint::default(),
        chip_name: None,
        measurement,
    })
}
