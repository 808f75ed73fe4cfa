//! How far each weight may move before the answer changes.

use crate::advise::breakpoints::Moved;
use crate::advise::explain::document::WeightRange;
use crate::advise::movable::{Movable, movable};
use crate::advise::unfinished::Unfinished;
use crate::scenario::error::RecommendError;
use crate::scenario::{Answer, Prepared};
use crate::solve::Deadline;

/// Weights are moved down to this and up to 1 less this: nearer to the ends, what is left of the
/// other weights is lost in the steps that scores are counted in.
const LEAST_WEIGHT: f64 = 0.01;

/// The range of every weight and share that keeps the answer, as far as there is time.
pub(super) fn all(
    vary: &Prepared<'_>,
    answer: &Answer,
    deadline: Deadline<'_>,
) -> Result<(Vec<WeightRange>, Option<Unfinished>), RecommendError> {
    let movable = movable(vary, false);
    let of = movable.len();
    let mut ranges = Vec::new();
    for moved in movable {
        match range(vary, answer, &moved, deadline) {
            Ok(range) => ranges.push(range),
            Err(RecommendError::OutOfTime) => {
                let done = ranges.len();
                return Ok((ranges, Some(Unfinished::Weights { done, of })));
            }
            Err(other) => return Err(other),
        }
    }
    Ok((ranges, None))
}

fn range(
    vary: &Prepared<'_>,
    answer: &Answer,
    moved: &Movable,
    deadline: Deadline<'_>,
) -> Result<WeightRange, RecommendError> {
    let change = |value| moved.at(value);
    let weight = moved.weight;
    let other = |a: &Answer| !a.is_same_as(answer);
    let side = |end: f64| {
        let moved = Moved {
            vary,
            deadline,
            change: &change,
        };
        moved.nearest(weight, end, &other)
    };
    let ends = [
        LEAST_WEIGHT.min(weight / 2.0),
        (1.0 - LEAST_WEIGHT).max(weight),
    ];
    let (low, high) = (side(ends[0])?, side(ends[1])?);
    Ok(WeightRange {
        task: moved.task.clone(),
        utility: moved.utility,
        weight,
        low: low.as_ref().map_or(ends[0], |e| e.before),
        high: high.as_ref().map_or(ends[1], |e| e.before),
        below_at: low.as_ref().map(|e| e.place),
        below: low.map(|e| e.answer.members),
        above_at: high.as_ref().map(|e| e.place),
        above: high.map(|e| e.answer.members),
    })
}
