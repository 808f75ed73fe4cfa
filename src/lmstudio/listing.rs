//! `lms ls --json` and `lms ps --json`: what is installed, and what is loaded.
//!
//! Fields follow `ModelInfoBase` and `LLMModelInfo` of LM Studio's SDK. Sizes are bytes of the
//! files, never of memory.

use serde::{Deserialize, Serialize};

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
    /// `gguf`, `safetensors` (which is what MLX models are here), ...
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What it is.
    pub model: Installed,
    /// How it is loaded.
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

/// Reads `lms ls --json`.
///
/// # Errors
/// When it is not a list of models.
pub fn installed(json: &str) -> Result<Vec<Installed>, ListingError> {
    serde_json::from_str(json).map_err(|error| ListingError {
        command: "lms ls --json",
        error,
    })
}

/// Reads `lms ps --json`.
///
/// # Errors
/// When it is not a list of loaded models.
pub fn loaded(json: &str) -> Result<Vec<Loaded>, ListingError> {
    let failed = |error| ListingError {
        command: "lms ps --json",
        error,
    };
    let rows: Vec<serde_json::Value> = serde_json::from_str(json).map_err(failed)?;
    rows.into_iter()
        .map(|row| {
            Ok(Loaded {
                model: serde_json::from_value(row.clone()).map_err(failed)?,
                state: serde_json::from_value(row).map_err(failed)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the real `lms` (commit 07b7252) against a stand-in for the app, shortened.
    const PS: &str = r#"[{"type":"llm","modelKey":"openai/gpt-oss-20b","format":"gguf","displayName":"openai/gpt-oss-20b","publisher":"openai","path":"openai/gpt-oss-20b","sizeBytes":12109566560,"indexedModelIdentifier":"openai/gpt-oss-20b","deviceIdentifier":null,"paramsString":"20B","architecture":"gpt-oss","quantization":{"name":"MXFP4","bits":4},"identifier":"gpt20","ttlMs":3600000,"lastUsedTime":null,"vision":false,"trainedForToolUse":true,"maxContextLength":131072,"contextLength":131072,"status":"idle","queued":0,"parallel":2}]"#;

    #[test]
    fn what_is_loaded_is_told_with_what_it_is() {
        let all = loaded(PS).unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].state.identifier, "gpt20");
        assert_eq!(all[0].state.parallel, Some(2));
        assert_eq!(all[0].state.ttl_ms, Some(3_600_000));
        assert_eq!(all[0].model.size_bytes, Bytes(12_109_566_560));
        assert_eq!(all[0].model.device_identifier, None);
        assert_eq!(installed(PS).unwrap(), [all[0].model.clone()]);
    }

    #[test]
    fn anything_else_is_refused_by_the_name_of_its_command() {
        for text in ["", "Model not found", r#"[{"identifier":"x"}]"#] {
            let error = loaded(text).unwrap_err().to_string();
            assert!(error.starts_with("`lms ps --json` printed"), "{error}");
        }
    }
}
