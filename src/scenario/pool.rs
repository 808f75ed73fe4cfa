//! Every variant met once: its contexts priced and scored, or the reason why there is none.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::catalog::full_name;
use crate::catalog::schema::{Model, Variant};
use crate::memory::limits::{Demand, Limits};
use crate::memory::{CpuExperts, Engine};
use crate::model::Architecture;
use crate::plan::refusal::Refusal;
use crate::quality::quantization::{Loss, losses};
use crate::quality::talk::Lengths;
use crate::quality::{Constants, Place, Space};
use crate::scenario::admission;
use crate::scenario::candidate::{Candidate, means};
use crate::scenario::demands::quick_enough;
use crate::scenario::experts;
use crate::scenario::inputs::Scenario;
use crate::scenario::ladder::Ladder;
use crate::scenario::of_one::{Met, OfOneFile, OfOneModel, reliability};
use crate::scenario::refusal::{
    Refused, Rejection, floor_reason, for_no_task, reaches_beside_context, too_large,
};
use crate::scenario::span::Span;
use crate::scenario::speeds::Speeds;
use crate::scenario::turns::Turns;
use crate::scenario::ways::{Ways, allowed, best, ways, weighed};
use crate::speed::{Estimate, Workload};
use crate::task::TaskProfile;
use crate::units::Bytes;

/// All variants that can be loaded and all rejections, in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct Pool<'s> {
    /// What can be loaded, and what could with other limits as far as that was asked for.
    pub ladders: Vec<Ladder<'s>>,
    /// What serves no task under the scenario's limits.
    pub rejections: Vec<Rejection>,
    /// The contexts of all ladders as a solve begins with them, the shortest first: as finely told
    /// apart as the solve before it needed.
    pub(super) spans: RefCell<Vec<Span>>,
    /// Where models stand by their scores, by their numbers, as far as that was asked for.
    pub(super) places: Places<'s>,
}

/// Where models stand, by their numbers: the same whatever is asked for.
pub(super) type Places<'s> = HashMap<usize, Rc<Place<'s>>>;

/// Which candidates are made beside those that the limits hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What the machine could hold without the guard and with the GPU's limit raised.
    Machine,
    /// All, whatever they take: for other limits to be tried.
    Any,
}

impl<'s> Pool<'s> {
    /// Meets every variant of a scenario.
    #[must_use]
    pub fn of(scenario: &'s Scenario<'_>, extent: Extent) -> Self {
        let known = Places::new();
        let terms = Terms::new(scenario, extent, &known);
        let mut pool = Self::default();
        for model in terms.models() {
            terms.meet_all(&model, &mut pool);
        }
        pool
    }

    /// The number of a candidate: by variants, each from its shortest context.
    pub(super) fn number(&self, span: Span) -> usize {
        self.ladders[span.ladder].first + span.from
    }

    /// Its ladder and its rung, by its number.
    #[must_use]
    pub fn place(&self, number: usize) -> (usize, usize) {
        let after = self.ladders.partition_point(|l| l.first <= number);
        let ladder = after.saturating_sub(1);
        (ladder, number - self.ladders[ladder].first)
    }

    /// The variant of a candidate at its shortest context.
    #[must_use]
    pub fn base(&self, number: usize) -> &Candidate<'s> {
        self.ladders[self.place(number).0].base()
    }

    /// A candidate by its number.
    #[must_use]
    pub fn candidate(&self, number: usize) -> Candidate<'s> {
        let (ladder, rung) = self.place(number);
        self.ladders[ladder].candidate(rung)
    }

    /// How many candidates there are, whether or not they fit.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ladders.iter().map(Ladder::len).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ladders.is_empty()
    }

    /// How many candidates fit by themselves.
    #[must_use]
    pub fn fitting(&self, limits: &Limits) -> usize {
        let fitting = |l: &Ladder<'_>| l.fitting(|demand| limits.holds(demand));
        self.ladders.iter().map(fitting).sum()
    }

    fn push(&mut self, ladder: Ladder<'s>, wanted: impl Fn(Demand) -> bool) {
        let number = self.ladders.len();
        let spans = ladder.stretches(wanted).map(|(from, to)| Span {
            ladder: number,
            from,
            to,
        });
        self.spans.get_mut().extend(spans);
        let first = self.ladders.last().map_or(0, |l| l.first + l.len());
        self.ladders.push(ladder.numbered(number, first));
    }
}

