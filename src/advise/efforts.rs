//! What the models of a loadout have to be asked for, and what else they could be.

use crate::plan::document::{OtherEffort, Ranged, TaskEffort};
use crate::plan::request::Request;
use crate::scenario::Candidate;
use crate::scenario::ways::{Way, Weighed};

/// By task that a candidate serves, where its model's efforts are known.
pub(super) fn by_task(request: &Request, c: &Candidate<'_>, served: &[usize]) -> Vec<TaskEffort> {
    let Some(thinking) = &c.model.thinking else {
        return Vec::new();
    };
    let effort = |&t: &usize| {
        let setting = c.setting(t);
        let way = c.way(t);
        TaskEffort {
            task: request.tasks[t].0.id.clone(),
            effort: setting,
            means: way.and_then(|way| way.effort),
            template: thinking.template(setting),
            points: way.and_then(|way| points(c, way)),
            cautious_points: cautious(request, c, t, c.chosen[t]),
            seconds_per_turn: way.and_then(|way| seconds(c, t, way)),
            others: others(request, c, t),
        }
    };
    served.iter().map(effort).collect()
}

fn others(request: &Request, c: &Candidate<'_>, task: usize) -> Vec<OtherEffort> {
    let chosen = c.chosen[task];
    let all = c.all_ways_of(request, task);
    let Some(own) = all.iter().find(|w| w.number == chosen).map(|w| w.score) else {
        return Vec::new();
    };
    let longest = request.tasks[task].0.floors.max_turn_seconds;
    let asked: Vec<usize> = c.ways_of(request, task).iter().map(|w| w.number).collect();
    let other = |w: &Weighed| {
        let way = &c.ways[task][w.number];
        let barred = w.is_barred_by_the_longest_turn();
        (barred || asked.contains(&w.number)).then(|| OtherEffort {
            effort: way.setting,
            means: way.effort,
            points: points(c, way),
            cautious_points: cautious(request, c, task, w.number),
            seconds_per_turn: seconds(c, task, way),
            difference: own - w.score,
            longer_than_seconds: longest.filter(|_| barred),
        })
    };
    let others = all.iter().filter(|w| w.number != chosen);
    others.filter_map(other).collect()
}

/// Expected points of the file, to a hundredth.
fn points(c: &Candidate<'_>, way: &Way) -> Option<f64> {
    let points = way.worth.quantized(&c.loss)?;
    Some(hundredths(points.mean))
}

/// The same less the task's caution.
fn cautious(request: &Request, c: &Candidate<'_>, task: usize, way: usize) -> Option<f64> {
    let way = c.ways.get(task)?.get(way)?;
    let (points, _) = way.worth.quality(&request.tasks.get(task)?.0, &c.loss);
    points.map(hundredths)
}

fn hundredths(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}

fn seconds(c: &Candidate<'_>, task: usize, way: &Way) -> Option<Ranged> {
    let turn = c.turn(task)?.clone().writes(way.work);
    Some((&turn.seconds_per_turn()).into())
}
