//! The two shapes of the study llm-mac-512: its script for LM Studio, and its script for mlx-lm.
//!
//! Units as the study's own: seconds; `tps` of the first over the whole request, of the second over
//! the time after the first token; `peak_memory_gb` is the whole system's use in GiB.

use serde_json::Value;

use super::rows::{Imported, ModelHint, Row, Skipped, blank, count, day, number, round, text};
use crate::catalog::schema::{Measurement, Method, TestRun};
use crate::units::Bytes;

pub(super) fn read(file: &str, json: &Value) -> Option<Imported> {
    if json.get("api_base").is_some() {
        lm_studio_run(file, json)
    } else if text(json, "framework").as_deref() == Some("MLX") {
        native_run(file, json)
    } else {
        None
    }
}

fn imported(format: &'static str, row: Row, skipped: Vec<Skipped>) -> Imported {
    Imported {
        format,
        rows: vec![row],
        skipped,
    }
}

fn lm_studio_run(file: &str, json: &Value) -> Option<Imported> {
    let results = json.get("results")?.as_array()?;
    let stamp = text(json, "timestamp").unwrap_or_default();
    let (tests, skipped) = tests(results, "test_name", |row| TestRun {
        name: text(row, "test_name").unwrap_or_default(),
        passed: row.get("success").and_then(Value::as_bool) == Some(true),
        prompt_tokens: count(row, "prompt_tokens"),
        completion_tokens: count(row, "completion_tokens"),
        seconds: number(row, "total_time").map(round),
        time_to_first_token_seconds: None,
        reported_tokens_per_second: number(row, "tps").map(cents),
        error: text(row, "error"),
    });
    let summary = json.get("summary");
    let measurement = Measurement {
        app: Some("LM Studio".to_owned()),
        date: day(&stamp),
        method_note: Some(
            "completion tokens over the time of the whole request, prompt and page-in included"
                .to_owned(),
        ),
        depth_tokens: Some(0),
        reported_mean_tokens_per_second: summary.and_then(|s| number(s, "avg_tps")).map(cents),
        suspect: too_many_tokens(results, &tests),
        tests,
        // LM Studio runs either engine; which, the variant says.
        ..blank(file, "", Method::WallClock)
    };
    let row = Row {
        what: format!("run of {stamp}"),
        model: ModelHint {
            name: text(json, "model"),
            ..ModelHint::default()
        },
        chip_name: None,
        measurement,
    };
    Some(imported("llm-mac-512, LM Studio", row, skipped))
}

fn native_run(file: &str, json: &Value) -> Option<Imported> {
    let results = json.get("tests")?.as_array()?;
    let stamp = text(json, "timestamp").unwrap_or_default();
    let (tests, skipped) = tests(results, "key", |row| TestRun {
        name: text(row, "key").unwrap_or_default(),
        passed: row.get("error").is_none(),
        prompt_tokens: None,
        completion_tokens: count(row, "total_tokens"),
        seconds: number(row, "total_time_sec").map(round),
        time_to_first_token_seconds: number(row, "ttft_sec").map(round),
        reported_tokens_per_second: number(row, "tps").map(cents),
        error: text(row, "error"),
    });
    let system = json.get("system_info");
    let metrics = json.get("metrics");
    let metric = |key: &str| metrics.and_then(|m| number(m, key));
    let ran = tests.iter().any(|t| t.passed);
    let measurement = Measurement {
        memory_gib: system
            .and_then(|s| number(s, "total_memory_gb"))
            .and_then(whole),
        app: system
            .and_then(|s| text(s, "mlx_version"))
            .map(|v| format!("mlx-lm (mlx {v})")),
        date: day(&stamp),
        method_note: ran.then(|| {
            "tokens over the generation time after the first token, per request".to_owned()
        }),
        depth_tokens: ran.then_some(0),
        load_seconds: metric("load_time_sec"),
        peak_memory_bytes: metric("peak_memory_gb").and_then(gib),
        peak_memory_of: metric("peak_memory_gb").map(|_| "system".to_owned()),
        reported_mean_tokens_per_second: metric("avg_tps").map(cents),
        suspect: too_many_tokens(results, &tests),
        tests,
        ..blank(file, "mlx", Method::Decode)
    };
    let row = Row {
        what: format!("run of {stamp}"),
        model: ModelHint {
            name: text(json, "model_name"),
            ..ModelHint::default()
        },
        chip_name: system.and_then(|s| text(s, "chip")),
        measurement,
    };
    Some(imported("llm-mac-512, mlx-lm", row, skipped))
}

/// The requests of a run; one without its name is told.
fn tests(
    rows: &[Value],
    name: &str,
    read: impl Fn(&Value) -> TestRun,
) -> (Vec<TestRun>, Vec<Skipped>) {
    let (mut tests, mut skipped) = (Vec::new(), Vec::new());
    for (n, row) in (1..).zip(rows) {
        if text(row, name).is_some() {
            tests.push(read(row));
        } else {
            skipped.push(Skipped {
                what: format!("request {n}"),
                reason: format!("it has no `{name}`"),
            });
        }
    }
    (tests, skipped)
}

/// More tokens than a request allowed are no count of generated tokens.
fn too_many_tokens(rows: &[Value], tests: &[TestRun]) -> Option<String> {
    let over: Vec<String> = rows
        .iter()
        .zip(tests)
        .filter_map(|(row, test)| {
            let (limit, tokens) = (count(row, "max_tokens")?, test.completion_tokens?);
            (tokens > limit).then(|| format!("{tokens} of {limit}"))
        })
        .collect();
    (!over.is_empty()).then(|| {
        format!(
            "The token counts exceed each request's own limit ({}), so they are not the tokens generated, and the speeds are too high.",
            over.join(", ")
        )
    })
}

fn cents(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be a small whole number"
)]
fn whole(figure: f64) -> Option<u32> {
    let fits = (0.0..1e6).contains(&figure) && figure.fract().abs() < 1e-9;
    fits.then_some(figure as u32)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "checked to be a size of a machine's memory"
)]
fn gib(figure: f64) -> Option<Bytes> {
    let fits = figure > 0.0 && figure < 1e6;
    fits.then(|| Bytes((figure * (1_u64 << 30) as f64).round() as u64))
}
