//! The result of `planner bench --quality` as a document: every task with what came of it.
//!
//! Field order and names are a contract (`schemas/quality.json`). It is written anew after every task.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::task::Kind;
use crate::measure::document::{ServerSummary, Status};

/// Version of this document's shape.
pub const SCHEMA: u32 = 1;

/// What it is, in every document.
pub const PURPOSE: &str = "a smoke test of quantization and template, not a benchmark";

/// A run of small tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialRun {
    /// Version of this shape.
    pub schema: u32,
    /// Which program made it.
    pub generator: String,
    /// What it is, and is not.
    pub purpose: String,
    /// When it began, in UTC: `2026-02-05T15:26:20Z`.
    pub started: String,
    /// How long it has taken so far.
    pub seconds: f64,
    /// Whether it came to its end.
    pub status: Status,
    /// The server that was asked.
    pub server: ServerSummary,
    /// What was asked of it.
    pub settings: TrialSettings,
    /// The models that were asked, in order.
    pub models: Vec<ModelTrials>,
    /// What people should know about it.
    pub notes: Vec<String>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialSettings {
    /// Which edition of the shipped tasks; results of different ones are not compared. Absent where
    /// none of them were asked.
    pub edition: Option<u32>,
    /// The user's folder of tasks.
    pub folder: Option<String>,
    /// Sampling temperature.
    pub temperature: f64,
    /// Most tokens of an answer.
    pub max_tokens: u32,
    /// What holds the code of answers.
    pub sandbox: Sandbox,
    /// Longest wait for the first token.
    pub first_token_limit_seconds: f64,
    /// Longest wait for the next one.
    pub stall_limit_seconds: f64,
    /// Longest request.
    pub request_limit_seconds: f64,
}

/// What holds a program that nobody has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sandbox {
    /// macOS's `sandbox-exec`.
    SandboxExec,
    /// `bwrap`.
    Bwrap,
    /// Namespaces, by `unshare`.
    Unshare,
    /// Limits alone, as the user asked for.
    Unsandboxed,
    /// None was there, and nothing was run.
    NotThere,
    /// Nothing had to be run.
    NotNeeded,
}

/// One model of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelTrials {
    /// The name that the server was asked for.
    pub model: String,
    /// `model/variant` of the catalog, where it is known which it is.
    pub variant: Option<String>,
    /// How that is known.
    pub variant_known_by: Option<String>,
    /// The context that it is loaded with.
    pub context_tokens: Option<u32>,
    /// What its tasks came to together.
    pub summary: TrialSummary,
    /// Each task, in order.
    pub tasks: Vec<TaskResult>,
    /// The newest results of the same model's other files, over the tasks that both were asked.
    pub others: Vec<Compared>,
    /// What to know.
    pub notes: Vec<String>,
}

/// What tasks came to together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialSummary {
    /// How many passed.
    pub passed: u32,
    /// Of how many that were asked.
    pub asked: u32,
    /// How many were not.
    pub left_out: u32,
    /// Tokens of an answer, thoughts among them: the mean over those that the server counted.
    pub tokens_per_task: Option<f64>,
    /// Seconds of a request: the mean.
    pub seconds_per_task: Option<f64>,
    /// The same by kind.
    pub kinds: Vec<KindSummary>,
}

/// What tasks of a kind came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KindSummary {
    /// The kind.
    pub kind: Kind,
    /// How many passed.
    pub passed: u32,
    /// Of how many that were asked.
    pub asked: u32,
    /// How many were not.
    pub left_out: u32,
}

/// One task of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskResult {
    /// Its id.
    pub task: String,
    /// What it tries.
    pub kind: Kind,
    /// What came of it.
    pub outcome: TaskOutcome,
    /// Why it did not pass, on one line.
    pub why: Option<String>,
    /// The beginning of an answer that did not pass, with nothing hidden in it.
    pub answer: Option<String>,
    /// Tokens of the prompt, by the server's count.
    pub prompt_tokens: Option<u32>,
    /// Tokens generated, by the server's count.
    pub completion_tokens: Option<u32>,
    /// From sending the request to the end of the answer.
    pub seconds: Option<f64>,
    /// How long the check ran, where one had to.
    pub check_seconds: Option<f64>,
}

/// What came of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskOutcome {
    /// The answer passed its check.
    Passed,
    /// It did not.
    Failed,
    /// No whole answer came.
    Unanswered,
    /// It was not asked.
    LeftOut,
}

/// Another file of the same model, over the tasks that both were asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// `model/variant`.
    pub variant: String,
    /// When it was asked, in UTC.
    pub started: String,
    /// Tasks that both were asked.
    pub tasks: u32,
    /// How many of them passed here.
    pub passed_here: u32,
    /// How many of them passed there.
    pub passed_there: u32,
    /// Those that passed here alone.
    pub only_here: Vec<String>,
    /// Those that passed there alone.
    pub only_there: Vec<String>,
}
