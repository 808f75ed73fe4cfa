//! A candidate: a variant at settings, with its demand, its speed and its scores.
//!
//! There may be a hundred thousand, so a candidate holds what decides; its ledger and the parts of
//! its scores are made when they are asked for.

use std::rc::Rc;

use crate::catalog::effort::Setting;
use crate::catalog::roles::Projector;
use crate::catalog::schema::{Model, Variant};
use crate::catalog::{full_name, title, weights_of_projector, whole_of};
use crate::memory::limits::Demand;
use crate::memory::offload::Apart;
use crate::memory::{Companion, Ledger, Settings};
use crate::plan::request::Request;
use crate::plan::score;
use crate::plan::score::{Figures, TaskScore};
use crate::quality::Points;
use crate::quality::quantization::Loss;
use crate::scenario::turns::Turns;
use crate::scenario::ways::{Way, Ways, Weighed, allowed, best, weighed};
use crate::speed::{Estimate, Figure, Reliability};
use crate::task::TaskProfile;

/// A variant at settings, priced.
#[derive(Debug, Clone)]
pub struct Candidate<'s> {
    /// The model.
    pub model: &'s Model,
    /// The variant.
    pub variant: &'s Variant,
    /// What is loaded beside it so that it sees, where a task asks that.
    pub projector: Option<&'s Projector>,
    /// Number of the variant among all of the catalog.
    pub variant_number: usize,
    /// Number of the model in the catalog.
    pub model_number: usize,
    /// What it is loaded with.
    pub settings: Settings,
    /// What it takes of both limits.
    pub demand: Demand,
    /// By task, what its context takes beyond what nine of ten turns need, as a share of what it takes
    /// with that.
    pub beyond: Vec<f64>,
    /// The speed that scores count, where known: beside the request's other streams, where they generate at once.
    pub speed: Option<Rc<Figure>>,
    /// Its speed alone, where known.
    pub alone: Option<Rc<Figure>>,
    /// The ways to ask its model for each task of the request.
    pub ways: Ways,
    /// Which of them is the best with this file, by task.
    pub chosen: Rc<[usize]>,
    /// How long a turn of each task takes then, at the depth of the task whatever the candidate's
    /// context.
    pub turns: Turns,
    /// Its pass rate and load time, where known.
    pub reliability: Reliability,
    /// What its quantization loses.
    pub loss: Loss,
    /// Its score for each task of the request; none where it falls below a floor.
    pub scores: Vec<Option<f64>>,
}

