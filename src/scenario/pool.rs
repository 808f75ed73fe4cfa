//! Every variant met once: its candidates priced and scored, or the reason why there is none.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::catalog::schema::{Model, Variant};
use crate::catalog::{full_name, weights_of};
use crate::memory::limits::{Demand, Limits};
use crate::memory::{Ledger, Settings, Weights};
use crate::model::Architecture;
use crate::plan::refusal::Refusal;
use crate::plan::request::Request;
use crate::quality::quantization::{Loss, losses};
use crate::quality::talk::Lengths;
use crate::scenario::admission;
use crate::scenario::candidate::{Candidate, means};
use crate::scenario::demands::quick_enough;
use crate::scenario::inputs::Scenario;
use crate::scenario::refusal::{Refused, Rejection, floor_reason, reaches, too_large};
use crate::scenario::speeds::Speeds;
use crate::scenario::turns::Turns;
use crate::scenario::ways::{Ways, best, ways, weighed};
use crate::speed::{Estimate, Workload};
use crate::task::{TaskProfile, Utility};
use crate::units::Bytes;

/// All candidates and rejections, in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct Pool<'s> {
    /// What can be loaded, and what could with other limits as far as that was asked for.
    pub candidates: Vec<Candidate<'s>>,
    /// What serves no task under the scenario's limits.
    pub rejections: Vec<Rejection>,
}

/// Which candidates are made beside those that the limits hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What the machine could hold without the guard.
    Machine,
    /// All, whatever they take: for other limits to be tried.
    Any,
}

impl<'s> Pool<'s> {
    /// Meets every variant of a scenario.
    #[must_use]
    pub fn of(scenario: &'s Scenario<'_>, extent: Extent) -> Self {
        let terms = Terms::new(scenario, extent);
        let mut pool = Self::default();
        for model in terms.models() {
            terms.meet_all(&model, &mut pool);
        }
        pool
    }
}

/// What became of one variant.
struct Met<'s> {
    candidates: Vec<Candidate<'s>>,
    /// Why none of them serves a task.
    refused: Option<Refused>,
}

impl Met<'_> {
    const fn refused(refused: Refused) -> Self {
        Self {
            candidates: Vec::new(),
            refused: Some(refused),
        }
    }
}

/// What all variants are held against.
pub(super) struct Terms<'s, 'c> {
    scenario: &'s Scenario<'c>,
    lengths: Lengths<'s>,
    limits: Limits,
    extent: Extent,
}

impl<'s, 'c> Terms<'s, 'c> {
    pub(super) fn new(scenario: &'s Scenario<'c>, extent: Extent) -> Self {
        Self {
            scenario,
            lengths: Lengths::of(&scenario.catalog),
            limits: scenario.limits(),
            extent,
        }
    }

