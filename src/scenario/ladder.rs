//! A variant with all the contexts that it may be loaded with.
//!
//! A model has up to some hundred contexts and a catalog a thousand variants, so that a candidate
//! is made only where it is asked for. Of contexts that stand together it can be said what the
//! shortest takes and the most that any of them scores: what a solve needs to pass them over.

use std::ops::RangeInclusive;
use std::rc::Rc;

use crate::memory::limits::Demand;
use crate::memory::{CpuExperts, Settings};
use crate::plan::request::Request;
use crate::plan::score::{Stretch, Values, within};
use crate::scenario::assumed::Assumed;
use crate::scenario::candidate::Candidate;
use crate::scenario::contexts::Contexts;
use crate::units::Bytes;

/// A variant with its contexts.
#[derive(Debug, Clone)]
pub struct Ladder<'s> {
    request: &'s Request,
    assumed: &'s Assumed,
    contexts: Rc<Contexts<'s>>,
    weights: Demand,
    /// What of its experts lies in ordinary memory beside the card.
    apart: Option<CpuExperts>,
    /// The variant at its shortest context: what no context changes.
    base: Candidate<'s>,
    /// By task, the parts of its score that no context changes; none where it is below a floor that
    /// no context reaches.
    worth: Vec<Option<Values>>,
    /// Its number in its pool.
    pub(super) number: usize,
    /// The number of its first candidate among those of its pool.
    pub(super) first: usize,
}

impl<'s> Ladder<'s> {
    /// Of a variant whose worth is known. `base` need not have a context, a demand or scores.
    pub(super) fn new(
        (request, assumed): (&'s Request, &'s Assumed),
        contexts: &Rc<Contexts<'s>>,
        (weights, apart): (Demand, Option<CpuExperts>),
        base: Candidate<'s>,
        worth: Vec<Option<Values>>,
    ) -> Self {
        let unfinished = Self {
            request,
            assumed,
            contexts: Rc::clone(contexts),
            weights,
            apart,
            base,
            worth,
            number: 0,
            first: 0,
        };
        Self {
            base: unfinished.candidate(0),
            ..unfinished
        }
    }

    /// With its number in its pool, and that of its first candidate.
    pub(super) fn numbered(self, number: usize, first: usize) -> Self {
        Self {
            number,
            first,
            ..self
        }
    }

