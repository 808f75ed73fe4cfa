//! What to measure next: which unmeasured variants could change the answer, and by how much.
//!
//! A predicted speed takes part at the low end of its range. Each predicted variant is tried at the
//! high end, as if that had been measured, and the request is solved again; the gain in score is
//! what a measurement could bring. Nothing is guessed from scores alone: a faster small model can
//! also free the memory that a better one needs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, full_name};
use crate::machine::Machine;
use crate::memory::limits::Limits;
use crate::plan::document::{MachineSummary, WeightedTask};
use crate::scenario::candidates;
use crate::scenario::candidates::{Candidate, Pool, Setting};
use crate::scenario::error::RecommendError;
use crate::scenario::solved::{Solved, points, solve, solve_pool};
use crate::solve::deadline::Deadline;
use crate::speed::{Predicted, Predictor, Speed};

/// Version of this document's shape.
pub const SCHEMA: u32 = 1;

/// What to measure next, the most rewarding first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gaps {
    /// Version of this shape.
    pub schema: u32,
    /// Which program made it.
    pub generator: String,
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
    /// Measurements that the prediction rests on.
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
/// When the request names what does not exist, or the solver fails.
pub fn rank(
    catalog: &Catalog,
    machine: &Machine,
    predictor: &Predictor,
    request: &crate::plan::Request,
) -> Result<Gaps, RecommendError> {
    let limits = Limits::of(machine);
    let setting = Setting {
        catalog,
        machine,
        limits: &limits,
        predictor,
        request,
    };
    let now = solve(setting, 1, Deadline::never())?;
    let optimist = predictor.clone().at_high_end();
    let hopeful = candidates::pool(Setting {
        predictor: &optimist,
        ..setting
    });
    let (objective, loadout) = answer(&now);
    let (mut gaps, mut tried) = (Vec::new(), 0);
    for (number, candidates) in predicted_variants(&hopeful) {
        tried += 1;
        let pool = swapped(&now.pool, number, &candidates);
        let then = solve_pool(setting, pool, request.max_models, 1, Deadline::never())?;
        let (score, loadout_then) = answer(&then);
        if score <= objective {
            continue;
        }
        let Some((first, p)) = candidates.first().and_then(|c| Some((*c, prediction(c)?))) else {
            continue;
        };
        let usual = predictor.predict(first.model, first.variant, machine);
        gaps.push(Gap {
            variant: full_name(first.model, first.variant),
            decode_tokens_per_second: p.decode_tokens_per_second,
            low: usual.map_or(p.low, |u| u.low),
            high: p.high,
            rows: p.rows,
            gain: score - objective,
            changes_loadout: loadout_then != loadout,
            loadout: loadout_then,
        });
    }
    gaps.sort_by(|a, b| {
        b.gain
            .total_cmp(&a.gain)
            .then_with(|| a.variant.cmp(&b.variant))
    });
    let summary = request.summary();
    Ok(Gaps {
        schema: SCHEMA,
        generator: concat!("planner ", env!("CARGO_PKG_VERSION")).to_owned(),
        machine: MachineSummary::of(machine),
        tasks: summary.tasks,
        max_models: request.max_models,
        loadout,
        objective,
        tried,
        gaps,
    })
}

fn prediction<'p>(c: &'p Candidate<'_>) -> Option<&'p Predicted> {
    match c.speed.as_deref() {
        Some(Speed::Predicted(p)) => Some(p),
        _ => None,
    }
}

/// The candidates of each variant whose speed is predicted.
fn predicted_variants<'p, 'a>(pool: &'p Pool<'a>) -> BTreeMap<usize, Vec<&'p Candidate<'a>>> {
    let mut variants: BTreeMap<usize, Vec<&Candidate<'_>>> = BTreeMap::new();
    for c in pool.candidates.iter().filter(|c| prediction(c).is_some()) {
        variants.entry(c.variant_number).or_default().push(c);
    }
    variants
}

/// The pool with one variant's candidates in place of its own.
fn swapped<'a>(pool: &Pool<'a>, number: usize, candidates: &[&Candidate<'a>]) -> Pool<'a> {
    let others = pool
        .candidates
        .iter()
        .filter(|c| c.variant_number != number);
    Pool {
        candidates: others.chain(candidates.iter().copied()).cloned().collect(),
        rejections: Vec::new(),
    }
}

/// Score and members of the best set; nothing where there is none.
fn answer(solved: &Solved<'_>) -> (f64, Vec<String>) {
    let Some(best) = solved.solutions.first() else {
        return (0.0, Vec::new());
    };
    let mut members: Vec<String> = best
        .items
        .iter()
        .map(|&i| &solved.pool.candidates[i])
        .map(|c| full_name(c.model, c.variant))
        .collect();
    members.sort();
    (points(best.objective), members)
}
