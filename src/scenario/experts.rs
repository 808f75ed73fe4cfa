//! Mixtures that a card does not hold whole at every context: in how many of their layers the experts
//! lie in ordinary memory beside it (llama.cpp's `--n-cpu-moe`).
//!
//! More layers there leave the card room for a longer context and make each token slower, so that each
//! number is a ladder of its own, and the solve chooses. Numbers are tried where a ladder's contexts are
//! told apart: the fewest layers with which the card holds each.

use crate::catalog::schema::{Model, Variant};
use crate::catalog::whole_of;
use crate::machine::GpuMemory;
use crate::memory::limits::{Demand, Limits};
use crate::memory::{CpuExperts, Engine};
use crate::scenario::contexts::Contexts;
use crate::scenario::inputs::Scenario;
use crate::units::Bytes;

/// A number of layers, and what the weights take then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// The layers.
    pub(super) experts: CpuExperts,
    /// With what the card copies of them.
    pub(super) weights: Demand,
}

/// Whether experts of a file may lie apart from the card on a scenario's machine.
pub(super) fn may_part(scenario: &Scenario<'_>, model: &Model, engine: Engine) -> bool {
    let mixture = model
        .architecture
        .as_ref()
        .is_some_and(|a| a.experts.is_some());
    scenario.machine.gpu_memory == GpuMemory::Own
        && engine == Engine::LlamaCpp
        && mixture
        && scenario.assumed.sharding.is_none()
}

/// The numbers of layers to choose from, rising; `sight` is what sees beside it. Those that were asked
/// for alone, where they were.
pub(super) fn parts(
    scenario: &Scenario<'_>,
    limits: &Limits,
    (model, variant): (&Model, &Variant),
    contexts: &Contexts<'_>,
    sight: Bytes,
) -> Vec<Part> {
    let Some(whole) = whole_of(model, variant) else {
        return Vec::new();
    };
    let all = whole.arch.layers;
    let part = |layers| Part {
        experts: CpuExperts { layers, of: all },
        weights: whole.with_experts_apart(layers)
            + Demand {
                gpu: sight,
                total: sight,
            },
    };
    if let Some(asked) = scenario.request.settings.cpu_experts {
        return vec![part(asked.layers.min(all))];
    }
    let tasks = 0..scenario.request.tasks.len();
    let Some(first) = tasks.filter_map(|t| contexts.first_reaching(t)).min() else {
        return Vec::new();
    };
    let each: Vec<Part> = (1..=all).map(part).collect();
    let budget = limits.gpu_budget();
    let whole = part(0).weights.gpu;
    let fewest = |rung: usize| {
        let context = contexts.beside(rung).gpu;
        if whole + context <= budget {
            return None;
        }
        each.iter().find(|p| p.weights.gpu + context <= budget)
    };
    let starts = contexts.stretches().map(|(from, _)| from);
    let rungs = starts
        .filter(|&rung| rung >= first)
        .chain([contexts.len() - 1]);
    let mut found: Vec<Part> = rungs.filter_map(fewest).copied().collect();
    found.sort_by_key(|part| part.experts.layers);
    found.dedup();
    found
}
