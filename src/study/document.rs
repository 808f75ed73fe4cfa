//! The report's data as a document: everything that a report shows, and nothing of how.
//!
//! Field order and names are a contract (`schemas/report.json`).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::Finding;
use crate::basis::Basis;
use crate::catalog::schema::ClaimKind;
use crate::memory::limits::{Binding, Limits};
use crate::plan::document::{Alternative, Entry, MachineSummary, Memory, ParetoPoint, Pick};
use crate::speed::fitting::GroupError;
use crate::units::Bytes;

/// Version of this document's shape.
///
/// 2: the parts of scores have `share`, and `contribution` is weight x value; a claim's `kind` is
/// one of a closed set. 1: the first.
pub const SCHEMA: u32 = 2;

/// Everything that a report shows.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Study {
    /// Version of this shape.
    pub schema: u32,
    /// Which program made it.
    pub generator: String,
    /// The campaign that it keeps to; absent for the whole catalog.
    pub campaign: Option<String>,
    /// The machine that it is about.
    pub machine: MachineSummary,
    /// What the machine can hold.
    pub limits: Limits,
    /// Date of the first run, as stated.
    pub first_date: Option<String>,
    /// Date of the last run, as stated.
    pub last_date: Option<String>,
    /// What was measured on this class of machine, fastest first; suspect rows last.
    pub measured: Vec<MeasuredVariant>,
    /// Variants of the same models that were not measured here, with what to expect.
    pub unmeasured: Vec<UnmeasuredVariant>,
    /// Speed over the depth of the context, where it was measured.
    pub depth_curves: Vec<Curve>,
    /// What the recommended models are predicted to do as their context fills.
    pub predicted_depth_curves: Vec<Curve>,
    /// Speed over requests at once, where it was measured.
    pub concurrency_curves: Vec<Curve>,
    /// What to keep loaded, by scenario.
    pub scenarios: Vec<Scenario>,
    /// What the variants on the scenarios' fronts are called.
    pub front_variants: Vec<NamedVariant>,
    /// What the study's own report says, against its data.
    pub claims: Vec<CheckedClaim>,
    /// What the check found in the figures of these models.
    pub findings: Vec<Finding>,
    /// How near predicted decode speeds come to rows of sources left out, by class.
    pub decode_errors: Vec<GroupError>,
    /// The same of prefill.
    pub prefill_errors: Vec<GroupError>,
    /// Where the figures come from.
    pub sources: Vec<String>,
}

/// A variant and what was measured with it, in one engine.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MeasuredVariant {
    /// Id of the model.
    pub model: String,
    /// Its name.
    pub name: String,
    /// Id of the variant within the model.
    pub variant: String,
    /// The engine that its files are for.
    pub files_engine: String,
    /// The engine that ran.
    pub engine: String,
    /// Whether it ran in LM Studio; a bare engine's runs are a row of their own.
    pub in_lm_studio: bool,
    /// Whether LM Studio has that engine.
    pub engine_of_lm_studio: bool,
    /// The quantization.
    pub quantization: String,
    /// Size of the weights.
    pub weights_bytes: Bytes,
    /// Bits per weight.
    pub bits_per_weight: f64,
    /// Steady decode speed over the usable runs; absent where there is none.
    pub decode: Option<Spread>,
    /// Generated tokens by the time of the whole request, mean over the requests of a run.
    pub whole_request: Option<Spread>,
    /// Prefill speed, tokens per second.
    pub prefill: Option<Spread>,
    /// Decode speed by size, tokens per second and GB (10^9 bytes) of weights.
    pub decode_tokens_per_second_per_gb: Option<f64>,
    /// Whole-request speed by size.
    pub whole_request_tokens_per_second_per_gb: Option<f64>,
    /// Requests that passed.
    pub passed: usize,
    /// Requests tried.
    pub tried: usize,
    /// Median time to load, seconds.
    pub load_seconds: Option<f64>,
    /// Whether none of its runs may decide anything.
    pub suspect: bool,
    /// Each test over the usable runs; over the suspect ones where there are no others.
    pub tests: Vec<TestSummary>,
    /// The runs, one by one.
    pub runs: Vec<Run>,
}

/// Median, least and most of some figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Spread {
    /// The middle.
    pub median: f64,
    /// The least.
    pub low: f64,
    /// The most.
    pub high: f64,
    /// How many figures.
    pub runs: usize,
}

/// One of the standard tests over the runs of a variant.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TestSummary {
    /// Which test.
    pub name: String,
    /// Tokens generated.
    pub completion_tokens: Option<Spread>,
    /// The whole request.
    pub seconds: Option<Spread>,
    /// Tokens by the time of the whole request.
    pub tokens_per_second: Option<Spread>,
    /// Requests that passed.
    pub passed: usize,
    /// Requests tried.
    pub tried: usize,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Run {
    /// The run by the last part of its source.
    pub id: String,
    /// The program around the engine.
    pub app: Option<String>,
    /// Date, as stated.
    pub date: Option<String>,
    /// The campaign.
    pub campaign: Option<String>,
    /// Tokens in the context when decoding began.
    pub depth_tokens: Option<u32>,
    /// Requests at once.
    pub concurrency: u32,
    /// Steady decode speed.
    pub decode_tokens_per_second: Option<f64>,
    /// Mean over the requests of tokens by whole time.
    pub whole_request_tokens_per_second: Option<f64>,
    /// The mean that the run's own file states.
    pub reported_mean_tokens_per_second: Option<f64>,
    /// The requests.
    pub requests: Vec<Request>,
    /// Why it must not decide anything, where that is so.
    pub suspect: Option<String>,
    /// Where it was read.
    pub source: String,
    /// Cautions.
    pub notes: Vec<String>,
}

