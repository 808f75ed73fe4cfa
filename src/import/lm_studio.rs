//! Answers of LM Studio with its own `stats`: of `/api/v0/chat/completions`, of `/api/v1/chat`, one
//! or a list of them.

use serde_json::Value;

use super::rows::{Imported, ModelHint, Row, Skipped, blank, count, number, round, speed, text};
use crate::catalog::schema::{Measurement, Method};

pub(super) fn read(file: &str, json: &Value) -> Option<Imported> {
    let answers = match json {
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    answers.first()?.get("stats")?.as_object()?;
    let mut found = Imported {
        format: "LM Studio stats",
        rows: Vec::new(),
        skipped: Vec::new(),
    };
    for (n, answer) in (1..).zip(answers) {
        let what = format!("answer {n}");
        match row(file, &what, answer) {
            Ok(row) => found.rows.push(row),
            Err(reason) => found.skipped.push(Skipped { what, reason }),
        }
    }
    Some(found)
}

fn row(file: &str, what: &str, answer: &Value) -> Result<Row, String> {
    let stats = answer.get("stats").ok_or("it has no `stats`")?;
    let info = answer.get("model_info");
    let of = |key: &str| info.and_then(|i| text(i, key));
    let decode = speed(number(stats, "tokens_per_second"))
        .ok_or("its `stats` hold no `tokens_per_second`")?;
    let usage = answer.get("usage");
    let prompt =
        count(stats, "input_tokens").or_else(|| usage.and_then(|u| count(u, "prompt_tokens")));
    let first = number(stats, "time_to_first_token_seconds")
        .or_else(|| number(stats, "time_to_first_token"));
    let engine = match of("format").as_deref() {
        Some("gguf") => "llama.cpp",
        Some("mlx" | "safetensors") => "mlx",
        _ => "",
    };
    let runtime = answer.get("runtime");
    let runtime = runtime.map(|r| {
        let parts = [text(r, "name"), text(r, "version")];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    });
    let tokens = count(stats, "total_output_tokens")
        .or_else(|| usage.and_then(|u| count(u, "completion_tokens")));
    let measurement = Measurement {
        app: Some(match runtime {
            Some(r) if !r.is_empty() => format!("LM Studio ({r})"),
            _ => "LM Studio".to_owned(),
        }),
        method_note: Some(format!(
            "LM Studio's own `stats.tokens_per_second` of one answer{}",
            tokens.map_or(String::new(), |n| format!(" of {n} tokens"))
        )),
        depth_tokens: prompt,
        decode_tokens_per_second: Some(decode),
        time_to_first_token_seconds: first.map(round),
        load_seconds: number(stats, "model_load_time_seconds").map(round),
        ..blank(file, engine, Method::Decode)
    };
    Ok(Row {
        what: what.to_owned(),
        model: ModelHint {
            name: text(answer, "model").or_else(|| text(answer, "model_instance_id")),
            quantization: of("quant"),
            ..ModelHint::default()
        },
        chip_name: None,
        measurement,
    })
}
