//! `GET /api/v1/models`: what LM Studio's server says is on disk and in memory.
//!
//! It knows no paths and no names of linked devices, and for MLX no slots.

use serde::Deserialize;

use super::listing::{
    Installed, Listing, ListingError, LoadState, Loaded, Quantization, read_rows,
};
use crate::units::Bytes;

#[derive(Deserialize)]
struct Models {
    models: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "type")]
    kind: String,
    key: String,
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    publisher: Option<String>,
    size_bytes: Bytes,
    #[serde(default)]
    quantization: Option<QuantizationName>,
    #[serde(default)]
    max_context_length: Option<u32>,
    #[serde(default)]
    loaded_instances: Vec<LoadedInstance>,
}

#[derive(Deserialize)]
struct QuantizationName {
    name: Option<String>,
}

#[derive(Deserialize)]
struct LoadedInstance {
    id: String,
    #[serde(default)]
    config: Config,
}

#[derive(Default, Deserialize)]
struct Config {
    #[serde(default)]
    context_length: Option<u32>,
    #[serde(default)]
    parallel: Option<u32>,
}

/// What the server tells: what is on disk, and what is in memory.
pub type Known = (Listing<Installed>, Listing<Loaded>);

/// Reads the answer.
///
/// # Errors
/// When it is not such a list.
pub fn models(json: &str) -> Result<Known, ListingError> {
    let read: Models = serde_json::from_str(json).map_err(|error| ListingError {
        command: "GET /api/v1/models",
        error,
    })?;
    let mut installed = Vec::new();
    let mut loaded = Vec::new();
    let Listing { rows, odd } = read_rows::<Model>(read.models);
    for model in rows {
        let entry = Installed {
            kind: model.kind,
            path: model.key.clone(),
            model_key: model.key,
            format: model.format.unwrap_or_default(),
            display_name: model.display_name,
            publisher: model.publisher,
            size_bytes: model.size_bytes,
            indexed_model_identifier: None,
            device_identifier: None,
            quantization: (model.quantization.and_then(|q| q.name))
                .map(|name| Quantization { name, bits: None }),
            variants: Vec::new(),
            selected_variant: None,
            max_context_length: model.max_context_length,
        };
        loaded.extend(model.loaded_instances.into_iter().map(|instance| Loaded {
            model: entry.clone(),
            state: LoadState {
                identifier: instance.id,
                context_length: instance.config.context_length,
                parallel: instance.config.parallel,
                ttl_ms: None,
                status: None,
                queued: None,
            },
        }));
        installed.push(entry);
    }
    Ok((
        Listing {
            rows: installed,
            odd: odd.clone(),
        },
        Listing { rows: loaded, odd },
    ))
}
