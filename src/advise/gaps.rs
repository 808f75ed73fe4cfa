//! What to measure next: which unmeasured variants could change the answer, and by how much.
//!
//! A predicted speed takes part at the low end of its range. Each predicted variant is tried at the
//! high end, as if that had been measured, and the request is solved again; the gain in score is
//! what a measurement could bring. Nothing is guessed from scores alone: a faster small model can
//! also free the memory that a better one needs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::basis::GENERATOR;
use crate::plan::document::{MachineSummary, WeightedTask};
use crate::scenario::change::OnFigures;
use crate::scenario::error::RecommendError;
use crate::scenario::{Candidate, Change, Ladder, Prepared, Scenario};
use crate::solve::Deadline;
use crate::speed::{Expected, Figure};

/// Version of this document's shape.
pub const SCHEMA: u32 = 1;

/// What to measure next, the most rewarding first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gaps {
    /// Version of this shape.
    pub schema: u32,
    /// Which program made it.
    pub generator: String,
    /// The day of the catalog that it rests on, where that is known.
    #[serde(default)]
    pub catalog_date: Option<String>,
    /// The machine that it is for.
    pub machine: MachineSummary,
    /// The tasks.
    pub tasks: Vec<WeightedTask>,
    /// Models at once, at most.
    pub max_models: usize,
    /// The answer as it stands: `model/variant` of each.
    pub loadout: Vec<String>,
    /// Its score.
    pub objective: f64,
    /// Predicted variants that were tried.
    pub tried: usize,
    /// Predicted variants that the time limit left untried.
    #[serde(default)]
    pub untried: usize,
    /// The variants whose measurement could raise the score.
    pub gaps: Vec<Gap>,
}

/// One variant that is worth measuring.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// `model/variant`.
    pub variant: String,
    /// Predicted speed, tokens per second.
    pub decode_tokens_per_second: f64,
    /// Low end: what it takes part with now.
    pub low: f64,
    /// High end: what it was tried with.
    pub high: f64,
    /// Runs of the same file that the prediction rests on, on other Macs.
    pub rows: usize,
    /// Gain in score if the high end were measured.
    pub gain: f64,
    /// Whether other models would then be kept loaded.
    pub changes_loadout: bool,
    /// The answer then: `model/variant` of each.
    pub loadout: Vec<String>,
}

/// Ranks the unmeasured variants by what a measurement of each could bring.
///
/// # Errors
/// When the request names what does not exist, the solver fails, or the deadline comes before
/// anything is known.
pub fn rank(scenario: &Scenario<'_>, deadline: Deadline<'_>) -> Result<Gaps, RecommendError> {
    let prepared = Prepared::to_vary(scenario);
    let now = prepared.best(deadline)?;
    let objective = now.as_ref().map_or(0.0, |a| a.score());
    let loadout = now.map_or_else(Vec::new, |a| a.names());
    let variants = predicted_variants(&prepared);
    let (mut gaps, mut tried) = (Vec::new(), 0);
    for (c, p) in &variants {
        let change = Change::Figures(OnFigures::Speed {
            variant: c.name(),
            tokens_per_second: p.high,
        });
        let then = match prepared.under(&[change], deadline) {
            Err(RecommendError::OutOfTime) => break,
            then => then?,
        };
        tried += 1;
        let Some(then) = then.filter(|then| then.score() > objective) else {
            continue;
        };
        let names = then.names();
        gaps.push(Gap {
            variant: c.name(),
            decode_tokens_per_second: p.value,
            low: p.low,
            high: p.high,
            rows: p.runs,
            gain: then.score() - objective,
            changes_loadout: names != loadout,
            loadout: names,
        });
    }
    gaps.sort_by(|a, b| {
        let by_gain = b.gain.total_cmp(&a.gain);
        by_gain.then_with(|| a.variant.cmp(&b.variant))
    });
    let request = &scenario.request;
    Ok(Gaps {
        schema: SCHEMA,
        generator: GENERATOR.to_owned(),
        catalog_date: scenario.catalog.date().map(str::to_owned),
        machine: MachineSummary::of(&scenario.machine),
        tasks: request.summary().tasks,
        max_models: request.max_models,
        loadout,
        objective,
        tried,
        untried: variants.len() - tried,
        gaps,
    })
}

/// Each variant that fits and whose speed is predicted, at its shortest context.
fn predicted_variants<'p, 's>(
    prepared: &'p Prepared<'s>,
) -> Vec<(&'p Candidate<'s>, &'p Expected)> {
    let variants = prepared.pool.ladders.iter().map(Ladder::base);
    let predicted = variants.filter_map(|c| match c.speed.as_deref() {
        Some(Figure::Predicted(p)) if prepared.limits.holds(c.demand) => Some((c, p)),
        _ => None,
    });
    predicted.collect()
}
