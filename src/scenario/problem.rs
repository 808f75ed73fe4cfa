//! A scenario in whole numbers: what the solver sees.

use std::collections::BTreeSet;

use crate::memory::limits::{Demand, Limits};
use crate::plan::request::Request;
use crate::plan::score::{STEPS, within};
use crate::scenario::admission::download;
use crate::scenario::candidate::Candidate;
use crate::scenario::inputs::Scenario;
use crate::scenario::ladder::Ladder;
use crate::scenario::pool::Pool;
use crate::scenario::span::Span;
use crate::solve::{Item, NO_LIMIT, Pin, Problem, Serves, Taken};
use crate::task::TaskProfile;

/// The longest context that a model gets which serves no task of the request.
const IDLE_CONTEXT: u32 = 65_536;

/// A score times the share of its task, in whole steps.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a number from 0 to 1 times STEPS"
)]
pub fn steps(total: f64, share: f64) -> i64 {
    (total * share * STEPS).round() as i64
}

/// Steps as a score.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "steps stay far below 2^53")]
pub fn points(steps: i64) -> f64 {
    steps as f64 / STEPS
}

/// What is asked of the solver: everything but how finely contexts are told apart.
pub(crate) struct Question<'q> {
    /// What a span takes at its shortest context, and the most that any of its contexts scores, but
    /// for its group.
    pub(crate) price: Box<dyn Fn(Span) -> Item + 'q>,
    /// Bytes of the GPU working set, of physical memory, and of what may be downloaded.
    pub(crate) budgets: Taken,
    /// How many sets are wanted.
    pub(crate) sets: usize,
    /// What a set is known to be worth, where one is: no worse ones are looked for.
    pub(crate) known: Option<i64>,
    max_models: usize,
    /// How many tasks the prices are for.
    pub(super) tasks: usize,
    /// By pin, for each ladder whether it meets it.
    pins: Vec<(Vec<bool>, Serves)>,
    /// By ladder, see [`Item::group`].
    groups: Vec<usize>,
}

impl<'q> Question<'q> {
    /// For one set.
    pub(super) fn new(
        scenario: &Scenario<'_>,
        limits: &Limits,
        pool: &Pool<'_>,
        price: impl Fn(Span) -> Item + 'q,
    ) -> Self {
        let request = &scenario.request;
        let meets = |name: &String| {
            let ladders = pool.ladders.iter();
            ladders.map(|l| l.base().is_called(name)).collect()
        };
        let pins = request.pins.iter();
        let pins = pins.map(|name| (meets(name), Serves::IfPossible));
        let must = scenario.must_serve.iter();
        let pins = pins.chain(must.map(|name| (meets(name), Serves::Must)));
        let pins: Vec<(Vec<bool>, Serves)> = pins.collect();
        Self {
            groups: groups(pool, &pins, request.campaign.is_some()),
            price: Box::new(price),
            budgets: budgets(limits, request),
            sets: 1,
            known: None,
            max_models: request.max_models,
            tasks: request.tasks.len(),
            pins,
        }
    }

    /// What a span is at its price.
    pub(super) fn priced(&self, span: Span) -> Item {
        Item {
            group: self.groups[span.ladder],
            ..(self.price)(span)
        }
    }

    /// Whether nothing has to be loaded whatever it scores.
    pub(super) fn is_free(&self) -> bool {
        self.pins.is_empty()
    }

    /// The problem whose items are these spans at their prices, for so many sets.
    pub(super) fn problem(&self, priced: &[(Span, Item)], sets: usize) -> Problem {
        let pin = |(meets, serves): &(Vec<bool>, Serves)| {
            let items = priced.iter().enumerate();
            let items = items.filter(|(_, (span, _))| meets[span.ladder]);
            Pin {
                items: items.map(|(i, _)| i).collect(),
                serves: *serves,
            }
        };
        Problem {
            items: priced.iter().map(|(_, item)| item.clone()).collect(),
            budgets: self.budgets,
            max_models: self.max_models,
            tasks: self.tasks,
            pins: self.pins.iter().map(pin).collect(),
            sets,
        }
    }
}

