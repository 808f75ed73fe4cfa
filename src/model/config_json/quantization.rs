//! The `quantization` block of an MLX folder, kept as values: bits, group size, exceptions.

use serde_json::Value;

use super::error::ConfigError;
use super::keys::count;

/// How one matrix is quantized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantized {
    /// Bits per weight, without scales.
    pub bits: u32,
    /// Weights that share a scale.
    pub group_size: u32,
    /// `affine`, `mxfp4`, ...; `affine` where the file does not say.
    pub mode: String,
}

/// How a model is quantized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantization {
    /// All matrices that are not named.
    pub common: Quantized,
    /// Matrices by their path; `None` for one that is left as it is.
    pub overrides: Vec<(String, Option<Quantized>)>,
}

/// Reads the block; `None` where there is none.
pub(super) fn read(whole: &Value) -> Result<Option<Quantization>, ConfigError> {
    const KEY: &str = "quantization";
    let block = match whole.get(KEY) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(block)) => block,
        Some(_) => return Err(kind(KEY)),
    };
    let common = quantized(block, None)?.ok_or_else(|| ConfigError::Missing {
        key: "quantization.bits".to_owned(),
    })?;
    let mut overrides = Vec::new();
    for (path, value) in block {
        match value {
            Value::Object(own) => {
                let own = quantized(own, Some(&common))?;
                overrides.push((path.clone(), own));
            }
            Value::Bool(false) => overrides.push((path.clone(), None)),
            Value::Bool(true) => overrides.push((path.clone(), Some(common.clone()))),
            _ => {}
        }
    }
    Ok(Some(Quantization { common, overrides }))
}

/// One set of figures; what it leaves out comes from `common`.
fn quantized(
    block: &serde_json::Map<String, Value>,
    common: Option<&Quantized>,
) -> Result<Option<Quantized>, ConfigError> {
    let number = |key: &str| block.get(key).map(|value| count(key, value)).transpose();
    let bits = number("bits")?.or(common.map(|c| c.bits));
    let group_size = number("group_size")?.or(common.map(|c| c.group_size));
    let mode = match block.get("mode") {
        None => common.map_or_else(|| "affine".to_owned(), |c| c.mode.clone()),
        Some(Value::String(mode)) => mode.clone(),
        Some(_) => return Err(kind("quantization.mode")),
    };
    Ok(bits.zip(group_size).map(|(bits, group_size)| Quantized {
        bits,
        group_size,
        mode,
    }))
}

fn kind(key: &str) -> ConfigError {
    ConfigError::Kind {
        key: key.to_owned(),
        found: "not what it should be".to_owned(),
    }
}
