//! Which single change makes a model serve a task.

use crate::advise::breakpoints::{Moved, SPEED_STEP, halved};
use crate::advise::movable::{Movable, movable};
use crate::advise::why_not::document::{Flip, FlipKind};
use crate::scenario::change::{OnChoice, OnFigures, OnMachine};
use crate::scenario::error::RecommendError;
use crate::scenario::{Answer, Candidate, Change, Ladder, Prepared};
use crate::solve::Deadline;
use crate::speed::Figure;
use crate::units::Bytes;

/// No speed above this is looked for, in tokens per second.
const FASTEST: f64 = 1000.0;
/// Sizes are told to this share.
const SIZE_STEP: f64 = 0.005;
/// Room is told to this, in GiB.
const ROOM_STEP: f64 = 0.1;
/// Room is looked for up to this many GiB.
const MOST_ROOM: f64 = 2048.0;

type Tried<T> = Result<T, RecommendError>;

/// Every kind of change, the nearest of each.
pub(super) fn all(vary: &Prepared<'_>, name: &str, deadline: Deadline<'_>) -> Tried<Vec<Flip>> {
    let search = Search {
        vary,
        name,
        deadline,
    };
    let mut flips = Vec::new();
    flips.extend(search.settings()?);
    flips.extend(search.room()?);
    flips.extend(search.size()?);
    flips.extend(search.speed()?);
    for moved in movable(vary, true) {
        flips.extend(search.weight(&moved)?);
    }
    flips.sort_by_key(|f| f.kind);
    Ok(flips)
}

struct Search<'v> {
    vary: &'v Prepared<'v>,
    name: &'v str,
    deadline: Deadline<'v>,
}

impl Search<'_> {
    /// The answer with a change made, where the model serves then.
    fn tried(&self, change: &Change) -> Tried<Option<Answer>> {
        let answer = self
            .vary
            .under(std::slice::from_ref(change), self.deadline)?;
        Ok(answer.filter(|a| a.is_served_by(self.name)))
    }

    fn flip(
        &self,
        kind: FlipKind,
        change: &Change,
        (from, to): (Option<f64>, Option<f64>),
        answer: Answer,
    ) -> Flip {
        let flags = change.flags(self.vary.scenario);
        Flip {
            kind,
            text: change.describe(self.vary.scenario),
            from,
            to,
            flags: flags.map_or_else(Vec::new, |f| f.with),
            loadout: answer.members,
        }
    }

    /// The nearest weight, on either side, at which the model serves.
    fn weight(&self, moved: &Movable) -> Tried<Option<Flip>> {
        let change = |value| moved.at(value);
        let along = Moved {
            vary: self.vary,
            deadline: self.deadline,
            change: &change,
        };
        let serves = |a: &Answer| a.is_served_by(self.name);
        let sides = [
            along.nearest(moved.weight, 0.0, &serves)?,
            along.nearest(moved.weight, 1.0, &serves)?,
        ];
        let far = |place: f64| (place - moved.weight).abs();
        let nearest = sides.into_iter().flatten();
        let nearest = nearest.min_by(|a, b| far(a.place).total_cmp(&far(b.place)));
        let kind = match moved.utility {
            Some(_) => FlipKind::Weight,
            None => FlipKind::Share,
        };
        Ok(nearest.map(|edge| {
            let figures = (Some(moved.weight), Some(edge.place));
            self.flip(kind, &moved.at(edge.place), figures, edge.answer)
        }))
    }

    /// The least speed of one of its variants with which that variant serves.
    fn speed(&self) -> Tried<Option<Flip>> {
        let mut best: Option<Flip> = None;
        for c in self.variants() {
            let now = c.speed.as_deref().map(Figure::deciding);
            let name = c.name();
            let change = |speed: f64| {
                Change::Figures(OnFigures::Speed {
                    variant: name.clone(),
                    tokens_per_second: speed,
                })
            };
            let served = |speed: f64| -> Tried<Option<Answer>> {
                let answer = self.tried(&change(speed))?;
                Ok(answer.filter(|a| a.is_served_by(&name)))
            };
            let most = best.as_ref().and_then(|b| b.to).unwrap_or(FASTEST);
            if served(most)?.is_none() {
                continue;
            }
            let start = now.unwrap_or(0.0).min(most);
            let (to, _) = halved(most, start, SPEED_STEP, |s| Ok(served(s)?.is_some()))?;
            if let Some(answer) = served(to)? {
                let figures = (now, Some(to));
                best = Some(self.flip(FlipKind::Speed, &change(to), figures, answer));
            }
        }
        Ok(best)
    }

    /// The variants of the model, each once.
    fn variants(&self) -> Vec<&Candidate<'_>> {
        let all = self.vary.pool.ladders.iter().map(Ladder::base);
        all.filter(|c| c.is_called(self.name)).collect()
    }

    /// How small it would have to be.
    fn size(&self) -> Tried<Option<Flip>> {
        let change = |share: f64| {
            Change::Figures(OnFigures::Size {
                of: self.name.to_owned(),
                share,
            })
        };
        if self.tried(&change(SIZE_STEP))?.is_none() {
            return Ok(None);
        }
        let holds = |share: f64| Ok(self.tried(&change(share))?.is_some());
        let (to, _) = halved(SIZE_STEP, 1.0, SIZE_STEP, holds)?;
        let answer = self.tried(&change(to))?;
        let figures = (Some(1.0), Some(to));
        Ok(answer.map(|a| self.flip(FlipKind::Size, &change(to), figures, a)))
    }

    /// The least room more, in GiB, with which it serves. Still more may let others in.
    fn room(&self) -> Tried<Option<Flip>> {
        let change = |gib: f64| {
            let more = Bytes::from_gib(1).share(gib);
            Change::Machine(OnMachine::Room(Bytes::from_mib(more.mib_floor())))
        };
        let (mut low, mut high) = (0.0, 1.0);
        while self.tried(&change(high))?.is_none() {
            (low, high) = (high, high * 2.0);
            if high > MOST_ROOM {
                return Ok(None);
            }
        }
        let holds = |gib: f64| Ok(self.tried(&change(gib))?.is_some());
        let (to, _) = halved(high, low, ROOM_STEP, holds)?;
        let answer = self.tried(&change(to))?;
        let figures = (Some(0.0), Some(to));
        Ok(answer.map(|a| self.flip(FlipKind::Room, &change(to), figures, a)))
    }

    /// What the owner can set: the GPU's limit, the guard, the number of models.
    fn settings(&self) -> Tried<Vec<Flip>> {
        let scenario = self.vary.scenario;
        let raised = self.vary.limits.raised_working_set();
        let raised = raised.map(|bytes| Change::Machine(OnMachine::WiredLimit(bytes)));
        let cuts = self.vary.limits.guard_cuts();
        let fill = cuts.then_some(Change::Choice(OnChoice::Fill));
        let more = Change::Choice(OnChoice::Models(scenario.request.max_models + 1));
        let all = [
            raised.map(|change| (FlipKind::WiredLimit, change)),
            fill.map(|change| (FlipKind::Fill, change)),
            Some((FlipKind::Models, more)),
        ];
        let mut flips = Vec::new();
        for (kind, change) in all.into_iter().flatten() {
            if let Some(answer) = self.tried(&change)? {
                flips.push(self.flip(kind, &change, (None, None), answer));
            }
        }
        Ok(flips)
    }
}
