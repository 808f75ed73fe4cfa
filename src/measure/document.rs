//! The result of `planner bench` as a document: every request with its figures, and their summary.
//!
//! Field order and names are a contract (`schemas/bench.json`). It is written anew after every
//! request, so a run that ends early leaves all that it measured.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::prompts::Language;
pub use super::request::{Figures, MemorySample, Outcome, Request, Series, ServerFigures};
use super::state::MachineState;
use super::summary::Summary;

/// Version of this document's shape.
pub const SCHEMA: u32 = 1;

/// A run of `planner bench`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bench {
    /// Version of this shape.
    pub schema: u32,
    /// Which program made it.
    pub generator: String,
    /// When it began, in UTC: `2026-02-05T15:26:20Z`.
    pub started: String,
    /// How long it has taken so far.
    pub seconds: f64,
    /// Whether it came to its end.
    pub status: Status,
    /// The server that was asked.
    pub server: ServerSummary,
    /// What was asked of it.
    pub settings: BenchSettings,
    /// The machine before the first request; absent where the server is on another machine.
    pub machine: Option<MachineState>,
    /// The models measured, in order.
    pub models: Vec<ModelBench>,
    /// What people should know about it.
    pub notes: Vec<String>,
}

/// Whether a run came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is still going, or was killed.
    Running,
    /// Everything that was asked for was done.
    Complete,
    /// Somebody stopped it.
    Interrupted,
}

/// The server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerSummary {
    /// Its address.
    pub base_url: String,
    /// `LM Studio` or `llama.cpp`, where it says so.
    pub kind: Option<String>,
    /// Its engine or version, where it says so.
    pub version: Option<String>,
    /// What else was loaded there.
    pub also_loaded: Vec<String>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BenchSettings {
    /// Language of the prompts.
    pub language: Language,
    /// Runs of each test.
    pub runs: u32,
    /// Requests before them that do not count.
    pub warm_up_requests: u32,
    /// Depths of the depth series, in tokens.
    pub depths_tokens: Vec<u32>,
    /// Streams of the concurrency series.
    pub concurrency: Vec<u32>,
    /// Length of the soak.
    pub soak_seconds: Option<f64>,
    /// Sampling temperature.
    pub temperature: f64,
    /// Longest wait for the first token.
    pub first_token_limit_seconds: f64,
    /// Longest wait for the next one.
    pub stall_limit_seconds: f64,
    /// Longest request.
    pub request_limit_seconds: f64,
}

/// One model of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelBench {
    /// The name that the server was asked for.
    pub model: String,
    /// `model/variant` of the catalog, where it is known which it is.
    pub variant: Option<String>,
    /// How that is known.
    pub variant_known_by: Option<String>,
    /// The context that it is loaded with.
    pub context_tokens: Option<u32>,
    /// Requests at once that it is loaded for.
    pub slots: Option<u32>,
    /// How long it took to load; absent where nobody measured it.
    pub load: Option<Load>,
    /// Every request, in the order in which they ended.
    pub requests: Vec<Request>,
    /// Memory in use over time.
    pub memory: Vec<MemorySample>,
    /// What the requests say together.
    pub summary: Summary,
    /// What was left out, and what to know.
    pub notes: Vec<String>,
}

/// A load of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Load {
    /// How long it took.
    pub seconds: f64,
    /// Whether the files were in memory already: `warm`, `cold`, `unknown`.
    pub files: String,
    /// Who measured it.
    pub source: String,
}