/// One request of a run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Request {
    /// Which test.
    pub name: String,
    /// Whether it passed.
    pub passed: bool,
    /// Tokens generated.
    pub completion_tokens: Option<u32>,
    /// The whole request.
    pub seconds: Option<f64>,
    /// Tokens by the time of the whole request.
    pub tokens_per_second: Option<f64>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A variant that was not measured on this class of machine.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UnmeasuredVariant {
    /// Id of the model.
    pub model: String,
    /// Its name.
    pub name: String,
    /// Id of the variant within the model.
    pub variant: String,
    /// The engine.
    pub engine: String,
    /// The quantization.
    pub quantization: String,
    /// Size of the weights.
    pub weights_bytes: Bytes,
    /// Its decode speed in other campaigns on this chip, where it was measured there.
    pub measured_elsewhere: Option<Spread>,
    /// The speed to expect; absent where nothing near enough was measured.
    pub predicted: Option<PredictedSpeed>,
    /// Whether it was tried on this class of machine and gave no speed.
    pub tried_without_result: bool,
}

/// A predicted speed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PredictedSpeed {
    /// The figure.
    pub decode_tokens_per_second: f64,
    /// Low end.
    pub low: f64,
    /// High end.
    pub high: f64,
    /// Relative error that the high end stands for.
    pub error: f64,
    /// Runs of the same file behind it, on other Macs.
    pub rows: usize,
    /// In words.
    pub source: String,
}

/// Speed over one quantity, the rest held still.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Curve {
    /// The model's name and the quantization.
    pub label: String,
    /// `model/variant`.
    pub subject: String,
    /// The engine and program that ran, and what was held still.
    pub setting: String,
    /// Measured, or predicted where only the model gives it.
    pub basis: Basis,
    /// The points, in order.
    pub points: Vec<Point>,
}

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Point {
    /// Tokens of context, or requests at once.
    pub at: u32,
    /// Decode speed; of all requests together.
    pub decode_tokens_per_second: f64,
    /// Prefill speed.
    pub prefill_tokens_per_second: Option<f64>,
    /// Low end, where the speed is predicted.
    pub low: Option<f64>,
    /// High end, where the speed is predicted.
    pub high: Option<f64>,
}

/// What to keep loaded for a mix of tasks.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Scenario {
    /// Which scenario: a task's id, `double`, `triple`, or `custom`.
    pub id: String,
    /// Ids of the tasks.
    pub tasks: Vec<String>,
    /// Models at once, at most.
    pub max_models: usize,
    /// What to keep loaded; empty where nothing can be.
    pub loadout: Vec<Entry>,
    /// Sums over the loadout.
    pub totals: Memory,
    /// Bytes left under the GPU working set, less its margin.
    pub gpu_room_bytes: i64,
    /// Bytes left of physical memory, less what is kept for the system.
    pub physical_room_bytes: i64,
    /// The limit with least room left.
    pub binding: Binding,
    /// Bytes left under it, as the plan tells it.
    pub headroom_bytes: i64,
    /// Best, faster, smaller; empty where nothing can be loaded.
    pub picks: Vec<Pick>,
    /// The score; no loadout of the catalog has a higher one.
    pub objective: f64,
    /// The next best sets.
    pub alternatives: Vec<Alternative>,
    /// Sets that no other beats in score, memory and speed at once, the highest score first; empty
    /// where nothing can be loaded.
    pub pareto: Vec<ParetoPoint>,
}

/// What a variant is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct NamedVariant {
    /// Id of the model.
    pub model: String,
    /// Id of the variant within the model.
    pub variant: String,
    /// The model's name.
    pub name: String,
    /// The engine.
    pub engine: String,
    /// The quantization.
    pub quantization: String,
}

/// Whether a published statement holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The data give the same.
    Agrees,
    /// The data give something else.
    Differs,
    /// It rests on what cannot be true.
    CannotStand,
}

/// A statement of the study's own report, held against the data.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CheckedClaim {
    /// What it states.
    pub kind: ClaimKind,
    /// `model/variant` of what it is about.
    pub members: Vec<String>,
    /// Which scenario, where it recommends.
    pub scenario: Option<String>,
    /// The figure as printed.
    pub printed: String,
    /// The figure that the data give.
    pub recomputed: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// Why, as the name of a sentence.
    pub reason: String,
    /// The figures of that sentence.
    pub figures: BTreeMap<String, String>,
    /// Where it is printed.
    pub source: String,
}
