//! A scenario in whole numbers: what the solver sees.

use crate::memory::limits::{Demand, Limits};
use crate::plan::score::STEPS;
use crate::scenario::candidate::Candidate;
use crate::scenario::inputs::Scenario;
use crate::solve::{Item, Pin, Problem, Serves};

/// The longest context that a model gets which serves no task of the request.
const IDLE_CONTEXT: u32 = 65_536;

/// A score times the share of its task, in whole steps.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a number from 0 to 1 times 100,000"
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

/// The problem whose items are these candidates, each with what it takes and scores.
pub(super) fn problem<'c>(
    scenario: &Scenario<'_>,
    limits: &Limits,
    candidates: &'c [Candidate<'_>],
    price: impl Fn(&'c Candidate<'_>) -> Demand,
    scores: impl Fn(usize, &'c Candidate<'_>) -> Vec<Option<f64>>,
) -> Problem {
    let request = &scenario.request;
    let shares = request.shares();
    let items = candidates.iter().enumerate().map(|(n, c)| {
        let demand = price(c);
        let scores = scores(n, c);
        let shared = scores.iter().zip(&shares);
        Item {
            family: c.model_number,
            variant: c.variant_number,
            memory: [demand.gpu.0, demand.total.0],
            scores: shared
                .map(|(score, share)| score.map(|s| steps(s, *share)))
                .collect(),
            idle_worth: idle_worth(scenario, c),
        }
    });
    let pin = |name: &String, serves| Pin {
        items: (0..candidates.len())
            .filter(|&i| candidates[i].is_called(name))
            .collect(),
        serves,
    };
    let pins = request
        .pins
        .iter()
        .map(|name| pin(name, Serves::IfPossible));
    let must = scenario.must_serve.iter();
    let pins = pins.chain(must.map(|name| pin(name, Serves::Must)));
    Problem {
        items: items.collect(),
        budgets: budgets(limits),
        max_models: request.max_models,
        tasks: request.tasks.len(),
        pins: pins.collect(),
        sets: 1,
    }
}

/// What a candidate is worth that is pinned and serves nothing: its best score for a task of the
/// request, whatever the floors, in thousandths; then the longer context. Beyond [`IDLE_CONTEXT`]
/// it is worth less than any other.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a number from 0 to 1 times 1000"
)]
fn idle_worth(scenario: &Scenario<'_>, c: &Candidate<'_>) -> i64 {
    let request = &scenario.request;
    let context = c.settings.context;
    let pinned = request.pins.iter().any(|pin| c.is_called(pin));
    if !pinned || (context > IDLE_CONTEXT && request.context.is_none()) {
        return 0;
    }
    let tasks = request.tasks.iter().enumerate();
    let best = tasks
        .map(|(t, (task, _))| c.score(t, task).total)
        .fold(0.0, f64::max);
    1 + 100 * (best * 1000.0).round() as i64 + i64::from(context.max(1).ilog2())
}

/// What both limits leave to models.
pub(super) fn budgets(limits: &Limits) -> [u64; 2] {
    [limits.gpu_budget(), limits.physical_budget()].map(|bytes| bytes.0)
}
