//! Several models, each asked the same question: what a repository offers, what is installed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fit::document::{ComfortLevel, Fit, SlowTurn, Verdict};
use crate::memory::Engine;
use crate::plan::document::{AdviceKind, ExpectedQuality, SpeedSummary};
use crate::units::Bytes;

/// Version of this document's shape. 1: the first.
pub const SURVEY_SCHEMA: u32 = 1;

/// The answers for several models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Survey {
    /// Version of this shape.
    pub schema: u32,
    /// Where the models were found.
    pub source: String,
    /// The machine.
    pub machine: String,
    /// One answer each.
    pub models: Vec<SurveyRow>,
    /// What could not be looked into.
    pub left_out: Vec<LeftOut>,
    /// What to know about the figures.
    pub notes: Vec<String>,
}

/// The answer for one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SurveyRow {
    /// How to ask for it.
    pub model: String,
    /// The engine.
    pub engine: Engine,
    /// Its weights.
    pub weights_bytes: Bytes,
    /// Context of the answer, in tokens.
    pub context: u32,
    /// What it takes of the GPU working set.
    pub gpu_total_bytes: Bytes,
    /// What it takes of physical memory.
    pub total_bytes: Bytes,
    /// The answer.
    pub verdict: Verdict,
    /// Why LM Studio's engine was seen not to load these files, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fails_to_load: Option<String>,
    /// How comfortably it fits, where it does.
    pub comfort: Option<ComfortLevel>,
    /// Bytes left under the binding limit; negative where it does not fit.
    pub headroom_bytes: i64,
    /// The largest context that fits.
    pub largest_context: Option<u32>,
    /// How fast it decodes alone on the machine; absent where that is not known, or where it does
    /// not fit at any context.
    pub speed: Option<SpeedSummary>,
    /// The quality expected of it for the tasks whose turns are told; none where the catalog does not
    /// have the model.
    #[serde(default)]
    pub quality: Vec<ExpectedQuality>,
    /// Turns that take longer, or are written slower, than was asked for.
    #[serde(default)]
    pub too_slow: Vec<SlowTurn>,
    /// Why the answer is `unknown`, where it is.
    pub reason: Option<String>,
    /// The smallest machine that would hold it, in words, where this one does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_machine: Option<String>,
}

/// A model that could not be looked into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// Its name.
    pub model: String,
    /// Why.
    pub reason: String,
}

/// The share of a score that a file has to keep to be called its model: below that it is another.
const KEPT: f64 = 0.9;

impl SurveyRow {
    /// Whether it fits at some context, and LM Studio loads it.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        let fits = matches!(self.verdict, Verdict::Fits) || self.largest_context.is_some();
        fits && self.fails_to_load.is_none()
    }

    /// Whether its quality is known, and that of its model: much of it lost makes another model.
    #[must_use]
    pub fn keeps_quality(&self) -> bool {
        self.quality.last().is_some_and(|q| q.kept >= KEPT)
    }

    /// The row of an answer, under the name to ask for it by.
    #[must_use]
    pub fn of(model: String, fit: &Fit) -> Self {
        Self {
            model,
            engine: fit.settings.engine,
            weights_bytes: fit.memory.weights_bytes,
            context: fit.settings.context,
            gpu_total_bytes: fit.memory.gpu_total_bytes,
            total_bytes: fit.memory.total_bytes,
            verdict: fit.verdict,
            fails_to_load: fit.fails_to_load.clone(),
            comfort: fit.comfort.as_ref().map(|c| c.level),
            headroom_bytes: fit.headroom_bytes,
            largest_context: fit.largest_context,
            speed: fit.speed.clone(),
            quality: fit.quality.clone(),
            too_slow: fit.too_slow.clone(),
            reason: fit.reason.clone(),
            smallest_machine: (fit.advice.iter())
                .find(|a| a.kind == AdviceKind::SmallestMac)
                .map(|a| a.text.clone()),
        }
    }
}
