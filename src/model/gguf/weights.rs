//! Where a model's weights lie when all its layers are on the GPU.
//!
//! llama.cpp keeps the matrices of its input layer on the CPU (`LLM_TENSOR_LAYER_INPUT` in
//! `src/llama-arch.cpp` of github.com/ggml-org/llama.cpp) and everything else on the GPU. Where
//! the output matrix is the token embedding it is mapped on both; layers for multi-token
//! prediction stay out unless they are asked for.

use std::collections::BTreeMap;

use crate::units::Bytes;

use super::header::Tensor;

/// Tensors of the input layer.
const INPUT: &[&str] = &[
    "token_embd.weight",
    "position_embd.weight",
    "token_types.weight",
    "per_layer_token_embd.weight",
];

/// What one layer takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LayerBytes {
    /// All its tensors.
    pub all: Bytes,
    /// The routed experts among them: what llama.cpp's `--n-cpu-moe` leaves to the processor.
    pub experts: Bytes,
}

/// A model's weights in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    /// All tensors, each once.
    pub total: Bytes,
    /// What the engine counts as on the GPU.
    pub gpu: Bytes,
    /// What the engine counts as on the CPU.
    pub cpu: Bytes,
    /// The part that both count, because one matrix serves as input and as output. Where files
    /// are mapped into memory, as on a Mac, it takes its room once.
    pub both: Bytes,
    /// Layers for multi-token prediction, in neither of them; on the GPU when prediction is on.
    pub prediction: Bytes,
    /// Those on the GPU that belong to a layer, by its number.
    pub layers: BTreeMap<u32, LayerBytes>,
}

/// Why weights have no size: the format of a tensor is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the tensor `{tensor}` has the unknown format {kind}, so its size is not known; an update may know it"
)]
pub struct UnknownFormat {
    /// The first such tensor.
    pub tensor: String,
    /// Its format as a number.
    pub kind: String,
}

/// Adds up the tensors of a model, of all its files together.
///
/// # Errors
/// When the size of a tensor is not known.
pub fn weights(
    tensors: &[&Tensor],
    layers: u32,
    tied_embeddings: bool,
) -> Result<Weights, UnknownFormat> {
    let zero = Bytes::ZERO;
    let mut sum = Weights {
        total: zero,
        gpu: zero,
        cpu: zero,
        both: zero,
        prediction: zero,
        layers: BTreeMap::new(),
    };
    for tensor in tensors {
        let bytes = tensor.bytes.ok_or_else(|| UnknownFormat {
            tensor: tensor.name.clone(),
            kind: tensor.kind.to_string(),
        })?;
        sum.total += bytes;
        if INPUT.contains(&tensor.name.as_str()) {
            sum.cpu += bytes;
            if tied_embeddings && tensor.name == "token_embd.weight" {
                sum.gpu += bytes;
                sum.both += bytes;
            }
        } else if block(&tensor.name).is_some_and(|block| block >= layers) {
            sum.prediction += bytes;
        } else {
            sum.gpu += bytes;
            if let Some(block) = block(&tensor.name) {
                let layer = sum.layers.entry(block).or_default();
                layer.all += bytes;
                if is_expert(&tensor.name) {
                    layer.experts += bytes;
                }
            }
        }
    }
    Ok(sum)
}

/// Whether it is of the routed experts, which are stacked in one tensor per matrix. llama.cpp finds
/// them by `\.ffn_(up|down|gate|gate_up)_(ch|)exps` (`common/common.h`), their biases with them.
fn is_expert(name: &str) -> bool {
    let part = name.split('.').nth(2).and_then(|n| n.strip_prefix("ffn_"));
    let matrix = part.and_then(|n| n.strip_suffix("_exps").or(n.strip_suffix("_chexps")));
    matrix.is_some_and(|m| ["up", "down", "gate", "gate_up"].contains(&m))
}

/// The layer that a tensor belongs to: 7 for `blk.7.attn_k.weight`.
fn block(name: &str) -> Option<u32> {
    name.strip_prefix("blk.")?.split('.').next()?.parse().ok()
}