    /// The models of the catalog, each with its ways and its variants by name.
    pub(super) fn models(&self) -> impl Iterator<Item = OfOneModel<'s>> {
        let mut variants = 0;
        let models = self.scenario.catalog.models.iter().enumerate();
        models.map(move |(number, model)| {
            let first_variant = variants;
            variants += model.variants.len();
            let mut by_name: Vec<(&Variant, Loss)> =
                model.variants.iter().zip(losses(model)).collect();
            by_name.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
            OfOneModel {
                model,
                number,
                first_variant,
                variants: by_name,
                ways: OnceCell::new(),
            }
        })
    }

    /// The ways to ask a model for each task of the request.
    fn ways<'w>(&self, known: &'w OfOneModel<'s>) -> &'w Result<Ways, Refusal> {
        let found = || ways(&self.scenario.request, known.model, &self.lengths);
        known.ways.get_or_init(found)
    }

    /// Whether the machine could hold the weights of one of its files.
    pub(super) fn may_hold(&self, known: &OfOneModel<'_>) -> bool {
        let mut weights = known.variants.iter().map(|(v, _)| weights_of(v));
        weights.any(|w| {
            self.within_extent(Demand {
                gpu: w.gpu,
                total: w.gpu + w.cpu,
            })
        })
    }

    /// The highest score for a task of the request that a model's quality lets it reach.
    pub(super) fn most(&self, known: &OfOneModel<'s>, t: usize, task: &TaskProfile) -> f64 {
        let weights = &task.weights;
        let others = weights.all().iter().sum::<f64>() - weights.of(Utility::Quality);
        let ways = self.ways(known).iter().flat_map(|ways| &ways[t]);
        let values = ways.flat_map(|way| {
            let losses = known.variants.iter().map(|(_, loss)| loss);
            losses.map(|loss| way.worth.quality(task, loss).1)
        });
        others + weights.of(Utility::Quality) * values.fold(0.0, f64::max)
    }

    /// Meets every variant of a model.
    pub(super) fn meet_all(&self, known: &OfOneModel<'s>, pool: &mut Pool<'s>) {
        let mut contexts = Contexts::default();
        for (n, (variant, loss)) in known.variants.iter().enumerate() {
            let met = self
                .meet(known, &mut contexts, variant, *loss)
                .unwrap_or_else(Met::refused);
            let numbered = met.candidates.into_iter().map(|c| Candidate {
                model_number: known.number,
                variant_number: known.first_variant + n,
                ..c
            });
            pool.candidates.extend(numbered);
            pool.rejections.extend(met.refused.map(|r| Rejection {
                variant: full_name(known.model, variant),
                why: r.why,
                excess: r.excess,
            }));
        }
    }

    fn meet(
        &self,
        known: &OfOneModel<'s>,
        contexts: &mut Contexts,
        variant: &'s Variant,
        loss: Loss,
    ) -> Result<Met<'s>, Refused> {
        let (scenario, model) = (self.scenario, known.model);
        let request = &scenario.request;
        let engine = admission::runnable(scenario, model, variant)?;
        let arch = admission::storable(model, engine, request)?;
        let speeds = Speeds::of(scenario, model, variant)?;
        let speed = speeds.counted.clone().map(Rc::new);
        let alone = speeds.alone.clone().map(Rc::new);
        let reliability = speeds.reliability;
        let mut speeds = Some(speeds);
        let mut asked: Option<Asked> = None;
        let weights = weights_of(variant);
        let mut candidates: Vec<Candidate<'s>> = Vec::new();
        let mut smallest = None;
        for context in admission::contexts(request, model)? {
            let settings = Settings {
                engine,
                context,
                ..request.settings
            };
            let demand = contexts.demand(arch, &weights, &settings);
            let demand = scenario.assumed.demand(model, variant, demand);
            smallest = smallest.or(Some((demand, context)));
            if !self.within_extent(demand) {
                continue;
            }
            if let Some(speeds) = speeds.take() {
                asked = Some(self.asked(speeds, known, variant, &loss)?);
            }
            let Some((ways, chosen, turns)) = asked.clone() else {
                continue;
            };
            let mut candidate = Candidate {
                model,
                variant,
                model_number: 0,
                variant_number: 0,
                settings,
                demand,
                speed: speed.clone(),
                alone: alone.clone(),
                ways,
                chosen,
                turns,
                reliability,
                loss,
                scores: Vec::new(),
            };
            candidate.scores = scores(request, &candidate);
            candidates.push(candidate);
        }
        let serves = |c: &Candidate<'_>| c.scores.iter().any(Option::is_some);
        let fits = |c: &&Candidate<'_>| self.limits.holds(c.demand);
        let refused = match smallest {
            Some((demand, context)) if !candidates.iter().any(|c| fits(&c)) => {
                Some(too_large(&self.limits, demand, context))
            }
            _ if candidates.iter().filter(fits).any(serves) => None,
            _ => {
                let turns = asked.map(|(_, _, turns)| turns).unwrap_or_default();
                let reason = floor_reason(request, model, variant, &turns, reliability, loss);
                Some(reason.into())
            }
        };
        if !candidates.iter().any(serves) && !self.keeps_idle(model, variant) {
            candidates.clear();
        }
        Ok(Met {
            candidates,
            refused,
        })
    }

    /// How a variant's model is best asked, and how long its turns take then, where one of them is
    /// quick enough for the request.
    fn asked(
        &self,
        speeds: Speeds<'_>,
        known: &OfOneModel<'s>,
        variant: &Variant,
        loss: &Loss,
    ) -> Result<Asked, Refused> {
        let request = &self.scenario.request;
        let ways = self.ways(known).clone()?;
        let works: Vec<Workload> = ways.iter().map(|of_task| of_task[0].work).collect();
        let turns = speeds.turns(self.scenario, (known.model, variant), &works);
        let tasks = request.tasks.iter().zip(ways.iter()).zip(turns.iter());
        let chosen: Rc<[usize]> = tasks
            .map(|(((task, _), ways), turn)| {
                best(&weighed(request, task, ways, turn.as_ref(), loss), ways)
            })
            .collect();
        let both = turns.iter().zip(ways.iter()).zip(chosen.iter());
        let turns: Turns = both
            .map(|((turn, ways), &way)| Some(turn.clone()?.writes(ways[way].work)))
            .collect();
        let too_slow =
            |turn: &Option<Estimate>| quick_enough(request.demands(), turn.as_ref()).err();
        let refusals: Option<Vec<_>> = turns.iter().map(too_slow).collect();
        match refusals.and_then(|all| all.into_iter().next()) {
            Some(first) => Err(first.into()),
            None => Ok((ways, chosen, turns)),
        }
    }

    /// Whether candidates that serve nothing are kept: for other limits to be tried, or pinned.
    fn keeps_idle(&self, model: &Model, variant: &Variant) -> bool {
        let mut pins = self.scenario.request.pins.iter();
        self.extent == Extent::Any || pins.any(|pin| means(pin, model, variant))
    }

    fn within_extent(&self, demand: Demand) -> bool {
        self.extent == Extent::Any || self.limits.without_guard().holds(demand)
    }
}

