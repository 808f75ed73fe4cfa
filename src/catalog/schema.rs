//! What a catalog file says: one model, its variants, its measurements, its published scores.
//!
//! `catalog/README.md` explains every field to people who write one. Unknown fields are refused,
//! so that a misspelt key is an error and not a silent loss.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::effort::{Effort, Thinking};
pub use super::lists::{
    ClaimKind, KnownFinding, KnownFindings, LeftOut, LeftOutRow, PublishedClaim, PublishedClaims,
    PublishedLoadout, PublishedLoadouts,
};
use super::roles::{Embedding, FillInMiddle, Projector};
use super::sampling::Sampling;
use crate::model::Architecture;
use crate::units::Bytes;

/// One set of weights by one publisher.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Stable id: lower case, digits, dots and dashes.
    pub id: String,
    /// The name people use.
    pub name: String,
    /// Who published the weights.
    pub publisher: String,
    /// Id of the model that it was tuned from, where another publisher made that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Where the original weights live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Day, month or year of release, as published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<String>,
    /// As published, by its SPDX name where it has one. Older entries call the key `licence`.
    #[serde(default, alias = "licence", skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// All parameters of the text model.
    pub parameters_total: u64,
    /// Parameters that work on one token; equal to the total for a dense model.
    pub parameters_active: u64,
    /// The part of all parameters that lies in tables which are only looked up (n-grams): their
    /// bits are not those of the weights that compute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters_looked_up: Option<u64>,
    /// The context that the model was trained for, in tokens.
    pub context_length: u32,
    /// Task ids that the publisher made the model for.
    #[serde(default)]
    pub specialties: Vec<String>,
    /// Takes pictures.
    #[serde(default)]
    pub vision: bool,
    /// Thinks before it answers.
    #[serde(default)]
    pub reasoning: bool,
    /// Trained to call tools.
    #[serde(default)]
    pub tool_use: bool,
    /// It is an embedding model, and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<Embedding>,
    /// How it fills in the middle of code, where it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill_in_middle: Option<FillInMiddle>,
    /// What its GGUF files need beside them to see, where its size is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projector: Option<Projector>,
    /// Where the facts above and the architecture come from.
    pub sources: Vec<String>,
    /// Disagreements and cautions, for people.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Figures that decide memory; absent where no confirmed figures are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
    /// Sampling settings that the publisher recommends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// The reasoning efforts that it can be asked for, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking: Option<Thinking>,
    /// Published quality scores.
    #[serde(default)]
    pub scores: Vec<Score>,
    /// What files of it lose, where somebody measured that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
    /// The files that people run.
    #[serde(default)]
    pub variants: Vec<Variant>,
    /// What was measured with them.
    #[serde(default)]
    pub measurements: Vec<Measurement>,
}

/// One published quality score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Benchmark, by the name and version it was reported under.
    pub benchmark: String,
    /// The figure, on the benchmark's own scale.
    pub score: f64,
    /// Harness or setting, where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harness: Option<String>,
    /// The reasoning effort, where it was less than the model's headline figures are from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<Effort>,
    /// Who ran it: the vendor, or a third party.
    pub reporter: Reporter,
    /// The reporter as the source names it.
    pub reported_by: String,
    /// Where the figure was read.
    pub source: String,
}

/// What a file loses against the weights that were released, as somebody measured it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// The variant measured, by its id within the model.
    pub variant: String,
    /// Mean KL divergence from the released weights, in nats per token.
    pub nats: f64,
    /// Where the figure was read.
    pub source: String,
    /// Disagreements and cautions, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Who reported a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reporter {
    /// Neither the model's vendor nor a rival ran it.
    ThirdParty,
    /// The model's own vendor.
    Vendor,
    /// The vendor of another model, in a comparison.
    RivalVendor,
    /// The source does not say clearly.
    Unclear,
}

