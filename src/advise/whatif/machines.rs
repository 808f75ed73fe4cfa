//! What each machine would give.

use crate::advise::whatif::document::{Loadout, MachineRow};
use crate::advise::whatif::loadout::{less, loadout};
use crate::machine::Machine;
use crate::memory::Engine;
use crate::memory::limits::Demand;
use crate::plan::document::Plan;
use crate::scenario::change::OnMachine;
use crate::scenario::error::RecommendError;
use crate::scenario::{Change, Prepared, Scenario, speed_on};
use crate::solve::Deadline;
use crate::speed::Figure;

/// The least memory first, then the slowest.
pub(super) fn by_size(machines: &[Machine]) -> Vec<&Machine> {
    let mut machines: Vec<&Machine> = machines.iter().collect();
    machines.sort_by(|a, b| {
        let speed = |m: &Machine| m.bandwidth().unwrap_or(0.0);
        let by_speed = speed(a).total_cmp(&speed(b));
        a.memory
            .cmp(&b.memory)
            .then(by_speed)
            .then_with(|| a.id.cmp(&b.id))
    });
    machines
}

pub(super) fn row(
    scenario: &Scenario<'_>,
    plan: &Plan,
    current: &Loadout,
    machine: &Machine,
    price: Option<f64>,
    deadline: Deadline<'_>,
) -> Result<MachineRow, RecommendError> {
    if deadline.passed() {
        return Err(RecommendError::OutOfTime);
    }
    let change = Change::Machine(OnMachine::Other(Box::new(machine.clone())));
    let there = change.apply(scenario)?;
    let prepared = Prepared::once(&there);
    let demand = plan.loadout.iter().map(|e| Demand {
        gpu: e.memory.gpu_total_bytes,
        total: e.memory.total_bytes,
    });
    let runs = |engine| engine != Engine::Mlx || machine.apple_silicon;
    let engines = plan.loadout.iter().all(|e| runs(e.engine));
    let speeds = plan.loadout.iter().map(|e| {
        let name = format!("{}/{}", e.model, e.variant);
        let (model, variant) = there.catalog.find(&name)?;
        speed_on(&there, model, variant?)
    });
    let speeds: Option<Vec<Figure>> = speeds.collect();
    let slowest = speeds.and_then(|speeds| {
        let by_low_end = |a: &Figure, b: &Figure| a.deciding().total_cmp(&b.deciding());
        speeds.into_iter().min_by(by_low_end)
    });
    let holds = prepared.limits.holds(demand.sum());
    let best = loadout(&prepared, prepared.best(deadline)?);
    Ok(MachineRow {
        id: machine.id.clone(),
        name: machine.name.clone(),
        memory_bytes: machine.memory,
        bandwidth_bytes_per_second: machine.bandwidth(),
        runs_the_loadout: !plan.loadout.is_empty() && engines && holds,
        slowest_tokens_per_second: slowest.as_ref().map(Figure::deciding),
        slowest: slowest.as_ref().map(Into::into),
        difference: less(&best, current),
        answer: best,
        price,
    })
}
