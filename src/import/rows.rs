//! What a reader finds in a file, and how readers take figures from JSON.

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

/// A measurement with nothing in it but where it comes from.
pub(super) fn blank(file: &str, engine: &str, method: Method) -> Measurement {
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
pub(super) fn day(stamp: &str) -> Option<String> {
    stamp.get(..10).map(str::to_owned)
}

pub(super) fn number(json: &Value, key: &str) -> Option<f64> {
    json.get(key)?.as_f64()
}

pub(super) fn count(json: &Value, key: &str) -> Option<u32> {
    json.get(key)?.as_u64().and_then(|n| u32::try_from(n).ok())
}

pub(super) fn text(json: &Value, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}

/// A speed that can be one.
pub(super) fn speed(figure: Option<f64>) -> Option<f64> {
    figure.filter(|f| f.is_finite() && *f > 0.0).map(round)
}

/// Rounds to what a measurement is good for.
pub(super) fn round(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}