impl Candidate<'_> {
    /// `model/variant`.
    #[must_use]
    pub fn name(&self) -> String {
        full_name(self.model, self.variant)
    }

    /// `Qwen3.8 27B 4bit`: the model's name and the quantization.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.model, self.variant)
    }

    /// Its memory line by line, with these settings or its own.
    #[must_use]
    pub fn ledger_at(&self, settings: &Settings) -> Ledger {
        let apart = Apart::from_flags(None, settings.cpu_experts.map(|e| e.layers), false);
        // A model without architecture figures has no candidates.
        let alone = whole_of(self.model, self.variant)
            .map_or_else(Ledger::default, |whole| whole.offloaded(settings, apart));
        let sees = self.projector.map(|projector| Companion::Vision {
            weights: weights_of_projector(projector),
            compute: None,
        });
        match sees {
            Some(companion) => alone.with(&companion, settings),
            None => alone,
        }
    }

    /// What its scores depend on, for a task of the request by its number.
    #[must_use]
    pub fn figures(&self, task: usize) -> Figures<'_> {
        Figures {
            model: self.model,
            variant: self.variant,
            effort: self.way(task).and_then(|way| way.effort),
            speed: self.speed.as_deref(),
            turn: self.turn(task),
            memory: self.demand.total,
            context: self.settings.context,
            beyond: self.beyond.get(task).copied().unwrap_or(0.0),
            reliability: self.reliability,
            bits_per_weight: self.model.bits_per_weight(self.variant),
            loss: self.loss,
            points: self.points(task),
        }
    }

    /// How long a turn of a task of the request takes, where known.
    #[must_use]
    pub fn turn(&self, task: usize) -> Option<&Estimate> {
        self.turns.get(task).and_then(Option::as_ref)
    }

    /// Expected points of this file for a task of the request, with their error, where known.
    #[must_use]
    pub fn points(&self, task: usize) -> Option<Points> {
        self.way(task)?.worth.quantized(&self.loss)
    }

    /// Whether a task has no benchmarks, or somebody published a score of the model.
    #[must_use]
    pub fn scored(&self, task: usize) -> bool {
        self.points(task).is_none_or(|points| points.scored)
    }

    /// How its model is asked for a task of the request.
    #[must_use]
    pub fn way(&self, task: usize) -> Option<&Way> {
        self.ways.get(task)?.get(*self.chosen.get(task)?)
    }

    /// What has to be set for a task of the request.
    #[must_use]
    pub fn setting(&self, task: usize) -> Setting {
        self.way(task).map_or(Setting::Default, |way| way.setting)
    }

    /// The ways to ask it for a task of a request that are quick enough, each with what decides.
    #[must_use]
    pub fn ways_of(&self, request: &Request, task: usize) -> Vec<Weighed> {
        allowed(&self.all_ways_of(request, task))
    }

    /// Those too that the request or the floors of the task bar.
    #[must_use]
    pub fn all_ways_of(&self, request: &Request, task: usize) -> Vec<Weighed> {
        let known = request.tasks.get(task).zip(self.ways.get(task));
        known.map_or_else(Vec::new, |((profile, _), ways)| {
            let mut all = weighed(request, profile, ways, self.turn(task), &self.loss);
            let counts = score::share_that_counts(&self.reliability);
            all.iter_mut().for_each(|way| way.score *= counts);
            all
        })
    }

    /// Whether it reaches the floors of a task of a request where it is asked for this effort, or for
    /// the best one where none is named.
    #[must_use]
    pub fn serves_at(&self, request: &Request, task: usize, effort: Option<Setting>) -> bool {
        let of = |w: &Weighed| self.ways[task][w.number].setting;
        let offered = || self.ways_of(request, task);
        let reached = effort.is_none_or(|effort| offered().iter().any(|w| of(w) == effort));
        reached && self.scores.get(task).is_some_and(Option::is_some)
    }

    /// The same asked in other ways, by task.
    #[must_use]
    pub fn asked(&self, chosen: &[usize]) -> Self {
        let turn = |(t, turn): (usize, &Option<Estimate>)| {
            let way = self.ways.get(t)?.get(*chosen.get(t)?)?;
            Some(turn.clone()?.writes(way.work))
        };
        Self {
            chosen: chosen.into(),
            turns: self.turns.iter().enumerate().map(turn).collect(),
            ..self.clone()
        }
    }

    /// The best ways to ask it under a request of the same tasks with other weights.
    #[must_use]
    pub fn best_ways(&self, request: &Request) -> Vec<usize> {
        let tasks = 0..request.tasks.len();
        let ways = |t: usize| self.ways.get(t).map_or(&[][..], Vec::as_slice);
        tasks
            .map(|t| best(&self.ways_of(request, t), ways(t)))
            .collect()
    }

    /// Its score for a task of the request, part by part, whether or not it reaches the floors.
    #[must_use]
    pub fn score(&self, task: usize, profile: &TaskProfile) -> TaskScore {
        score::score(profile, &self.figures(task))
    }

    /// Whether a name, `model` or `model/variant`, means it.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        means(name, self.model, self.variant)
    }
}

/// Whether a name, `model` or `model/variant`, means this variant.
#[must_use]
pub fn means(name: &str, model: &Model, variant: &Variant) -> bool {
    match name.split_once('/') {
        Some((of, id)) => of == model.id && id == variant.id,
        None => name == model.id,
    }
}
