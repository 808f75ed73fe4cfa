//! How fast a model is on a machine, as a document: rows of variants, depths and streams.

use schemars::JsonSchema;
use serde::Serialize;

use super::figure::Figure;
use super::measured::Filter;
use super::model::SpeedModel;
use super::speculation::DraftGain;
use super::turn::{Estimate, Workload};
use crate::basis::Basis;
use crate::catalog::schema::{Model, Variant};
use crate::catalog::{full_name, weights_of};
use crate::machine::{GpuMemory, Machine};
use crate::memory::limits::Limits;
use crate::memory::{CpuExperts, Engine};
use crate::units::Bytes;

/// The prompt whose prefill is told at an empty context.
const SHORT_PROMPT: u32 = 512;
/// Tokens of a physical batch: llama.cpp's own.
const BATCH: u32 = 512;

/// What `speed` answers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Speeds {
    /// Version of this shape.
    pub schema: u32,
    /// The day of the catalog that it rests on, where that is known.
    pub catalog_date: Option<String>,
    /// Id of the machine.
    pub machine: String,
    /// Bytes that models may take there.
    pub budget_bytes: Bytes,
    /// One for each variant, depth and number of streams.
    pub rows: Vec<Row>,
    /// What drafting was measured to gain near the model and the chip; empty where it is not known here.
    pub drafting: Vec<DraftGain>,
}

/// A variant at a depth with so many streams.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Row {
    /// `model/variant`.
    pub variant: String,
    /// The engine that runs it, where that is none of LM Studio's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<String>,
    /// Tokens in the context; prefill is of a whole prompt of that length from an empty one.
    pub depth_tokens: u32,
    /// Streams at once.
    pub streams: u32,
    /// What of its experts lies in ordinary memory beside the card, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_experts: Option<CpuExperts>,
    /// Tokens per second of one stream.
    pub decode_tokens_per_second: Option<f64>,
    /// Low end of its range.
    pub decode_low: Option<f64>,
    /// High end.
    pub decode_high: Option<f64>,
    /// Measured or predicted.
    pub decode_basis: Option<Basis>,
    /// What it rests on.
    pub decode_source: Option<String>,
    /// Tokens per second of all streams together.
    pub decode_in_sum_tokens_per_second: Option<f64>,
    /// Tokens per second of reading a prompt; one of 512 tokens where the depth is 0.
    pub prefill_tokens_per_second: Option<f64>,
    /// Low end of its range.
    pub prefill_low: Option<f64>,
    /// High end.
    pub prefill_high: Option<f64>,
    /// Measured or predicted.
    pub prefill_basis: Option<Basis>,
    /// What it rests on.
    pub prefill_source: Option<String>,
    /// Seconds to the first token of a prompt as long as the depth, read from an empty context; absent
    /// at 0.
    pub first_token_seconds: Option<f64>,
    /// Low end of its range.
    pub first_token_low: Option<f64>,
    /// High end.
    pub first_token_high: Option<f64>,
    /// Why there is no speed, where there is none.
    pub unknown: Option<String>,
    /// The model's context in tokens, where the depth is beyond it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beyond_context_tokens: Option<u32>,
    /// Bytes of its weights, where these alone are more than models may take there: the speeds are those
    /// that it would have with room for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub too_large_bytes: Option<Bytes>,
}

impl SpeedModel {
    /// Decode and prefill of a variant at a depth with so many streams.
    #[must_use]
    pub fn row(
        &self,
        (model, variant): (&Model, &Variant),
        machine: &Machine,
        depth: u32,
        streams: u32,
        cpu_experts: Option<CpuExperts>,
    ) -> Row {
        let work = Workload {
            first_prompt_tokens: depth.max(1),
            ..Workload::at(depth, streams)
        };
        let apart = cpu_experts.map_or(0, |experts| experts.layers);
        let file = self.on(model, variant, machine, Filter::default());
        let file = file.map(|file| file.with_experts_in_ram(apart, BATCH));
        let unknown = file.as_ref().err().map(ToString::to_string);
        let file = file.ok();
        let estimate = file.as_ref().map(|file| file.estimate(&work));
        let prefill = file.map(|file| file.reads(depth.max(SHORT_PROMPT)));
        let decode = estimate.as_ref().map(|e| &e.decode);
        let prefill = prefill.as_ref();
        let first = estimate.as_ref().filter(|_| depth > 0);
        let first = first.map(Estimate::first_token_cold);
        Row {
            variant: full_name(model, variant),
            elsewhere: Engine::from_id(&variant.engine)
                .is_none()
                .then(|| variant.engine.clone()),
            depth_tokens: depth,
            streams,
            cpu_experts,
            decode_tokens_per_second: decode.map(|f| rounded(f.value())),
            decode_low: decode.map(|f| rounded(f.range().0)),
            decode_high: decode.map(|f| rounded(f.range().1)),
            decode_basis: decode.map(Figure::basis),
            decode_source: decode.map(|f| f.source().to_string()),
            decode_in_sum_tokens_per_second: estimate
                .as_ref()
                .map(|e| rounded(e.decode_in_sum.value())),
            prefill_tokens_per_second: prefill.map(|f| rounded(f.value())),
            prefill_low: prefill.map(|f| rounded(f.range().0)),
            prefill_high: prefill.map(|f| rounded(f.range().1)),
            prefill_basis: prefill.map(Figure::basis),
            prefill_source: prefill.map(|f| f.source().to_string()),
            first_token_seconds: first.as_ref().map(|f| rounded(f.value())),
            first_token_low: first.as_ref().map(|f| rounded(f.range().0)),
            first_token_high: first.as_ref().map(|f| rounded(f.range().1)),
            unknown,
            beyond_context_tokens: (depth > model.context_length).then_some(model.context_length),
            too_large_bytes: too_large(variant, machine, cpu_experts),
        }
    }
}

/// The weights of a file that can't be loaded on a machine whatever its context.
fn too_large(variant: &Variant, machine: &Machine, apart: Option<CpuExperts>) -> Option<Bytes> {
    let limits = Limits::of(machine);
    let weights = weights_of(variant);
    let total = weights.gpu + weights.cpu;
    let own = match limits.gpu_memory {
        GpuMemory::Own => limits.gpu_budget(),
        GpuMemory::WorkingSet | GpuMemory::Shared => Bytes::ZERO,
    };
    let on_gpu = weights.gpu > limits.gpu_budget() && apart.is_none();
    (on_gpu || total > limits.physical_budget() + own).then_some(total)
}

/// Hundredths: no run is told finer.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
