//! Why fewer models than tasks: what serves several is the best for each, or what would be better
//! has no room beside it.

use crate::memory::limits::Demand;
use crate::plan::document::{Advice, AdviceKind};
use crate::scenario::{Prepared, best_of};
use crate::solve::Solution;
use crate::units::Bytes;

/// A gain of less is told as one of less than half a point of 100.
const SMALL: f64 = 0.005;

/// One note for each model that serves several tasks while more could be loaded.
pub(super) fn told(prepared: &Prepared<'_>, best: &Solution) -> Vec<Advice> {
    let request = &prepared.scenario.request;
    if best.items.len() >= request.max_models.min(request.tasks.len()) {
        return Vec::new();
    }
    let several = best.items.iter().filter_map(|&item| {
        let tasks: Vec<usize> = (0..best.servers.len())
            .filter(|&t| best.servers[t] == item)
            .collect();
        (tasks.len() > 1).then(|| one(prepared, best, item, &tasks))
    });
    several.collect()
}

fn one(prepared: &Prepared<'_>, best: &Solution, item: usize, tasks: &[usize]) -> Advice {
    let own = prepared.pool.candidate(item);
    let id = |t: usize| prepared.scenario.request.tasks[t].0.id.clone();
    let loaded: Demand = prepared.members(best).iter().map(|c| c.demand).sum();
    let better = tasks.iter().filter_map(|&t| {
        let fits = |demand| prepared.limits.holds(demand);
        let other =
            best_of(&prepared.pool, t, fits).filter(|c| c.model_number != own.model_number)?;
        let gain = other.scores[t]? - own.scores[t].unwrap_or(0.0);
        let both: Demand = [loaded, other.demand].into_iter().sum();
        let missing = prepared.limits.headroom(both).min(0).unsigned_abs();
        (gain > 0.0).then_some((t, other, gain, Bytes(missing)))
    });
    let better = better.max_by(|a, b| a.2.total_cmp(&b.2));
    let served: Vec<String> = tasks.iter().map(|&t| id(t)).collect();
    let served = served.join(", ");
    let Some((task, other, gain, missing)) = better else {
        let text = format!(
            "one model for {served}: no other that fits and meets the floors is better for any of them"
        );
        return Advice::new(AdviceKind::OneForSeveral, text);
    };
    let by = match gain < SMALL {
        true => " by less than half a point of 100",
        false => "",
    };
    let room = match missing {
        Bytes::ZERO => String::new(),
        _ => format!(
            ", and {:.1} GiB are missing to load it besides",
            missing.gib()
        ),
    };
    let text = format!(
        "one model for {served}: for {} {} would be better{by}{room}",
        id(task),
        other.name()
    );
    let figures = [("missing_bytes", missing.0 as f64), ("gain", gain)];
    Advice::new(AdviceKind::OneForSeveral, text).figures(figures)
}