/// What all variants are held against.
pub(super) struct Terms<'s, 'c, 'k> {
    pub(super) scenario: &'s Scenario<'c>,
    lengths: Lengths<'s>,
    pub(super) limits: Limits,
    /// What candidates may take at most to be made; none where anything is.
    most: Option<Limits>,
    /// Where models stand, as far as that is known.
    places: &'k Places<'s>,
}

impl<'s, 'c, 'k> Terms<'s, 'c, 'k> {
    pub(super) fn new(scenario: &'s Scenario<'c>, extent: Extent, places: &'k Places<'s>) -> Self {
        let limits = scenario.limits();
        let machine = || limits.without_guard().with_raised_working_set();
        Self {
            scenario,
            lengths: Lengths::of(&scenario.catalog),
            most: (extent == Extent::Machine).then(machine),
            limits,
            places,
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
                place: OnceCell::new(),
                contexts: RefCell::default(),
            }
        })
    }

    /// The ways to ask a model for each task of the request.
    pub(super) fn ways<'w>(&self, known: &'w OfOneModel<'s>) -> &'w Result<Ways, Refusal> {
        let request = &self.scenario.request;
        let place = |space| match space {
            Space::General => Rc::clone(known.place.get_or_init(|| self.place(known))),
            other => Rc::new(Place::of(Constants::in_space(other), known.model)),
        };
        known
            .ways
            .get_or_init(|| ways(request, known.model, place, &self.lengths))
    }

    fn place(&self, known: &OfOneModel<'s>) -> Rc<Place<'s>> {
        let place = || Rc::new(Place::of(Constants::shipped(), known.model));
        self.places
            .get(&known.number)
            .cloned()
            .unwrap_or_else(place)
    }

    /// Meets every variant of a model.
    pub(super) fn meet_all(&self, known: &OfOneModel<'s>, pool: &mut Pool<'s>) {
        for n in 0..known.variants.len() {
            self.meet_one(known, n, pool);
        }
        let place = known.place.get().cloned();
        pool.places.extend(place.map(|place| (known.number, place)));
    }

    /// Meets one of its variants, by its number in the order of their names.
    pub(super) fn meet_one(&self, known: &OfOneModel<'s>, n: usize, pool: &mut Pool<'s>) {
        let (variant, loss) = known.variants[n];
        let number = known.first_variant + n;
        let met = self.meet(known, (variant, number), loss);
        let met = met.unwrap_or_else(Met::refused);
        for ladder in met.ladders {
            pool.push(ladder, |demand| self.within_extent(demand));
        }
        pool.rejections.extend(met.refused.map(|r| Rejection {
            variant: full_name(known.model, variant),
            why: r.why,
            excess: r.excess,
        }));
    }

    /// The engine that runs a variant, and the architecture of its model, where it is for a task.
    fn admitted(
        &self,
        model: &'s Model,
        variant: &Variant,
    ) -> Result<(Engine, &'s Architecture), Refused> {
        let request = &self.scenario.request;
        let engine = admission::runnable(self.scenario, model, variant)?;
        let arch = admission::storable(self.scenario, model, engine)?;
        let unfit = for_no_task(request, model, variant);
        match unfit.filter(|_| !self.keeps_idle(model, variant)) {
            Some(why) => Err(why.into()),
            None => Ok((engine, arch)),
        }
    }

    /// Whole, and where a card does not hold a mixture so at its longest context, with experts apart
    /// from the card too.
    fn meet(
        &self,
        known: &OfOneModel<'s>,
        (variant, variant_number): (&'s Variant, usize),
        loss: Loss,
    ) -> Result<Met<'s>, Refused> {
        let (scenario, model) = (self.scenario, known.model);
        let (engine, arch) = self.admitted(model, variant)?;
        let (projector, weights) = admission::loaded(&scenario.request, model, variant);
        let file = OfOneFile {
            known,
            variant,
            variant_number,
            loss,
            projector,
            contexts: known.contexts(&scenario.request, arch, engine)?,
        };
        let asked = scenario.request.settings.cpu_experts;
        if !experts::may_part(scenario, model, engine) {
            return self.loaded(&file, (weights, None));
        }
        let whole = self
            .loaded(&file, (weights, None))
            .unwrap_or_else(Met::refused);
        let longest = |l: &Ladder<'_>| self.limits.holds(l.demand(l.len() - 1));
        if asked.is_none() && whole.ladders.iter().any(longest) {
            return Ok(whole);
        }
        Ok(self.apart(&file, whole))
    }

    /// The same with experts in ordinary memory, in as many layers as serve; or else why the
    /// nearest of them does not.
    fn apart(&self, file: &OfOneFile<'s, '_>, whole: Met<'s>) -> Met<'s> {
        let sight = file.projector.map_or(Bytes::ZERO, |p| p.bytes);
        let names = (file.known.model, file.variant);
        let parts = experts::parts(self.scenario, &self.limits, names, &file.contexts, sight);
        let mut all = whole;
        for part in parts {
            let met = self.loaded(file, (part.weights, Some(part.experts)));
            let met = met.unwrap_or_else(Met::refused);
            all.refused = match (all.refused, met.refused) {
                (Some(so_far), Some(why)) if why.excess < so_far.excess => Some(why),
                (so_far, why) => why.and(so_far),
            };
            all.ladders.extend(met.ladders);
        }
        all
    }

    /// A file with all its contexts, its weights so and with the experts of so many layers apart.
    fn loaded(
        &self,
        file: &OfOneFile<'s, '_>,
        (weights, apart): (Demand, Option<CpuExperts>),
    ) -> Result<Met<'s>, Refused> {
        let OfOneFile {
            known,
            variant,
            loss,
            contexts,
            ..
        } = file;
        let (scenario, model) = (self.scenario, known.model);
        let request = &scenario.request;
        let speeds = Speeds::new(scenario, model, variant, apart)?;
        let shortest = contexts.beside(0) + weights;
        let shortest = scenario.assumed.demand(model, variant, shortest);
        let too_large = || too_large(&self.limits, shortest, contexts.tokens(0));
        if !self.within_extent(shortest) {
            return Err(too_large());
        }
        let (speed, alone) = (speeds.counted.clone(), speeds.alone.clone());
        let reliability = reliability(scenario, model, variant, speeds.reliability);
        let (ways, chosen, turns) = self.asked(speeds, known, variant, loss)?;
        let base = Candidate {
            model,
            variant,
            projector: file.projector,
            model_number: known.number,
            variant_number: file.variant_number,
            settings: contexts.settings(0),
            demand: shortest,
            beyond: Vec::new(),
            speed: speed.map(Rc::new),
            alone: alone.map(Rc::new),
            ways,
            chosen,
            turns,
            reliability,
            loss: *loss,
            scores: Vec::new(),
        };
        let worth = |(t, (task, _)): (usize, &(TaskProfile, f64))| {
            let figures = base.figures(t);
            let way = base.way(t)?;
            let reaches = reaches_beside_context(request, task, &figures);
            reaches.then(|| way.worth.values(task, &figures))
        };
        let worth = request.tasks.iter().enumerate().map(worth).collect();
        let given = (request, &scenario.assumed);
        let ladder = Ladder::new(given, contexts, (weights, apart), base, worth);
        let refused = if !self.limits.holds(ladder.demand(0)) {
            Some(too_large())
        } else if ladder.serves(|demand| self.limits.holds(demand)) {
            None
        } else {
            let c = ladder.base();
            let points: Vec<_> = (0..request.tasks.len()).map(|t| c.points(t)).collect();
            Some(
                floor_reason(
                    request,
                    (model, variant),
                    (&c.turns, &points),
                    reliability,
                    *loss,
                )
                .into(),
            )
        };
        let kept =
            ladder.serves(|demand| self.within_extent(demand)) || self.keeps_idle(model, variant);
        Ok(Met {
            ladders: kept.then_some(ladder).into_iter().collect(),
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
                best(
                    &allowed(&weighed(request, task, ways, turn.as_ref(), loss)),
                    ways,
                )
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
        self.most.is_none() || pins.any(|pin| means(pin, model, variant))
    }

    pub(super) fn within_extent(&self, demand: Demand) -> bool {
        self.most.as_ref().is_none_or(|most| most.holds(demand))
    }
}

/// The ways to ask a file's model, the best of them for each task, and how long its turns take.
type Asked = (Ways, Rc<[usize]>, Turns);
