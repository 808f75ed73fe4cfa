//! Where a new model stands: its place in each task, and the best loadout with it.

use std::collections::BTreeMap;

use crate::advise::whatif::answer;
use crate::advise::whatif::document::{Loadout, NewStanding, Place};
use crate::advise::whatif::new_model::VARIANT;
use crate::plan::request::Request;
use crate::scenario::candidates;
use crate::scenario::candidates::{Pool, Setting};
use crate::scenario::error::RecommendError;

/// Of the model `name`, beside the answer that was found with it in the catalog.
pub(super) fn of(
    setting: Setting<'_>,
    name: &str,
    found: &Loadout,
) -> Result<NewStanding, RecommendError> {
    let variant = format!("{name}/{VARIANT}");
    let pool = candidates::pool(setting);
    let rejected = pool.rejections.iter().find(|r| r.variant == variant);
    let with = best_with(setting, name)?;
    Ok(NewStanding {
        tasks: places(setting.request, &pool, name),
        distance: with.objective.zip(found.objective).map(|(w, f)| w - f),
        best_with_objective: with.objective,
        best_with: with.members,
        rejected: rejected.map(|r| r.reason.clone()),
        variant,
    })
}

/// The best loadout that holds it beside the pins, of one model more where those leave no place.
fn best_with(setting: Setting<'_>, name: &str) -> Result<Loadout, RecommendError> {
    let mut request = setting.request.clone();
    request.pins.push(name.to_owned());
    if request.pins.len() > request.max_models {
        request.max_models = request.pins.len();
    }
    answer(Setting {
        request: &request,
        ..setting
    })
}

/// By each model's best candidate.
fn places(request: &Request, pool: &Pool<'_>, name: &str) -> Vec<Place> {
    let place = |(t, task): (usize, &str)| {
        let mut best: BTreeMap<&str, f64> = BTreeMap::new();
        for c in &pool.candidates {
            if let Some(score) = c.scores[t] {
                let of_model = best.entry(&c.model.id).or_insert(score);
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
    let tasks = request.tasks.iter().map(|(task, _)| task.id.as_str());
    tasks.enumerate().filter_map(place).collect()
}