/// A model x engine x quantization, with its real files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Id within the model: `gguf-q4_k_s`, `mlx-8bit`.
    pub id: String,
    /// The engine that runs it: `llama.cpp`, `mlx`, or another engine's own name.
    pub engine: String,
    /// Quantization by the field's name: `Q4_K_S`, `8bit`, `MXFP4`.
    pub quantization: String,
    /// Size of the weights.
    pub weights_bytes: Bytes,
    /// How well the size is known.
    pub size: SizeBasis,
    /// Weights that stay in ordinary memory (the token embedding), where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_weights_bytes: Option<Bytes>,
    /// The part of the weights that is not the language model's (vision, audio, prediction
    /// layers): loaded with the file, and no part of its precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_weights_bytes: Option<Bytes>,
    /// Loses nothing against the weights that the publisher released, however few their bits.
    #[serde(default)]
    pub lossless: bool,
    /// Why LM Studio's engine was seen not to load these files; then they are in no plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fails_to_load: Option<String>,
    /// The repository that holds the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Which files of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<String>,
    /// SHA-256 of the weight files in their order, in hexadecimal digits, where the hub tells them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sha256: Vec<String>,
    /// Where the size comes from.
    pub source: String,
    /// Disagreements and cautions, for people.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// How well a variant's size is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SizeBasis {
    /// Counted in the files.
    Exact,
    /// A byte count that a published table holds, not checked against the files.
    Published,
    /// Rounded by its source; two or three digits are sure.
    Rounded,
}

/// One run, or one published row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// The variant measured, by its id within the model.
    pub variant: String,
    /// The chip, by its id in `profiles/chips.toml`.
    pub chip: String,
    /// GPU cores, where stated or given by the memory size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_cores: Option<u32>,
    /// Memory of the machine, in GiB, where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_gib: Option<u32>,
    /// The engine that really ran: `llama.cpp`, `mlx`, `ollama`, `exo`, `ds4`, `omlx`, ...
    pub engine: String,
    /// The program around the engine and its version, as stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Date or month, as stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The study that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// What the speed figure is.
    pub method: Method,
    /// The method in the source's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method_note: Option<String>,
    /// Tokens already in the context when decoding began; 0 for an empty one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth_tokens: Option<u32>,
    /// Requests at once.
    #[serde(default = "one")]
    pub concurrency: u32,
    /// Decode speed, tokens per second. Absent where the `tests` give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decode_tokens_per_second: Option<f64>,
    /// Prefill speed, tokens per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill_tokens_per_second: Option<f64>,
    /// How many tokens the prefill figure is of; absent where they are the whole context,
    /// `depth_tokens` from empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill_tokens: Option<u32>,
    /// Tokens already in the context when that prefill began; absent for an empty one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill_after_tokens: Option<u32>,
    /// Time to first token, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to_first_token_seconds: Option<f64>,
    /// Time to load the model, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_seconds: Option<f64>,
    /// Peak memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<Bytes>,
    /// Whose memory that peak is: the process, or the whole system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_of: Option<String>,
    /// The mean that the run or its report states, tokens per second over the whole request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_mean_tokens_per_second: Option<f64>,
    /// The requests of the run, where they are known one by one.
    #[serde(default)]
    pub tests: Vec<TestRun>,
    /// Made by the owner of this catalog, on their own machine: it wins over what others published.
    #[serde(default, skip_serializing_if = "is_false")]
    pub own: bool,
    /// Why this must not decide anything, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspect: Option<String>,
    /// How far the gatherer trusts the row: `high`, `medium`, `low`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<String>,
    /// Where the figure was read.
    pub source: String,
    /// Disagreements and cautions, for people.
    #[serde(default)]
    pub notes: Vec<String>,
}

const fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What a speed figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Generated tokens over the time after the first token.
    Decode,
    /// Generated tokens over the whole request, prompt and page-in included.
    WallClock,
    /// The source does not say.
    Unstated,
}

/// One request of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestRun {
    /// Which of the standard tests.
    pub name: String,
    /// Whether it passed.
    pub passed: bool,
    /// Tokens of the prompt, by the server's count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<u32>,
    /// Tokens generated, by the server's count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_tokens: Option<u32>,
    /// The whole request, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Time to first token, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to_first_token_seconds: Option<f64>,
    /// The speed that the run's own file states for this request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_tokens_per_second: Option<f64>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
