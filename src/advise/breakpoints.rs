//! Where the answer changes as one weight moves: exactly, without missing an island.
//!
//! With one weight w moved and the others in proportion, the worth of an answer (which models serve
//! which tasks) is linear in w, and the best of all answers is the upper envelope of those lines.
//! Between two places whose answers are the same, no other answer is the best; between two with
//! different answers, the place where their lines cross is solved: either nothing is better there,
//! and it is a breakpoint, or what is better splits the way in two (Eisner and Severance, 1976).
//! Scores are rounded to whole steps, so places are told to a thousandth and tried on both sides.

use crate::scenario::error::RecommendError;
use crate::scenario::{Answer, Change, Prepared};
use crate::solve::Deadline;

/// Weights are told to this.
pub(super) const WEIGHT_STEP: f64 = 0.001;
/// Speeds are told to this, in tokens per second.
pub(super) const SPEED_STEP: f64 = 0.1;
/// How far, in steps of score, rounding may part the worth of two answers, for each task.
const ROUNDING: f64 = 2.0;
/// How many thousandths rounding may move a breakpoint by.
const NOISE: u32 = 16;
/// Places inside a range that are tried, for what rounding may hide.
const INSIDE: u32 = 3;

/// One weight that is moved.
pub(super) struct Moved<'v> {
    pub(super) vary: &'v Prepared<'v>,
    pub(super) deadline: Deadline<'v>,
    /// The change that gives it a value.
    pub(super) change: &'v dyn Fn(f64) -> Change,
}

/// A place and the answer there.
type At = (f64, Answer);
type Tried<T> = Result<T, RecommendError>;

/// The last place that was seen before something holds, and the first where it does.
pub(super) struct Edge {
    pub(super) before: f64,
    pub(super) place: f64,
    pub(super) answer: Answer,
}

impl Moved<'_> {
    fn at(&self, place: f64) -> Tried<At> {
        let answer = self.vary.under(&[(self.change)(place)], self.deadline)?;
        // What is feasible does not depend on weights.
        Ok((place, answer.ok_or(RecommendError::NoAnswer)?))
    }

    fn worth(&self, place: f64, answer: &Answer) -> Tried<f64> {
        let there = (self.change)(place).apply(self.vary.scenario)?;
        Ok(self.vary.worth(&there, answer))
    }

    /// The nearest place from `start` towards `end` where the answer is `wanted`, which that of
    /// `start` is not; none where there is none.
    pub(super) fn nearest(
        &self,
        start: f64,
        end: f64,
        wanted: &dyn Fn(&Answer) -> bool,
    ) -> Tried<Option<Edge>> {
        let from = self.at(start)?;
        let to = self.at(end)?;
        let crossing = self.crossing(&from, &to, wanted, 0)?;
        match crossing {
            Some(crossing) => self.around(crossing, start, end, wanted),
            None => self.hidden(start, end, wanted),
        }
    }

    /// The first breakpoint between two places beyond which the answer is wanted.
    fn crossing(
        &self,
        a: &At,
        b: &At,
        wanted: &dyn Fn(&Answer) -> bool,
        depth: u32,
    ) -> Tried<Option<f64>> {
        if a.1.is_same_as(&b.1) {
            return Ok(None);
        }
        // How much better the one is than the other at each of both places: never below zero but
        // for rounding.
        let ahead = (self.worth(a.0, &a.1)? - self.worth(a.0, &b.1)?).max(0.0);
        let behind = (self.worth(b.0, &b.1)? - self.worth(b.0, &a.1)?).max(0.0);
        let share = if ahead + behind > 0.0 {
            ahead / (ahead + behind)
        } else {
            0.5
        };
        let c = self.at(a.0 + (b.0 - a.0) * share)?;
        let better = self.worth(c.0, &c.1)? - self.worth(c.0, &a.1)?;
        let tasks = u32::try_from(a.1.servers.len()).unwrap_or(u32::MAX);
        let rounding = ROUNDING * f64::from(tasks);
        let near = (b.0 - a.0).abs() <= WEIGHT_STEP / 4.0;
        if better <= rounding || near || depth > 64 {
            return Ok(wanted(&b.1).then_some(c.0));
        }
        match self.crossing(a, &c, wanted, depth + 1)? {
            Some(place) => Ok(Some(place)),
            None => self.crossing(&c, b, wanted, depth + 1),
        }
    }

    /// The places on both sides of a breakpoint, a thousandth apart.
    fn around(
        &self,
        crossing: f64,
        start: f64,
        end: f64,
        wanted: &dyn Fn(&Answer) -> bool,
    ) -> Tried<Option<Edge>> {
        let step = WEIGHT_STEP * 0.999 * (end - start).signum();
        let clamp = |place: f64| place.clamp(start.min(end), start.max(end));
        let mut place = self.at(clamp(crossing + step / 2.0))?;
        let mut n = 0;
        while !wanted(&place.1) {
            if n == NOISE || is_at(place.0, end) {
                return Ok(None);
            }
            place = self.at(clamp(place.0 + step))?;
            n += 1;
        }
        loop {
            let before = self.at(clamp(place.0 - step))?;
            if is_at(before.0, start) || !wanted(&before.1) {
                return self.hidden(start, before.0, wanted).map(|hidden| {
                    let (place, answer) = place;
                    hidden.or(Some(Edge {
                        before: before.0,
                        place,
                        answer,
                    }))
                });
            }
            place = before;
        }
    }

    /// What rounding lets be the best inside a range where another answer is as good.
    fn hidden(
        &self,
        start: f64,
        end: f64,
        wanted: &dyn Fn(&Answer) -> bool,
    ) -> Tried<Option<Edge>> {
        for n in 1..=INSIDE {
            let inside = self.at(start + (end - start) * f64::from(n) / f64::from(INSIDE + 1))?;
            if wanted(&inside.1) {
                let (mut before, mut found) = (start, inside);
                while (found.0 - before).abs() > WEIGHT_STEP {
                    let middle = self.at(f64::midpoint(before, found.0))?;
                    if wanted(&middle.1) {
                        found = middle;
                    } else {
                        before = middle.0;
                    }
                }
                let (place, answer) = found;
                return Ok(Some(Edge {
                    before,
                    place,
                    answer,
                }));
            }
        }
        Ok(None)
    }
}

/// Whether a place is the end that it was kept within.
fn is_at(place: f64, end: f64) -> bool {
    (place - end).abs() < f64::EPSILON
}

/// Halves the way from a value where something holds to one where it does not, until they are
/// `step` apart; both ends of the answer were tried: (holds, does not).
pub(super) fn halved(
    holds: f64,
    fails: f64,
    step: f64,
    mut test: impl FnMut(f64) -> Tried<bool>,
) -> Tried<(f64, f64)> {
    let (mut holds, mut fails) = (holds, fails);
    while (holds - fails).abs() > step {
        let middle = f64::midpoint(holds, fails);
        if test(middle)? {
            holds = middle;
        } else {
            fails = middle;
        }
    }
    Ok((holds, fails))
}
