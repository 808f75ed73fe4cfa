//! A subject from what an MLX or Hugging Face folder holds: its configuration and the headers of
//! its safetensors files.

use crate::basis::Basis;
use crate::memory::offload::Apart;
use crate::memory::{Companion, Engine, Weights};
use crate::model::FolderWeights;
use crate::model::config_json;
use crate::model::config_json::{Config, ConfigError, Quantization};
use crate::model::safetensors::Tensor;
use crate::units::Bytes;

use crate::fit::subject::{About, Parameters, Split, Subject, meant, reasonable};

/// A model read from a folder.
#[derive(Debug, Clone, PartialEq)]
pub struct FolderModel {
    /// The model alone.
    pub subject: Subject,
    /// What it sees or hears with, where it has that.
    pub senses: Option<Companion>,
    /// What the folder says beside that.
    pub about: About,
}

/// Reads a model from the text of its `config.json` and the tensors of all its files.
///
/// # Errors
/// When the configuration is no configuration. One that leaves open what the model keeps is no
/// error: the subject says why.
pub fn model(name: &str, config: &[u8], tensors: &[Tensor]) -> Result<FolderModel, ConfigError> {
    let layers = config_json::read(config, None).map_or(u32::MAX, |c| c.architecture.layers);
    let sums = FolderWeights::of(tensors, layers);
    let read = match config_json::read(config, Some(&sums)) {
        Ok(read) => Ok(read),
        Err(error @ (ConfigError::Json { .. } | ConfigError::TooLong { .. })) => return Err(error),
        Err(error) => Err(error),
    };
    let mut notes = read.as_ref().map_or_else(|_| Vec::new(), notes_of);
    if sums.prediction > Bytes::ZERO {
        notes.push(format!(
            "{} of layers for multi-token prediction are not loaded by MLX",
            sums.prediction.both()
        ));
    }
    let text = sums
        .total
        .saturating_sub(sums.senses)
        .saturating_sub(sums.prediction);
    let source = "the tensor tables of the folder's files";
    let weights = |gpu| Weights {
        gpu,
        cpu: Bytes::ZERO,
        basis: Basis::Computed,
        source: source.to_owned(),
    };
    let quantization = read
        .as_ref()
        .ok()
        .and_then(|c| c.quantization.as_ref())
        .map(|q| format!("{}bit", q.common.bits));
    Ok(FolderModel {
        about: About {
            quantization: quantization.or_else(|| widest_kind(tensors)),
            parameters: parameters(tensors, layers, read.as_ref().ok()),
            ..About::default()
        },
        senses: (sums.senses > Bytes::ZERO).then(|| Companion::Vision {
            weights: weights(sums.senses),
            compute: None,
        }),
        subject: Subject {
            name: name.to_owned(),
            engine: Engine::Mlx,
            context_length: meant(read.as_ref().ok().and_then(|c| c.context_length)),
            architecture: read
                .map_err(|e| e.to_string())
                .and_then(|c| reasonable(c.architecture)),
            weights: weights(text),
            split: Split::default(),
            apart: Apart::default(),
            companions: Vec::new(),
            siblings: Vec::new(),
            notes,
        },
    })
}

fn notes_of(config: &Config) -> Vec<String> {
    let mut notes = config.notes.clone();
    notes.extend(config.quantization.as_ref().map(quantization_text));
    notes
}

/// `quantized to 4 bits in groups of 64; 12 matrices to 8 bits, 3 left as they are`.
fn quantization_text(quantization: &Quantization) -> String {
    let common = &quantization.common;
    let mut text = format!(
        "quantized to {} bits in groups of {} ({})",
        common.bits, common.group_size, common.mode
    );
    let mut others: std::collections::BTreeMap<Option<u32>, usize> = Default::default();
    for (_, own) in &quantization.overrides {
        if own.as_ref() != Some(common) {
            *others.entry(own.as_ref().map(|q| q.bits)).or_default() += 1;
        }
    }
    for (bits, count) in others {
        let matrices = if count == 1 { "matrix" } else { "matrices" };
        text.push_str(&match bits {
            Some(bits) => format!("; {count} {matrices} to {bits} bits"),
            None => format!("; {count} {matrices} left as it was"),
        });
    }
    text
}

/// Parts of names under which a mixture keeps its experts, one by one or stacked.
const ROUTED: [&str; 3] = [".experts.", ".switch_mlp.", ".switch_glu."];

/// Packed matrices count by what they stand for; their scales, parts that see, and layers for
/// prediction are not counted.
fn parameters(tensors: &[Tensor], layers: u32, config: Option<&Config>) -> Parameters {
    let experts = config.and_then(|c| c.architecture.experts);
    let tied = config.is_some_and(|c| c.architecture.tied_embeddings);
    let mut sum = Parameters::default();
    for tensor in tensors {
        let name = tensor.name.as_str();
        let scale = [".scales", ".biases", "_scale_inv", "_scale"];
        if scale.iter().any(|end| name.ends_with(end)) || FolderWeights::is_beside(name, layers) {
            continue;
        }
        let stored = tensor.shape.iter().fold(1_u64, |n, d| n.saturating_mul(*d));
        let elements = match packed_bits(name, &tensor.kind, config) {
            Some(bits) => stored.saturating_mul(32) / u64::from(bits.max(1)),
            None => stored,
        };
        if experts.is_some() && !tied && name.ends_with("embed_tokens.weight") {
            sum.total = sum.total.saturating_add(elements);
        } else {
            let routed = ROUTED.iter().any(|part| name.contains(part));
            sum.add(elements, routed, experts);
        }
    }
    sum
}

/// The bits of a matrix that lies packed in 32-bit words.
fn packed_bits(name: &str, kind: &str, config: Option<&Config>) -> Option<u32> {
    let quantization = config?.quantization.as_ref().filter(|_| kind == "U32")?;
    let path = name.trim_end_matches(".weight");
    let own = quantization.overrides.iter().find(|(p, _)| p == path);
    match own {
        Some((_, own)) => own.as_ref().map(|q| q.bits),
        None => Some(quantization.common.bits),
    }
}

/// The format that takes most bytes, for a folder that is not quantized.
fn widest_kind(tensors: &[Tensor]) -> Option<String> {
    let mut kinds: std::collections::BTreeMap<&str, u64> = Default::default();
    for tensor in tensors {
        let sum = kinds.entry(tensor.kind.as_str()).or_default();
        *sum = sum.saturating_add(tensor.bytes.0);
    }
    kinds
        .into_iter()
        .max_by_key(|(_, bytes)| *bytes)
        .map(|(kind, _)| kind.to_lowercase())
}
