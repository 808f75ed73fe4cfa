//! Why fewer models than tasks: what serves several is the best for each, or what would be better
//! has no room beside it.

use crate::memory::limits::Demand;
use crate::plan::document::{Advice, AdviceKind};
use crate::scenario::{Candidate, Prepared};
use crate::solve::Solution;
use crate::units::Bytes;

/// Less of a score is no gain.
const LEAST: f64 = 0.005;

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
    let candidates = &prepared.pool.candidates;
    let own = &candidates[item];
    let id = |t: usize| prepared.scenario.request.tasks[t].0.id.clone();
    let loaded: Demand = best.items.iter().map(|&i| candidates[i].demand).sum();
    let better = tasks.iter().filter_map(|&t| {
        let other = alone(prepared, t).filter(|c| c.model_number != own.model_number)?;
        let gain = other.scores[t]? - own.scores[t].unwrap_or(0.0);
        let both: Demand = [loaded, other.demand].into_iter().sum();
        let missing = prepared.limits.headroom(both).min(0).unsigned_abs();
        (gain > LEAST && missing > 0).then_some((t, other, gain, Bytes(missing)))
    });
    let better = better.max_by(|a, b| a.2.total_cmp(&b.2));
    let served: Vec<String> = tasks.iter().map(|&t| id(t)).collect();
    let served = served.join(", ");
    let Some((task, other, gain, missing)) = better else {
        let text = format!("one model for {served}: no other that fits is better for any of them");
        return Advice::new(AdviceKind::OneForSeveral, text);
    };
    let text = format!(
        "one model for {served}: for {} {} would be better, and {:.1} GiB are missing to load it besides",
        id(task),
        other.name(),
        missing.gib()
    );
    let figures = [("missing_bytes", missing.0 as f64), ("gain", gain)];
    Advice::new(AdviceKind::OneForSeveral, text).figures(figures)
}

/// What would serve a task alone on the machine best; of equal ones the smallest.
fn alone<'p, 's>(prepared: &'p Prepared<'s>, task: usize) -> Option<&'p Candidate<'s>> {
    let fits = prepared.pool.candidates.iter();
    let fits = fits.filter(|c| prepared.limits.holds(c.demand));
    fits.filter(|c| c.scores[task].is_some()).max_by(|a, b| {
        let score = |c: &Candidate<'_>| c.scores[task].unwrap_or(0.0);
        let smaller = b.demand.total.cmp(&a.demand.total);
        score(a).total_cmp(&score(b)).then(smaller)
    })
}
