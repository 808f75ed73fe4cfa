//! The weights that a token reads and computes with: experts apart from the rest.
//!
//! A mixed file keeps attention and embeddings at eight bits and more beside experts of four or
//! two: the mean over the file would say too little for what every token reads.

use super::kernels::Coding;
use crate::catalog::schema::{Model, Variant};
use crate::model::Architecture;

/// Bits that the rest of a mixed file is kept at, at least, as bytes per weight.
const REST_OF_MIXED: f64 = 8.5 / 8.0;
/// K-quants keep the tensors outside the experts somewhat better than the mean.
const REST_OF_K: f64 = 1.05;

/// What a token reads, in bytes, and computes with, in parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Bytes per parameter, mean over the file.
    pub precision: f64,
    /// Bytes outside the experts that every token reads.
    pub rest: f64,
    /// Bytes of all experts.
    pub experts: f64,
    /// Part of the experts that one token uses.
    pub used: f64,
    /// Parameters that multiply each token of a prompt: without embedding and output matrix.
    pub prompt_parameters: f64,
    /// Parameters of the output matrix.
    pub output_parameters: f64,
}

impl Weights {
    /// Of a file of the language model's weights.
    #[expect(clippy::cast_precision_loss, reason = "inputs of a speed prediction")]
    pub(super) fn new(
        model: &Model,
        variant: &Variant,
        arch: &Architecture,
        coding: Coding,
    ) -> Self {
        let file = variant.language_bytes().0 as f64;
        let (total, active) = (
            model.parameters_total.max(1) as f64,
            model.parameters_active.max(1) as f64,
        );
        let table = (arch.vocabulary * arch.embedding_length) as f64;
        // A table that is only looked up is not read.
        let looked_up = if arch.tied_embeddings { 0.0 } else { table };
        let precision = file / total;
        let whole = |prompt: f64| Self {
            precision,
            // Some dense models look up more than the embedding, and count it as inactive.
            rest: file * (total - looked_up).min(active) / total,
            experts: 0.0,
            used: 0.0,
            prompt_parameters: prompt.max(0.3 * active),
            output_parameters: table,
        };
        let Some(experts) = arch.experts.filter(|e| e.used < e.total) else {
            return whole(active - table - looked_up);
        };
        let used = f64::from(experts.used.max(1)) / f64::from(experts.total);
        let rest = (active - used * (total - active - looked_up) / (1.0 - used)).max(0.05 * active);
        let routed = (active - rest) / used;
        let better = if is_mixed(&variant.quantization) {
            precision.max(REST_OF_MIXED)
        } else if matches!(coding, Coding::K | Coding::I) {
            precision * REST_OF_K
        } else {
            precision
        };
        let of_experts =
            |rest_precision: f64| (file - (rest + looked_up) * rest_precision) / routed;
        let (rest_precision, expert_precision) = match of_experts(better) {
            // The file is too small for that: it is not so mixed.
            low if low < 0.15 => (precision, of_experts(precision)),
            fine => (better, fine),
        };
        Self {
            rest: rest * rest_precision,
            experts: routed * expert_precision,
            used,
            ..whole(active - table)
        }
    }

    /// Bytes that one token reads.
    #[must_use]
    pub fn active(&self) -> f64 {
        self.rest + self.used * self.experts
    }
}

/// Whether a quantization treats experts and the rest unlike.
fn is_mixed(quantization: &str) -> bool {
    const MARKS: [&str; 11] = [
        "MXFP4", "UD-", "OQ", "DQ", "MIX", "IQ", "DYNAMIC", "NATIVE", "EXPERTS", "Q2", "RAM",
    ];
    let name = quantization.to_ascii_uppercase();
    MARKS.iter().any(|mark| name.contains(mark))
}
