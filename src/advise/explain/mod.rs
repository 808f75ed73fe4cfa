//! Why this answer, why not another, and what would change it: each statement found by solving again.
//!
//! A weight, a share, a speed or a size is moved while everything else stands; where the answer
//! changes is found by halving, and both sides of it were solved.

mod document;
mod ranges;
mod vary;
mod why_not;

pub use document::{
    ContextAnswer, Explanation, Flip, MemoryAnswer, SideBySide, SpeedAnswer, VariantReason,
    WeightRange, WhyNot,
};

use crate::memory::limits::{Demand, Limits};
use crate::plan::document::{Plan, SCHEMA};
use crate::scenario::candidates::Setting;
use crate::scenario::error::{RecommendError, check_name};
use vary::{Change, Variations, no_limits};

/// Explains a plan; `why_not` names a model or variant to ask about.
///
/// `setting` holds what the plan was made from (see [`crate::scenario::again`]).
///
/// # Errors
/// When `why_not` names nothing, or the request no longer has an answer.
pub fn explain(
    setting: Setting<'_>,
    plan: &Plan,
    why_not: Option<&str>,
) -> Result<Explanation, RecommendError> {
    if let Some(name) = why_not {
        check_name(setting.catalog, "--why-not", name)?;
    }
    let limits = no_limits(setting.limits);
    let unlimited = Setting {
        limits: &limits,
        ..setting
    };
    let vary = Variations::new(setting, unlimited);
    let Some(answer) = vary.solve(&Change::default()) else {
        return Err(RecommendError::NoAnswer);
    };
    let loadout = vary.names(&answer);
    let mut planned: Vec<String> = plan
        .loadout
        .iter()
        .map(|e| format!("{}/{}", e.model, e.variant))
        .collect();
    planned.sort_unstable();
    let hopeful = Change {
        hopeful: true,
        ..Change::default()
    };
    Ok(Explanation {
        schema: SCHEMA,
        unchanged: planned == loadout,
        objective: answer.objective,
        memory: memory(&vary, &answer, setting.limits),
        weights: ranges::weights(&vary, &loadout),
        speeds: ranges::speeds(&vary, &answer),
        hopeful_loadout: vary
            .solve(&hopeful)
            .map_or_else(Vec::new, |a| vary.names(&a)),
        why_not: why_not.map(|name| why_not::answer(&vary, &answer, name)),
        loadout,
    })
}

fn memory(vary: &Variations<'_>, answer: &vary::Answer, limits: &Limits) -> MemoryAnswer {
    let demand: Demand = answer.items.iter().map(|&i| vary.candidate(i).demand).sum();
    let unlimited = vary.solve(&Change {
        unlimited: true,
        ..Change::default()
    });
    let loadout = unlimited.as_ref().map_or_else(Vec::new, |a| vary.names(a));
    MemoryAnswer {
        binding: limits.binding(demand),
        headroom_bytes: limits.headroom(demand),
        decides: loadout != vary.names(answer),
        contexts: unlimited
            .as_ref()
            .map_or_else(Vec::new, |u| contexts(vary, answer, u)),
        unlimited_loadout: loadout,
        unlimited_objective: unlimited.map_or(0.0, |a| a.objective),
    }
}

/// The models of both answers that have another context in each.
fn contexts(
    vary: &Variations<'_>,
    answer: &vary::Answer,
    unlimited: &vary::Answer,
) -> Vec<ContextAnswer> {
    let of = |items: &[usize]| -> Vec<(String, u32)> {
        let all = items.iter().map(|&i| vary.candidate(i));
        all.map(|c| (c.name(), c.settings.context)).collect()
    };
    let there = of(&unlimited.items);
    let other = |(variant, context): (String, u32)| {
        let (_, unlimited_context) = there.iter().find(|(v, c)| *v == variant && *c != context)?;
        Some(ContextAnswer {
            variant,
            context,
            unlimited_context: *unlimited_context,
        })
    };
    of(&answer.items).into_iter().filter_map(other).collect()
}
