//! The best server of each task of a scenario, without pricing models that cannot be one.

use crate::catalog::schema::{Model, Variant};
use crate::catalog::weights_of;
use crate::memory::Engine;
use crate::memory::limits::Demand;
use crate::quality::quantization::Loss;
use crate::scenario::candidate::Candidate;
use crate::scenario::experts;
use crate::scenario::inputs::Scenario;
use crate::scenario::ladder::Ladder;
use crate::scenario::of_one::OfOneModel;
use crate::scenario::pool::{Extent, Pool, Terms};
use crate::task::{TaskProfile, Utility};

/// Sums of a score's parts may differ by so much.
const ROUNDING: f64 = 1e-9;

/// For each task the candidate of the highest score among the models that `among` takes, by their
/// numbers, and the candidates that fit; of equal ones the least memory.
///
/// `known` is a pool of the same catalog, whatever it was asked for. Models, and the files of each,
/// are met by the highest score that their quality lets them reach, until none that is left can
/// reach what was found.
#[must_use]
pub fn best_servers<'s>(
    scenario: &'s Scenario<'_>,
    known: &Pool<'s>,
    among: impl Fn(usize) -> bool,
    fits: impl Fn(Demand) -> bool,
) -> Vec<Option<Candidate<'s>>> {
    let terms = Terms::new(scenario, Extent::Machine, &known.places);
    let models = terms.models();
    let models = models.filter(|m| among(m.number) && terms.may_hold(m, &fits));
    let models: Vec<OfOneModel<'s>> = models.collect();
    let mut files: Vec<Vec<File<'s>>> = models.iter().map(|m| files(&terms, m, &fits)).collect();
    let mut best_of_task = Vec::new();
    for (t, (task, _)) in scenario.request.tasks.iter().enumerate() {
        let hopes = |model| falling(terms.most(model, t, task));
        let hopes = models.iter().map(hopes);
        let hopes: Vec<Vec<(f64, usize)>> = hopes.collect();
        let first = hopes
            .iter()
            .map(|of| of.first().map_or(0.0, |(most, _)| *most));
        let mut best: Option<Candidate<'s>> = None;
        for (most, n) in falling(first.collect()) {
            if is_past(best.as_ref(), most, t) {
                break;
            }
            for &(most, file) in &hopes[n] {
                if is_past(best.as_ref(), most, t) {
                    break;
                }
                let met = &mut files[n][file];
                if let File::Unmet = met {
                    let mut pool = Pool::default();
                    terms.meet_one(&models[n], file, &mut pool);
                    *met = File::Met(pool);
                }
                if let File::Met(pool) = met {
                    best = best_among(best, pool.ladders.iter(), t, &fits);
                }
            }
        }
        best_of_task.push(best);
    }
    best_of_task
}

/// A file of a model.
enum File<'s> {
    TooLarge,
    Unmet,
    Met(Pool<'s>),
}

/// The files of a model; what is assumed of sizes is not known before they are met.
fn files<'s>(
    terms: &Terms<'s, '_, '_>,
    known: &OfOneModel<'s>,
    fits: impl Fn(Demand) -> bool,
) -> Vec<File<'s>> {
    let as_it_is = terms.assumes_nothing();
    let files = known.variants.iter().map(|(variant, _)| {
        match as_it_is && !terms.may_hold_file(known.model, variant, &fits) {
            true => File::TooLarge,
            false => File::Unmet,
        }
    });
    files.collect()
}

impl<'s> Terms<'s, '_, '_> {
    /// Whether sizes are as they are known.
    fn assumes_nothing(&self) -> bool {
        let assumed = &self.scenario.assumed;
        assumed.sizes.is_empty() && assumed.sharding.is_none()
    }

    /// Whether the machine could hold the weights of one of its files that fits.
    fn may_hold(&self, known: &OfOneModel<'_>, fits: impl Fn(Demand) -> bool) -> bool {
        let mut files = known.variants.iter();
        files.any(|(variant, _)| self.may_hold_file(known.model, variant, &fits))
    }

    /// Whether the machine could hold the weights of a file, and they fit.
    fn may_hold_file(
        &self,
        model: &Model,
        variant: &Variant,
        fits: impl Fn(Demand) -> bool,
    ) -> bool {
        let weights = weights_of(variant);
        let engine = Engine::from_id(&variant.engine);
        let parts = |engine| experts::may_part(self.scenario, model, engine);
        let weights = Demand {
            gpu: match engine.is_some_and(parts) {
                true => weights.gpu.min(self.limits.gpu_budget()),
                false => weights.gpu,
            },
            total: weights.gpu + weights.cpu,
        };
        self.within_extent(weights) && fits(weights)
    }

    /// By file of a model, the highest score for a task of the request that its quality lets it reach.
    fn most(&self, known: &OfOneModel<'s>, t: usize, task: &TaskProfile) -> Vec<f64> {
        let weights = &task.weights;
        let others = weights.all().iter().sum::<f64>() - weights.of(Utility::Quality);
        let ways = self.ways(known);
        let most = |(_, loss): &(&Variant, Loss)| {
            let ways = ways.iter().flat_map(|ways| &ways[t]);
            let values = ways.map(|way| way.worth.quality(task, loss).1);
            others + weights.of(Utility::Quality) * values.fold(0.0, f64::max)
        };
        known.variants.iter().map(most).collect()
    }
}

/// Figures with their places, the highest first, equal ones as they stand.
fn falling(all: Vec<f64>) -> Vec<(f64, usize)> {
    let places = 0..all.len();
    let mut all: Vec<(f64, usize)> = all.into_iter().zip(places).collect();
    all.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    all
}

/// Whether what was found for a task is more than the most that there may be elsewhere.
fn is_past(found: Option<&Candidate<'_>>, most: f64, task: usize) -> bool {
    let found = found.and_then(|found| found.scores[task]);
    found.is_some_and(|found| found > most + ROUNDING)
}

/// The candidate of the highest score for a task among those that fit; of equal ones the least
/// memory.
#[must_use]
pub fn best_of<'s>(
    pool: &Pool<'s>,
    task: usize,
    fits: impl Fn(Demand) -> bool,
) -> Option<Candidate<'s>> {
    best_among(None, pool.ladders.iter(), task, fits)
}

/// The same among some ladders and one candidate that is known; contexts are looked for only of
/// ladders that can reach what was found.
#[must_use]
pub fn best_among<'l, 's: 'l>(
    known: Option<Candidate<'s>>,
    ladders: impl Iterator<Item = &'l Ladder<'s>>,
    task: usize,
    fits: impl Fn(Demand) -> bool,
) -> Option<Candidate<'s>> {
    ladders.fold(known, |best, ladder| {
        let found = best.as_ref().and_then(|best| best.scores[task]);
        let reaches = |most: f64| found.is_none_or(|found| most >= found);
        let own = ladder.at_most(task).filter(|most| reaches(*most));
        let own = own.and_then(|_| ladder.best(task, &fits));
        match (best, own) {
            (Some(best), Some(own)) if !is_no_worse(&own, &best, task) => Some(best),
            (best, own) => own.or(best),
        }
    })
}

/// Whether one scores no less for a task than another, and takes no more where both score as much.
fn is_no_worse(one: &Candidate<'_>, other: &Candidate<'_>, task: usize) -> bool {
    let score = |c: &Candidate<'_>| c.scores[task].unwrap_or(f64::NEG_INFINITY);
    let by_memory = || other.demand.total.cmp(&one.demand.total);
    score(one)
        .total_cmp(&score(other))
        .then_with(by_memory)
        .is_ge()
}