/// By ladder, the group of which one is loaded: one file of each model, whatever memory is free,
/// unless pins name several of its files, or a campaign is planned as its study ran.
fn groups(pool: &Pool<'_>, pins: &[(Vec<bool>, Serves)], each_file: bool) -> Vec<usize> {
    let bases = || pool.ladders.iter().map(Ladder::base);
    let file_named = |(meets, _): &(Vec<bool>, Serves)| {
        let met = bases().zip(meets).filter(|(_, meets)| **meets);
        let mut files: Vec<_> = met
            .map(|(c, _)| (c.model_number, c.variant_number))
            .collect();
        files.dedup();
        files.pop().filter(|_| files.is_empty())
    };
    let named: BTreeSet<(usize, usize)> = pins.iter().filter_map(file_named).collect();
    let is_apart = |model| each_file || named.iter().filter(|(of, _)| *of == model).count() > 1;
    let models = bases().map(|c| c.model_number + 1).max().unwrap_or(0);
    let group = |c: &Candidate<'_>| match is_apart(c.model_number) {
        true => models + c.variant_number,
        false => c.model_number,
    };
    bases().map(group).collect()
}

/// What the solver sees of a span that takes so much at a context, with its scores.
pub(super) fn item(
    scenario: &Scenario<'_>,
    ladder: &Ladder<'_>,
    span: Span,
    demand: impl Fn(usize) -> Demand,
    scores: Vec<Option<i64>>,
) -> Item {
    let taken = demand(span.from);
    let (model, variant) = (ladder.base().model, ladder.base().variant);
    Item {
        family: ladder.base().model_number,
        // `Question::priced` says which.
        group: 0,
        memory: [
            taken.gpu.0,
            taken.physical(scenario.machine.gpu_memory).0,
            download(&scenario.request, model, variant).0,
        ],
        scores,
        idle_worth: idle_worth(scenario, ladder, span, demand),
    }
}

/// What a span is worth at most that is pinned and serves nothing: its best score for a task of the
/// request, whatever the floors, in thousandths; then the longer context. Beyond [`IDLE_CONTEXT`]
/// it is worth less than any other.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a number from 0 to 1 times 1000"
)]
fn idle_worth(
    scenario: &Scenario<'_>,
    ladder: &Ladder<'_>,
    span: Span,
    demand: impl Fn(usize) -> Demand,
) -> i64 {
    let (request, c) = (&scenario.request, ladder.base());
    if request.pins.is_empty() {
        return 0;
    }
    let mut pins = request.pins.iter();
    let short = |rung: &usize| ladder.tokens(*rung) <= IDLE_CONTEXT || request.context.is_some();
    let longest = (span.from..=span.to).rev().find(short);
    let Some(longest) = longest.filter(|_| pins.any(|pin| c.is_called(pin))) else {
        return 0;
    };
    let score = |(t, (task, _)): (usize, &(TaskProfile, f64))| {
        let at = ladder.stretch(t, span.from..=longest, &demand);
        let values = c.way(t)?.worth.values(task, &c.figures(t));
        let weights = task.weights.all();
        Some(within(task, &values, &weights, &at))
    };
    let tasks = request.tasks.iter().enumerate();
    let best = tasks.filter_map(score).fold(0.0, f64::max);
    let log = ladder.tokens(longest).max(1).ilog2();
    1 + 100 * (best * 1000.0).round() as i64 + i64::from(log)
}

/// What both limits leave to models, and what may be downloaded.
pub(super) fn budgets(limits: &Limits, request: &Request) -> Taken {
    let disk = request.disk.as_ref();
    [
        limits.gpu_budget().0,
        limits.physical_budget().0,
        disk.map_or(NO_LIMIT, |disk| disk.most_bytes.0),
    ]
}
