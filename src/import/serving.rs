//! Results of the load generators `vllm bench serve --save-result` and genai-perf or AIPerf
//! (`profile_export_*.json`). Neither says which engine answered.
//!
//! One request at a time gives a decode speed: the inverse of the time per output token. More at
//! once give only the sum of tokens over the whole run, prompts and waiting included, which is a
//! wall-clock figure.

use serde_json::Value;

use super::rows::{Imported, ModelHint, Row, Skipped, blank, count, number, round, speed, text};
use crate::catalog::schema::{Measurement, Method};

/// What both programs say, in one shape.
struct Run {
    app: &'static str,
    model: Option<String>,
    date: Option<String>,
    concurrency: Option<u32>,
    prompt_tokens: Option<f64>,
    first_token_ms: Option<f64>,
    token_ms: Option<f64>,
    output_tps: Option<f64>,
    note: String,
}

pub(super) fn read_vllm(file: &str, json: &Value) -> Option<Imported> {
    json.get("output_throughput")?;
    json.get("total_input_tokens")?;
    let completed = number(json, "completed").unwrap_or(0.0);
    let failed = count(json, "failed").unwrap_or(0);
    let one = count(json, "num_prompts") == Some(1);
    let run = Run {
        app: "vllm bench serve",
        model: text(json, "model_id"),
        // `20251125-101500`
        date: text(json, "date").and_then(|d| {
            let day = d
                .get(..8)
                .filter(|d| d.chars().all(|c| c.is_ascii_digit()))?;
            Some(format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]))
        }),
        concurrency: count(json, "max_concurrency").or(one.then_some(1)),
        prompt_tokens: number(json, "total_input_tokens")
            .filter(|_| completed > 0.0)
            .map(|n| n / completed),
        first_token_ms: number(json, "median_ttft_ms").or_else(|| number(json, "mean_ttft_ms")),
        token_ms: number(json, "median_tpot_ms").or_else(|| number(json, "mean_tpot_ms")),
        output_tps: number(json, "output_throughput"),
        note: format!("{completed:.0} requests completed, {failed} failed"),
    };
    Some(imported("vllm bench serve", file, run))
}

pub(super) fn read_genai_perf(file: &str, json: &Value) -> Option<Imported> {
    let first = json.get("time_to_first_token")?;
    let throughput = json.get("output_token_throughput")?;
    let middle = |block: &Value| number(block, "p50").or_else(|| number(block, "avg"));
    let config = json.get("input_config").unwrap_or(&Value::Null);
    let at = |path: &str| config.pointer(path);
    let concurrency = [
        "/perf_analyzer/stimulus/concurrency",
        "/loadgen/concurrency",
    ]
    .iter()
    .find_map(|p| at(p)?.as_u64().and_then(|n| u32::try_from(n).ok()));
    let model = ["/model_names/0", "/endpoint/model_names/0", "/model"]
        .iter()
        .find_map(|p| at(p)?.as_str().map(str::to_owned));
    let unit = text(first, "unit").unwrap_or_default();
    let run = Run {
        app: "genai-perf",
        model,
        date: None,
        concurrency,
        prompt_tokens: json
            .get("input_sequence_length")
            .and_then(|b| number(b, "avg")),
        first_token_ms: middle(first),
        token_ms: json.get("inter_token_latency").and_then(middle),
        output_tps: number(throughput, "avg"),
        note: format!("medians of the export; times in {unit}"),
    };
    let mut found = imported("genai-perf", file, run);
    if unit != "ms" && !found.rows.is_empty() {
        found.rows.clear();
        found.skipped.push(Skipped {
            what: "the run".to_owned(),
            reason: format!("its times are in `{unit}`, and only `ms` is known"),
        });
    }
    Some(found)
}

fn imported(format: &'static str, file: &str, run: Run) -> Imported {
    let mut found = Imported {
        format,
        rows: Vec::new(),
        skipped: Vec::new(),
    };
    match row(file, run) {
        Ok(row) => found.rows.push(row),
        Err(reason) => found.skipped.push(Skipped {
            what: "the run".to_owned(),
            reason,
        }),
    }
    found
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mean length of prompts, checked to be in range"
)]
fn row(file: &str, run: Run) -> Result<Row, String> {
    let concurrency = run.concurrency.ok_or(
        "it does not say how many requests ran at once (`max_concurrency`), so its speeds are of no known load",
    )?;
    let alone = concurrency == 1;
    let decode = if alone {
        run.token_ms.filter(|ms| *ms > 0.0).map(|ms| 1000.0 / ms)
    } else {
        run.output_tps
    };
    let decode = speed(decode).ok_or("it has no speed of generation")?;
    let how = if alone {
        "the inverse of the time per output token"
    } else {
        "all generated tokens over the whole run, prompts and waiting included"
    };
    let method = if alone {
        Method::Decode
    } else {
        Method::WallClock
    };
    let measurement = Measurement {
        app: Some(run.app.to_owned()),
        date: run.date,
        method_note: Some(format!("{how}; {}", run.note)),
        depth_tokens: run
            .prompt_tokens
            .filter(|n| (0.0..1e9).contains(n))
            .map(|n| n.round() as u32),
        concurrency,
        decode_tokens_per_second: Some(decode),
        time_to_first_token_seconds: run.first_token_ms.map(|ms| round(ms / 1000.0)),
        ..blank(file, "", method)
    };
    Ok(Row {
        what: format!("{concurrency} at once"),
        model: ModelHint {
            name: run.model,
            ..ModelHint::default()
        },
        chip_name: None,
        measurement,
    })
}
