//! `lms ls --json` and `lms ps --json`: what is installed, and what is loaded.
//!
//! Fields follow `ModelInfoBase` and `LLMModelInfo` of LM Studio's SDK. Sizes are bytes of the
//! files, never of memory. Rows are read one by one: one that is odd hides no other.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::printable::{hides, printable};
use crate::units::Bytes;

/// A model that LM Studio has on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Installed {
    /// `llm` or `embedding`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The key that `lms load` takes.
    pub model_key: String,
    /// `gguf`, `safetensors` (which is what MLX models are here), ...; empty where it is not told.
    #[serde(default)]
    pub format: String,
    /// The name that people see.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Who published the files.
    #[serde(default)]
    pub publisher: Option<String>,
    /// Path below the models folder, or a hub name `owner/name`.
    pub path: String,
    /// Bytes of the files.
    pub size_bytes: Bytes,
    /// The name of its default-configuration file, without `.json`.
    #[serde(default)]
    pub indexed_model_identifier: Option<String>,
    /// The device that holds it; none for this one.
    #[serde(default)]
    pub device_identifier: Option<String>,
    /// Quantization as LM Studio names it.
    #[serde(default)]
    pub quantization: Option<Quantization>,
    /// Names of the variants of a hub model: `owner/name@q4_k_m`.
    #[serde(default)]
    pub variants: Vec<String>,
    /// The variant that loading the key would load.
    #[serde(default)]
    pub selected_variant: Option<String>,
    /// The context that the model was trained for.
    #[serde(default)]
    pub max_context_length: Option<u32>,
}

/// Quantization as LM Studio names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantization {
    /// `Q4_K_M`, `8bit`, ...
    pub name: String,
    /// Nominal bits per weight.
    #[serde(default)]
    pub bits: Option<u32>,
}

/// A model that LM Studio has in memory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Loaded {
    /// What it is.
    #[serde(flatten)]
    pub model: Installed,
    /// How it is loaded.
    #[serde(flatten)]
    pub state: LoadState,
}

/// How a model is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadState {
    /// The name that clients ask for.
    pub identifier: String,
    /// The context in force, which may differ from the one asked for.
    #[serde(default)]
    pub context_length: Option<u32>,
    /// Requests at once; absent before LM Studio reported it.
    #[serde(default)]
    pub parallel: Option<u32>,
    /// Milliseconds without a request after which it is unloaded; none for never.
    #[serde(default)]
    pub ttl_ms: Option<u64>,
    /// `idle`, `processingPrompt`, `generating`, ...
    #[serde(default)]
    pub status: Option<String>,
    /// Requests that wait.
    #[serde(default)]
    pub queued: Option<u32>,
}

impl LoadState {
    /// Whether somebody waits for an answer of it.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let works = self.status.as_deref().is_some_and(|s| s != "idle");
        works || self.queued.is_some_and(|q| q > 0)
    }
}

/// Why a listing could not be read.
#[derive(Debug, thiserror::Error)]
#[error("`{command}` printed something else than a list of models: {error}")]
pub struct ListingError {
    /// The command.
    pub command: &'static str,
    /// What was expected, and where.
    pub error: serde_json::Error,
}

/// What a listing tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// The rows that could be read.
    pub rows: Vec<T>,
    /// The others; rows of what is no language model are in neither.
    pub odd: Vec<OddRow>,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddRow {
    /// Its identifier or key, else its place in the list.
    pub name: String,
    /// What is wrong with it.
    pub why: String,
}

/// Reads `lms ls --json`.
///
/// # Errors
/// When it is not a list.
pub fn installed(json: &str) -> Result<Listing<Installed>, ListingError> {
    rows("lms ls --json", json)
}

/// Reads `lms ps --json`.
///
/// # Errors
/// When it is not a list.
pub fn loaded(json: &str) -> Result<Listing<Loaded>, ListingError> {
    rows("lms ps --json", json)
}

fn rows<T: DeserializeOwned>(
    command: &'static str,
    json: &str,
) -> Result<Listing<T>, ListingError> {
    serde_json::from_str(json)
        .map(read_rows)
        .map_err(|error| ListingError { command, error })
}