/// The ways to ask a file's model, the best of them for each task, and how long its turns take.
type Asked = (Ways, Rc<[usize]>, Turns);

/// What all candidates of a model share.
pub(super) struct OfOneModel<'s> {
    model: &'s Model,
    /// Its number in the catalog.
    pub(super) number: usize,
    /// The number of the first of its variants among all of the catalog.
    first_variant: usize,
    /// By name, each with what its quantization loses.
    variants: Vec<(&'s Variant, Loss)>,
    /// The ways to ask it for each task, where they were asked for.
    ways: OnceCell<Result<Ways, Refusal>>,
}

/// What contexts of a model take beside its weights.
#[derive(Default)]
struct Contexts(HashMap<Settings, Demand>);

impl Contexts {
    fn demand(&mut self, arch: &Architecture, weights: &Weights, settings: &Settings) -> Demand {
        let beside = self.0.entry(*settings).or_insert_with(|| {
            let none = Weights {
                gpu: Bytes::ZERO,
                cpu: Bytes::ZERO,
                basis: weights.basis,
                source: String::new(),
            };
            Demand::from(&Ledger::loaded(arch, &none, settings))
        });
        let own = Demand {
            gpu: weights.gpu,
            total: weights.gpu + weights.cpu,
        };
        *beside + own
    }
}

fn scores(request: &Request, c: &Candidate<'_>) -> Vec<Option<f64>> {
    let score = |(t, (task, _)): (usize, &(TaskProfile, f64))| {
        let figures = c.figures(t);
        let way = c.way(t)?;
        reaches(request, task, &figures).then(|| way.worth.total(task, &figures))
    };
    request.tasks.iter().enumerate().map(score).collect()
}
