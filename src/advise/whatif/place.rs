//! The place of a model among all in each task, by each model's best candidate.

use std::collections::BTreeMap;

use crate::advise::whatif::document::Place;
use crate::scenario::Prepared;

/// Its place in each task that it may serve.
pub(super) fn places(prepared: &Prepared<'_>, name: &str) -> Vec<Place> {
    let place = |(t, task): (usize, &str)| {
        let mut best: BTreeMap<&str, f64> = BTreeMap::new();
        for ladder in &prepared.pool.ladders {
            let c = ladder.best(t, |demand| prepared.limits.holds(demand));
            if let Some((c, score)) = c.and_then(|c| Some((c.model, c.scores[t]?))) {
                let of_model = best.entry(&c.id).or_insert(score);
                *of_model = of_model.max(score);
            }
        }
        let own = *best.get(name)?;
        Some(Place {
            task: task.to_owned(),
            score: own,
            place: 1 + best.values().filter(|score| **score > own).count(),
            of: best.len(),
        })
    };
    let tasks = prepared.scenario.request.tasks.iter();
    let tasks = tasks.map(|(task, _)| task.id.as_str());
    tasks.enumerate().filter_map(place).collect()
}