/// Reads each row by itself.
pub(super) fn read_rows<T: DeserializeOwned>(all: Vec<Value>) -> Listing<T> {
    let mut listing = Listing {
        rows: Vec::new(),
        odd: Vec::new(),
    };
    for (at, row) in all.into_iter().enumerate() {
        let other_kind = row["type"].as_str().is_some_and(|kind| kind != "llm");
        let name = ["identifier", "modelKey", "key"]
            .iter()
            .find_map(|field| row[field].as_str());
        let name = name.map_or_else(|| format!("row {}", at + 1), str::to_owned);
        if let Some(field) = hidden(&row) {
            listing.odd.push(OddRow {
                name: printable(&name).into_owned(),
                why: format!("its `{}` contains invisible characters", printable(field)),
            });
            continue;
        }
        match serde_json::from_value(whole_numbers(row)) {
            Ok(read) => listing.rows.push(read),
            Err(_) if other_kind => {}
            Err(error) => listing.odd.push(OddRow {
                name,
                why: error.to_string(),
            }),
        }
    }
    listing
}

/// The field of a row with something in it that is not seen: no command can be told such a name.
fn hidden(row: &Value) -> Option<&str> {
    let texts = |field: &Value| match field {
        Value::String(text) => text.contains(hides),
        Value::Array(items) => items
            .iter()
            .any(|i| i.as_str().is_some_and(|t| t.contains(hides))),
        _ => false,
    };
    let mut fields = row.as_object()?.iter();
    fields.find_map(|(name, field)| texts(field).then_some(name.as_str()))
}

/// `262144.0` and `2.62144e5` are whole numbers, too: which form they come in is the writer's habit.
fn whole_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(whole(&number).unwrap_or(number)),
        Value::Array(items) => items.into_iter().map(whole_numbers).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, field)| (name, whole_numbers(field)))
            .collect(),
        other => other,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be whole and below 2^53"
)]
fn whole(number: &Number) -> Option<Number> {
    /// Up to here a float holds every whole number.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = number.as_f64().filter(|_| number.is_f64())?;
    let fits = float.fract() == 0.0 && (0.0..=EXACT).contains(&float);
    fits.then(|| Number::from(float as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the real `lms` (commit 07b7252) against a stand-in for the app, shortened.
    const PS: &str = r#"[{"type":"llm","modelKey":"openai/gpt-oss-20b","format":"gguf","displayName":"openai/gpt-oss-20b","publisher":"openai","path":"openai/gpt-oss-20b","sizeBytes":12109566560,"indexedModelIdentifier":"openai/gpt-oss-20b","deviceIdentifier":null,"paramsString":"20B","architecture":"gpt-oss","quantization":{"name":"MXFP4","bits":4},"identifier":"gpt20","ttlMs":3600000,"lastUsedTime":null,"vision":false,"trainedForToolUse":true,"maxContextLength":131072,"contextLength":131072,"status":"idle","queued":0,"parallel":2}]"#;

    #[test]
    fn what_is_loaded_is_told_with_what_it_is() {
        let all = loaded(PS).unwrap().rows;
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].state.identifier, "gpt20");
        assert_eq!(all[0].state.parallel, Some(2));
        assert_eq!(all[0].state.ttl_ms, Some(3_600_000));
        assert_eq!(all[0].model.size_bytes, Bytes(12_109_566_560));
        assert_eq!(all[0].model.device_identifier, None);
        assert_eq!(installed(PS).unwrap().rows, [all[0].model.clone()]);
    }

    #[test]
    fn anything_else_is_refused_by_the_name_of_its_command() {
        for text in ["", "Model not found", r#"{"identifier":"x"}"#] {
            let error = loaded(text).unwrap_err().to_string();
            assert!(error.starts_with("`lms ps --json` printed"), "{error}");
        }
    }

    #[test]
    fn an_odd_row_hides_no_other_and_is_named() {
        let mut list: Vec<Value> = serde_json::from_str(PS).unwrap();
        let mut floats = list[0].clone();
        floats["identifier"] = "floats".into();
        floats["contextLength"] = serde_json::json!(262_144.0);
        floats["sizeBytes"] = serde_json::json!(1.210_956_656e10);
        floats.as_object_mut().unwrap().remove("format");
        let mut half = list[0].clone();
        half["identifier"] = "half".into();
        half["contextLength"] = serde_json::json!(4096.5);
        list.push(floats);
        list.push(serde_json::json!({"type": "decision", "modelKey": "gate"}));
        list.push(half);
        list.push("what is this".into());
        let read = loaded(&Value::Array(list).to_string()).unwrap();
        let names: Vec<&str> = read
            .rows
            .iter()
            .map(|l| l.state.identifier.as_str())
            .collect();
        assert_eq!(names, ["gpt20", "floats"]);
        assert_eq!(read.rows[1].state.context_length, Some(262_144));
        assert_eq!(read.rows[1].model.size_bytes, Bytes(12_109_566_560));
        let odd: Vec<&str> = read.odd.iter().map(|o| o.name.as_str()).collect();
        assert_eq!(odd, ["half", "row 5"]);
    }
}