    /// The variant at its shortest context.
    #[must_use]
    pub const fn base(&self) -> &Candidate<'s> {
        &self.base
    }

    /// How many contexts it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.contexts.len()
    }

    /// Whether it has none, which no ladder does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The candidate at a context of the ladder, by its number.
    #[must_use]
    pub fn candidate(&self, rung: usize) -> Candidate<'s> {
        let tasks = 0..self.request.tasks.len();
        Candidate {
            settings: self.settings(rung),
            demand: self.demand(rung),
            beyond: tasks.clone().map(|t| self.beyond(t, rung)).collect(),
            scores: tasks.map(|t| self.score(t, rung..=rung)).collect(),
            ..self.base.clone()
        }
    }

    /// The same wherever its experts lie.
    #[must_use]
    pub fn with_any_parts(&self, settings: &Settings) -> Option<Candidate<'s>> {
        self.with(&Settings {
            cpu_experts: self.apart,
            ..*settings
        })
    }

    fn settings(&self, rung: usize) -> Settings {
        Settings {
            cpu_experts: self.apart,
            ..self.contexts.settings(rung)
        }
    }

    /// The candidate with these settings, whatever caps what it may come to keep; none where no rung
    /// has them.
    #[must_use]
    pub fn with(&self, settings: &Settings) -> Option<Candidate<'s>> {
        let rung = self.contexts.find(settings.context)?;
        (self.settings(rung).uncapped() == settings.uncapped()).then(|| self.candidate(rung))
    }

    /// What it takes at a context.
    pub(super) fn demand(&self, rung: usize) -> Demand {
        let c = &self.base;
        let mut whole = self.contexts.beside(rung) + self.weights;
        if self.apart.is_some() {
            whole.total += self.contexts.processor(rung);
        }
        self.assumed.demand(c.model, c.variant, whole)
    }

    /// Tokens of a context.
    pub(super) fn tokens(&self, rung: usize) -> u32 {
        self.contexts.tokens(rung)
    }

    /// Whether one of these contexts reaches the floor of a task.
    pub(super) fn reaches(&self, task: usize, rungs: &RangeInclusive<usize>) -> bool {
        let first = self.contexts.first_reaching(task);
        first.is_some_and(|first| first <= *rungs.end())
    }

    /// Whether one of these contexts serves a task.
    pub(super) fn scores(&self, task: usize, rungs: &RangeInclusive<usize>) -> bool {
        self.worth[task].is_some() && self.reaches(task, rungs)
    }

    /// The most that any of these contexts scores for a task.
    pub(super) fn score(&self, task: usize, rungs: RangeInclusive<usize>) -> Option<f64> {
        let values = self.worth[task].as_ref()?;
        let profile = &self.request.tasks[task].0;
        self.reaches(task, &rungs).then(|| {
            let at = self.stretch(task, rungs, |rung| self.demand(rung));
            within(profile, values, &profile.weights.all(), &at)
        })
    }

    /// What a task sees of contexts that stand together. The most memory of several is not looked up:
    /// none takes more than all that there could be.
    pub(super) fn stretch(
        &self,
        task: usize,
        rungs: RangeInclusive<usize>,
        demand: impl Fn(usize) -> Demand,
    ) -> Stretch {
        let (from, to) = rungs.into_inner();
        let least = demand(from).total;
        let most = if from == to { least } else { Bytes(u64::MAX) };
        Stretch {
            contexts: self.tokens(from)..=self.tokens(to),
            memory: least..=most,
            beyond: self.beyond(task, from),
        }
    }

    /// What a context takes beyond what nine of ten turns of a task need, as a share of what the model
    /// takes with that.
    fn beyond(&self, task: usize, rung: usize) -> f64 {
        let Some(needed) = self.contexts.needed(task, rung) else {
            return 0.0;
        };
        let more = self
            .contexts
            .beside(rung)
            .total
            .saturating_sub(needed.total);
        more.gib() / (needed + self.weights).total.gib()
    }

    /// Whether it serves a task of the request at any of its contexts that fit.
    pub(super) fn serves(&self, fits: impl Fn(Demand) -> bool) -> bool {
        let tasks = 0..self.request.tasks.len();
        let mut served = tasks.filter(|&t| self.worth[t].is_some());
        served.any(|t| {
            let first = self.contexts.first_reaching(t);
            first.is_some_and(|first| fits(self.demand(first)))
        })
    }

    /// How many of its contexts fit, from the shortest.
    #[must_use]
    pub fn fitting(&self, fits: impl Fn(Demand) -> bool) -> usize {
        let (mut fit, mut beyond) = (0, self.len());
        if fits(self.demand(beyond - 1)) {
            return beyond;
        }
        while fit < beyond {
            let middle = fit.midpoint(beyond);
            if fits(self.demand(middle)) {
                fit = middle + 1;
            } else {
                beyond = middle;
            }
        }
        fit
    }

    /// What no context of it scores more than for a task; none where it does not serve it.
    #[must_use]
    pub fn at_most(&self, task: usize) -> Option<f64> {
        let first = self.contexts.first_reaching(task)?;
        self.score(task, first..=self.len() - 1)
    }

    /// The candidate of the highest score for a task among those that fit; of equal ones the
    /// shortest context.
    #[must_use]
    pub fn best(&self, task: usize, fits: impl Fn(Demand) -> bool) -> Option<Candidate<'s>> {
        let first = self.contexts.first_reaching(task)?;
        self.worth[task].as_ref()?;
        if !fits(self.demand(first)) {
            return None;
        }
        let last = self.fitting(fits) - 1;
        // What deep turns need mostly scores most: the others are held against it.
        let deep = self.contexts.deepest(task).clamp(first, last);
        let mut best = Some((self.score(task, deep..=deep)?, deep));
        let mut open = vec![(first, deep)];
        open.extend((deep < last).then_some((deep + 1, last)));
        while let Some((from, to)) = open.pop() {
            let most = self.score(task, from..=to)?;
            let beats =
                |(score, rung): (f64, usize)| most > score || (most >= score && from < rung);
            if !best.is_none_or(beats) {
                continue;
            }
            if self.score(task, from..=from)? >= most {
                best = Some((most, from));
            } else {
                let middle = from.midpoint(to);
                open.extend([(from, middle), (middle + 1, to)]);
            }
        }
        best.map(|(_, rung)| self.candidate(rung))
    }

    /// The first and last rung of each stretch that a solve begins with, for as long as its
    /// shortest context is wanted.
    pub(super) fn stretches(
        &self,
        wanted: impl Fn(Demand) -> bool,
    ) -> impl Iterator<Item = (usize, usize)> {
        let all = self.contexts.stretches();
        all.take_while(move |(from, _)| wanted(self.demand(*from)))
    }
}
