//! What each machine would give, in order of rank, and what that comes to.

use std::collections::BTreeMap;

use crate::advise::unfinished::{Unfinished, in_time};
use crate::advise::whatif::document::{Loadout, MachineRow};
use crate::advise::whatif::held::Held;
use crate::advise::whatif::loadout::{less, loadout};
use crate::advise::whatif::rank;
use crate::advise::whatif::rank::Ranked;
use crate::machine::Machine;
use crate::scenario::change::OnMachine;
use crate::scenario::error::RecommendError;
use crate::scenario::{Change, Prepared, Scenario};
use crate::solve::Deadline;
use crate::speed::Figure;

/// What to try beside single changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shopping {
    /// Machines to compare.
    pub machines: Vec<Machine>,
    /// Prices that the user gave, by the machines' ids.
    pub prices: BTreeMap<String, f64>,
}

/// An answer that the machines are held against, and where it is from.
pub(super) struct Here<'a> {
    pub(super) id: &'a str,
    pub(super) current: &'a Loadout,
    pub(super) held: Held,
}

/// Every machine, held against an answer; where there is none, against the best of them all.
pub(super) fn compare(
    scenario: &Scenario<'_>,
    here: Option<&Here<'_>>,
    shopping: &Shopping,
    deadline: Deadline<'_>,
    unfinished: &mut Vec<Unfinished>,
) -> Result<Ranked, RecommendError> {
    let mut rows = Vec::new();
    for machine in in_order(&shopping.machines, here.map(|h| h.id)) {
        let price = shopping.prices.get(&machine.id).copied();
        let row = row(scenario, machine, price, deadline);
        let name = Unfinished::Machine {
            id: machine.id.clone(),
        };
        rows.extend(in_time(row, unfinished, name)?);
    }
    rank::sort(&mut rows);
    let best = match here {
        Some(_) => None,
        None => best_of(scenario, &rows, shopping, deadline)?,
    };
    let held = here.map(|h| &h.held).or(best.as_ref());
    let against = here.map(|h| (h.id.to_owned(), h.current.clone()));
    let against = against.or_else(|| rows.first().map(|r| (r.id.clone(), r.answer.clone())));
    for row in &mut rows {
        let machine = shopping.machines.iter().find(|m| m.id == row.id);
        if let (Some(machine), Some(held)) = (machine, held) {
            let kept = held.on(&on(scenario, machine)?);
            row.runs_the_loadout = kept.runs;
            row.keeps_the_answer = kept.keeps;
            row.slowest_tokens_per_second = kept.slowest.as_ref().map(Figure::deciding);
            row.slowest = kept.slowest.as_ref().map(Into::into);
        }
        row.difference = against.as_ref().and_then(|(_, now)| less(&row.answer, now));
    }
    Ok(rank::conclude(rows, against, here.is_some()))
}

/// The machine held against and the largest first, then from the least memory on: a time limit
/// leaves out those that are least asked for.
fn in_order<'m>(machines: &'m [Machine], own: Option<&str>) -> Vec<&'m Machine> {
    let largest = machines.iter().max_by_key(|m| m.memory).map(|m| &m.id);
    let mut all: Vec<&Machine> = machines.iter().collect();
    all.sort_by_key(|m| {
        let first = Some(m.id.as_str()) == own;
        (!first, Some(&m.id) != largest, m.memory)
    });
    all
}

fn on<'a>(scenario: &Scenario<'a>, machine: &Machine) -> Result<Scenario<'a>, RecommendError> {
    Change::Machine(OnMachine::Other(Box::new(machine.clone()))).apply(scenario)
}

fn row(
    scenario: &Scenario<'_>,
    machine: &Machine,
    price: Option<f64>,
    deadline: Deadline<'_>,
) -> Result<MachineRow, RecommendError> {
    if deadline.passed() {
        return Err(RecommendError::OutOfTime);
    }
    let there = on(scenario, machine)?;
    let prepared = Prepared::once(&there);
    Ok(MachineRow {
        id: machine.id.clone(),
        name: machine.name.clone(),
        memory_bytes: machine.memory,
        bandwidth_bytes_per_second: machine.bandwidth(),
        runs_the_loadout: false,
        keeps_the_answer: false,
        slowest_tokens_per_second: None,
        slowest: None,
        difference: None,
        answer: loadout(&prepared, prepared.best(deadline)?),
        price,
        beaten_by: None,
    })
}

/// The loadout of the first row; none where nothing fits on any machine.
fn best_of(
    scenario: &Scenario<'_>,
    rows: &[MachineRow],
    shopping: &Shopping,
    deadline: Deadline<'_>,
) -> Result<Option<Held>, RecommendError> {
    let first = rows.first().filter(|r| r.answer.objective.is_some());
    let machine = first.and_then(|r| shopping.machines.iter().find(|m| m.id == r.id));
    let Some(machine) = machine else {
        return Ok(None);
    };
    let there = on(scenario, machine)?;
    let prepared = Prepared::once(&there);
    let best = prepared.best(deadline)?;
    Ok(best.map(|best| Held::of_answer(&prepared, &best)))
}
