//! Reading what other programs measured, as measurements of the catalog.
//!
//! Pure: the text of a file in, rows out. Every row of a file comes out, as a measurement or with
//! the reason why it is none; nothing is dropped in silence. Which variant and which chip a row is
//! of is decided in [`resolve`], by whole names and exact sizes, never by a likeness.

pub mod document;
mod llama_bench;
mod lm_studio;
mod mlx_benchmark;
mod own;
mod resolve;
mod serving;
mod study;

pub use resolve::{Overrides, Resolved, resolve};

use serde::Serialize;
use serde_json::Value;

use crate::catalog::schema::{Measurement, Method};

/// What one file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The format that it was read as.
    pub format: &'static str,
    /// Its measurements.
    pub rows: Vec<Row>,
    /// What in it is no measurement.
    pub skipped: Vec<Skipped>,
}

/// One measurement, before it is known which variant it is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Which row of the file, for people.
    pub what: String,
    /// What the file says of the model.
    pub model: ModelHint,
    /// The chip as it names itself: `Apple M3 Ultra`.
    pub chip_name: Option<String>,
    /// The measurement; its `variant`, `chip` and, where the file does not say, `engine` are empty.
    pub measurement: Measurement,
}

/// What a file says of the model that it measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelHint {
    /// A name: a catalog's `model/variant`, a repository `owner/name`, or a program's own.
    pub name: Option<String>,
    /// Path of the file that was loaded.
    pub path: Option<String>,
    /// Quantization, where it is named apart.
    pub quantization: Option<String>,
    /// Bytes of the weights.
    pub weights_bytes: Option<u64>,
}

/// A row that is no measurement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Which row of the file.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// A file that can't be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Of no format that is known.
    #[error(
        "{file} is of no format that planner reads\nhint: it reads results of `planner bench`, the JSON of the study llm-mac-512, `llama-bench -o json` and `-o jsonl`, `llama-batched-bench --output-format jsonl`, the output of `mlx_lm.benchmark`, chat answers of LM Studio with `stats`, `vllm bench serve --save-result` and genai-perf or AIPerf exports"
    )]
    Unknown {
        /// The file.
        file: String,
    },
    /// JSON that breaks off or is none.
    #[error("{file}: {error}")]
    Broken {
        /// The file.
        file: String,
        /// What is wrong, and where.
        error: String,
    },
}

/// Reads a file by its contents.
///
/// # Errors
/// When it is of no known format, or broken.
pub fn read(file: &str, text: &str) -> Result<Imported, ImportError> {
    let text = text.trim_start_matches('\u{feff}');
    if mlx_benchmark::is_one(text) {
        return Ok(mlx_benchmark::read(file, text));
    }
    match serde_json::from_str::<Value>(text) {
        Ok(json) => of_json(file, json),
        Err(error) => of_lines(file, text).ok_or(ImportError::Broken {
            file: file.to_owned(),
            error: format!("no format that planner reads: as JSON, {error}"),
        }),
    }
}

fn of_json(file: &str, json: Value) -> Result<Imported, ImportError> {
    let readers: [fn(&str, &Value) -> Option<Imported>; 6] = [
        own::read,
        study::read,
        llama_bench::read,
        lm_studio::read,
        serving::read_vllm,
        serving::read_genai_perf,
    ];
    readers
        .iter()
        .find_map(|read| read(file, &json))
        .ok_or_else(|| ImportError::Unknown {
            file: file.to_owned(),
        })
}

/// One JSON object per line, as `llama-bench -o jsonl` and `llama-batched-bench` write them.
/// Other lines are told; a file without any object is none.
fn of_lines(file: &str, text: &str) -> Option<Imported> {
    let mut objects = Vec::new();
    let mut other = Vec::new();
    for (number, line) in (1_usize..).zip(text.lines()) {
        match serde_json::from_str::<Value>(line) {
            Ok(json) if json.is_object() => objects.push(json),
            _ if line.trim().is_empty() => {}
            _ => other.push(Skipped {
                what: format!("line {number}"),
                reason: format!("no JSON: {}", line.chars().take(60).collect::<String>()),
            }),
        }
    }
    let mut found = llama_bench::read(file, &Value::Array(objects))?;
    found.skipped.extend(other);
    Some(found)
}

/// A measurement with nothing in it but where it comes from.
fn blank(file: &str, engine: &str, method: Method) -> Measurement {
    Measurement {
        variant: String::new(),
        chip: String::new(),
        gpu_cores: None,
        memory_gib: None,
        engine: engine.to_owned(),
        app: None,
        date: None,
        campaign: None,
        method,
        method_note: None,
        depth_tokens: None,
        concurrency: 1,
        decode_tokens_per_second: None,
        prefill_tokens_per_second: None,
        prefill_tokens: None,
        prefill_after_tokens: None,
        time_to_first_token_seconds: None,
        load_seconds: None,
        peak_memory_bytes: None,
        peak_memory_of: None,
        reported_mean_tokens_per_second: None,
        tests: Vec::new(),
        own: false,
        suspect: None,
        confidence: None,
        source: file.to_owned(),
        notes: Vec::new(),
    }
}

/// The day of a time stamp.
fn day(stamp: &str) -> Option<String> {
    stamp.get(..10).map(str::to_owned)
}

fn number(json: &Value, key: &str) -> Option<f64> {
    json.get(key)?.as_f64()
}

fn count(json: &Value, key: &str) -> Option<u32> {
    json.get(key)?.as_u64().and_then(|n| u32::try_from(n).ok())
}

fn text(json: &Value, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}

/// A speed that can be one.
fn speed(figure: Option<f64>) -> Option<f64> {
    figure.filter(|f| f.is_finite() && *f > 0.0).map(round)
}

/// Rounds to what a measurement is good for.
fn round(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}
