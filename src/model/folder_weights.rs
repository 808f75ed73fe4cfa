//! Weights of a Hugging Face or MLX folder, and what their names say about the model.
//!
//! Adds up tensors by part; opens no file. An engine that runs text alone leaves the parts that
//! see, hear or predict out of memory, so they are counted apart.

use crate::units::Bytes;

use super::safetensors::Tensor;

/// Starts of names that belong to parts that see or hear (`sanitize` of the models in
/// `mlx_lm/models/` of github.com/ml-explore/mlx-lm).
#[rustfmt::skip]
const SENSES: &[&str] = &[
    "vision_tower.", "vision_model.", "visual.", "model.visual.", "model.vision_tower.",
    "model.vision_model.", "multi_modal_projector.", "model.multi_modal_projector.",
    "mm_projector.", "audio_tower.", "model.audio_tower.", "embed_vision.", "model.embed_vision.",
    "embed_audio.", "model.embed_audio.",
];

/// The weights of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderWeights {
    /// All tensors.
    pub total: Bytes,
    /// Parts that see or hear.
    pub senses: Bytes,
    /// Layers for multi-token prediction.
    pub prediction: Bytes,
    /// The rows of the token embedding.
    pub vocabulary_rows: Option<u64>,
    /// Whether there is an output matrix of its own.
    pub has_output: bool,
}

impl FolderWeights {
    /// Adds up the tensors of all files of a folder. `layers` is the number of main layers.
    pub fn of<'a>(tensors: impl IntoIterator<Item = &'a Tensor>, layers: u32) -> Self {
        let mut sum = Self::default();
        for tensor in tensors {
            let name = tensor.name.as_str();
            sum.total = Bytes(sum.total.0.saturating_add(tensor.bytes.0));
            if SENSES.iter().any(|start| name.starts_with(start)) {
                sum.senses = Bytes(sum.senses.0.saturating_add(tensor.bytes.0));
                continue;
            }
            if predicts(name, layers) {
                sum.prediction = Bytes(sum.prediction.0.saturating_add(tensor.bytes.0));
                continue;
            }
            if name.ends_with("embed_tokens.weight") {
                sum.vocabulary_rows = tensor.shape.first().copied();
            }
            sum.has_output |= name.ends_with("lm_head.weight");
        }
        sum
    }
}

impl FolderWeights {
    /// Whether a tensor belongs to parts that see or hear, or to layers for prediction.
    #[must_use]
    pub fn is_beside(name: &str, layers: u32) -> bool {
        SENSES.iter().any(|start| name.starts_with(start)) || predicts(name, layers)
    }
}

/// `mtp.…`, or a layer beyond the main ones: `model.layers.61.…` of 61.
fn predicts(name: &str, layers: u32) -> bool {
    if name.starts_with("mtp.") || name.contains(".mtp.") {
        return true;
    }
    let Some((_, rest)) = name.split_once("layers.") else {
        return false;
    };
    rest.split('.')
        .next()
        .and_then(|n| n.parse::<u32>().ok())
        .is_some_and(|n| n >= layers)
}
