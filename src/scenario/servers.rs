//! The best server of each task of a scenario, without pricing models that cannot be one.

use crate::memory::limits::Demand;
use crate::scenario::candidate::Candidate;
use crate::scenario::inputs::Scenario;
use crate::scenario::of_one::OfOneModel;
use crate::scenario::pool::{Extent, Pool, Terms};

/// Sums of a score's parts may differ by so much.
const ROUNDING: f64 = 1e-9;

/// For each task the candidate of the highest score among the models that `among` takes, by their
/// numbers, and the candidates that fit; of equal ones the least memory.
///
/// `known` is a pool of the same catalog, whatever it was asked for. Models are met by the highest
/// score that their quality lets them reach, until none that is left
/// can reach what was found.
#[must_use]
pub fn best_servers<'s>(
    scenario: &'s Scenario<'_>,
    known: &Pool<'s>,
    among: impl Fn(usize) -> bool,
    fits: impl Fn(Demand) -> bool,
) -> Vec<Option<Candidate<'s>>> {
    let terms = Terms::new(scenario, Extent::Machine, &known.places);
    let models = terms.models();
    let models = models.filter(|m| among(m.number) && terms.may_hold(m, &fits));
    let models: Vec<OfOneModel<'s>> = models.collect();
    let mut met: Vec<Option<Pool<'s>>> = models.iter().map(|_| None).collect();
    let mut best_of_task = Vec::new();
    for (t, (task, _)) in scenario.request.tasks.iter().enumerate() {
        let most = |(n, model): (usize, &OfOneModel<'s>)| (terms.most(model, t, task), n);
        let mut hopes: Vec<(f64, usize)> = models.iter().enumerate().map(most).collect();
        hopes.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let mut best: Option<Candidate<'s>> = None;
        for (most, n) in hopes {
            let found = best.as_ref().and_then(|best| best.scores[t]);
            if found.is_some_and(|found| found > most + ROUNDING) {
                break;
            }
            let pool = met[n].get_or_insert_with(|| {
                let mut pool = Pool::default();
                terms.meet_all(&models[n], &mut pool);
                pool
            });
            let own = best_of(pool, t, &fits);
            best = better(best.into_iter().chain(own), t);
        }
        best_of_task.push(best);
    }
    best_of_task
}

/// The candidate of the highest score for a task among those that fit; of equal ones the least
/// memory.
#[must_use]
pub fn best_of<'s>(
    pool: &Pool<'s>,
    task: usize,
    fits: impl Fn(Demand) -> bool,
) -> Option<Candidate<'s>> {
    let ladders = pool.ladders.iter();
    better(ladders.filter_map(|l| l.best(task, &fits)), task)
}

/// The highest score for a task; of equal ones the least memory.
#[must_use]
pub fn better<'s>(
    candidates: impl Iterator<Item = Candidate<'s>>,
    task: usize,
) -> Option<Candidate<'s>> {
    let scored = candidates.filter_map(|c| Some((c.scores[task]?, c)));
    let best = scored.max_by(|(a, one), (b, other)| {
        let by_memory = other.demand.total.cmp(&one.demand.total);
        a.total_cmp(b).then(by_memory)
    });
    best.map(|(_, c)| c)
}
