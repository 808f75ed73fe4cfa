//! How far weights and predicted speeds may move before the answer changes.

use crate::advise::explain::document::{SpeedAnswer, WeightRange};
use crate::advise::explain::vary::{Answer, Change, Variations};
use crate::scenario::candidates::Candidate;
use crate::speed::{Predicted, Speed};
use crate::task::Utility;

/// Weights are told to this.
pub(super) const WEIGHT_STEP: f64 = 0.001;
/// Weights are moved down to this and up to 1 less this: nearer to the ends, what is left of the
/// other weights is lost in the steps that scores are counted in.
const LEAST_WEIGHT: f64 = 0.01;
/// Speeds are told to this, in tokens per second.
pub(super) const SPEED_STEP: f64 = 0.1;

/// Halves the way from a value where something holds to one where it does not, until they are
/// `step` apart; both ends of the answer were tried: (holds, does not).
pub(super) fn edge(
    holds: f64,
    fails: f64,
    step: f64,
    mut test: impl FnMut(f64) -> bool,
) -> (f64, f64) {
    let (mut holds, mut fails) = (holds, fails);
    while (holds - fails).abs() > step {
        let middle = f64::midpoint(holds, fails);
        if test(middle) {
            holds = middle;
        } else {
            fails = middle;
        }
    }
    (holds, fails)
}

/// The range of every weight and share that keeps the answer.
pub(super) fn weights(vary: &Variations<'_>, loadout: &[String]) -> Vec<WeightRange> {
    let request = vary.setting.request;
    let mut ranges = Vec::new();
    if request.tasks.len() > 1 {
        for (t, share) in request.shares().into_iter().enumerate() {
            let change = |value| Change {
                share: Some((t, value)),
                ..Change::default()
            };
            let task = request.tasks[t].0.id.clone();
            ranges.push(range(vary, loadout, (task, None), share, &change));
        }
    }
    for (t, (task, _)) in request.tasks.iter().enumerate() {
        for utility in Utility::ALL {
            let weight = task.weights.of(utility);
            if weight <= 0.0 || weight >= 1.0 {
                continue;
            }
            let change = |value| Change {
                weight: Some((t, utility, value)),
                ..Change::default()
            };
            let of = (task.id.clone(), Some(utility.id().to_owned()));
            ranges.push(range(vary, loadout, of, weight, &change));
        }
    }
    ranges
}

fn range(
    vary: &Variations<'_>,
    loadout: &[String],
    (task, utility): (String, Option<String>),
    weight: f64,
    change: &dyn Fn(f64) -> Change,
) -> WeightRange {
    let answer = |value: f64| vary.solve(&change(value)).map(|a| vary.names(&a));
    let keeps = |value: f64| answer(value).as_deref() == Some(loadout);
    let side = |end: f64| {
        if keeps(end) {
            return (end, None, None);
        }
        let (holds, fails) = edge(weight, end, WEIGHT_STEP, keeps);
        (holds, Some(fails), answer(fails))
    };
    let (low, below_at, below) = side(LEAST_WEIGHT.min(weight / 2.0));
    let (high, above_at, above) = side((1.0 - LEAST_WEIGHT).max(weight));
    WeightRange {
        task,
        utility,
        weight,
        low,
        high,
        below_at,
        below,
        above_at,
        above,
    }
}

/// What predicted speeds could change: of the loadout's models at any speed below, of the others
/// anywhere up to the high end of their range.
pub(super) fn speeds(vary: &Variations<'_>, answer: &Answer) -> Vec<SpeedAnswer> {
    let loadout = vary.names(answer);
    let predicted = predicted(vary);
    let others: Vec<usize> = predicted.iter().map(|(c, _)| c.variant_number).collect();
    let may_change = that_may_change(vary, &others);
    let told = predicted.into_iter().filter_map(|(c, p)| {
        let in_loadout = loadout.contains(&c.name());
        (in_loadout || may_change.contains(&c.variant_number))
            .then(|| speed(vary, &loadout, c, p))
            .flatten()
    });
    let mut told: Vec<SpeedAnswer> = told.collect();
    told.sort_by_key(|s| !s.in_loadout);
    told
}

/// The first candidate of every variant whose speed is predicted.
fn predicted<'v, 'a>(vary: &'v Variations<'a>) -> Vec<(&'v Candidate<'a>, &'v Predicted)> {
    let mut found: Vec<(&Candidate<'a>, &Predicted)> = Vec::new();
    for c in &vary.pool.candidates {
        let Some(Speed::Predicted(p)) = c.speed.as_deref() else {
            continue;
        };
        let new = |(last, _): &(&Candidate<'_>, _)| last.variant_number != c.variant_number;
        if found.last().is_none_or(new) {
            found.push((c, p));
        }
    }
    found
}

/// Those of the variants that the answer may change with at the high end of their range.
///
/// Many are raised at once. None scores less then than when it is raised alone, and a set that
/// holds none of them scores what it did: so if that set is still the best, no single one of them
/// changes the answer.
fn that_may_change(vary: &Variations<'_>, variants: &[usize]) -> Vec<usize> {
    let now = vary.solve_both(&Change::default());
    let sets = [&now.0, &now.1].into_iter().flatten();
    let chosen: Vec<usize> = sets
        .flat_map(|set| &set.items)
        .map(|&i| vary.candidate(i).variant_number)
        .collect();
    let (mut found, others): (Vec<usize>, Vec<usize>) =
        variants.iter().partition(|v| chosen.contains(v));
    let mut open = vec![others];
    while let Some(group) = open.pop() {
        let raised = Change {
            raised: group.clone(),
            ..Change::default()
        };
        if group.is_empty() || vary.solve_both(&raised) == now {
            continue;
        }
        match group[..] {
            [one] => found.push(one),
            _ => open.extend(group.chunks(group.len().div_ceil(2)).map(<[usize]>::to_vec)),
        }
    }
    found
}

/// Where another speed of one variant changes the answer; none where that of a variant outside the
/// loadout does not.
fn speed(
    vary: &Variations<'_>,
    now: &[String],
    c: &Candidate<'_>,
    p: &Predicted,
) -> Option<SpeedAnswer> {
    let at = |speed: f64| {
        let change = Change {
            speed: Some((c.variant_number, speed)),
            ..Change::default()
        };
        vary.solve(&change)
            .map_or_else(Vec::new, |a| vary.names(&a))
    };
    let in_loadout = now.contains(&c.name());
    let end = if in_loadout { 0.0 } else { p.high };
    let there = at(end);
    let (changes_at, loadout) = if there == now {
        if !in_loadout {
            return None;
        }
        (None, there)
    } else {
        let (_, changed) = edge(p.low, end, SPEED_STEP, |speed| at(speed) == now);
        (Some(changed), at(changed))
    };
    Some(SpeedAnswer {
        variant: c.name(),
        in_loadout,
        low: p.low,
        high: p.high,
        changes_at_tokens_per_second: changes_at,
        loadout,
    })
}
