//! From a fleet and a request to the provably best plan.

use std::collections::BTreeSet;

use crate::advise::entries_of;
use crate::basis::GENERATOR;
use crate::fault;
use crate::fleet::columns::{Loads, Machines, duties};
use crate::fleet::document::{
    FleetOptimality, FleetPlan, NotServed, NotServedWhy, Placements, PlannedNode, SCHEMA,
    ServableBy,
};
use crate::fleet::error::FleetError;
use crate::fleet::kind::Kind;
use crate::fleet::losses::losses;
use crate::fleet::node::{Fleet, Node};
use crate::fleet::place::{Ask, Columns as _, Division, Placed, Role, Sharing, place};
use crate::fleet::shard;
use crate::fleet::shard::{Given, Units};
use crate::memory::limits::Demand;
use crate::plan::advice::{Advice, of_loading_one};
use crate::plan::document::{Entry, MachineSummary, Memory, OptimalityStatus};
use crate::scenario::Scenario;
use crate::scenario::error::check_names;
use crate::scenario::problem::points;
use crate::solve::Deadline;
use crate::suggest;

use super::columns::Loaded;

/// Recommends what to keep loaded on which node. `base` is the scenario of the request, whose
/// machine is of no account; `survive` names the tasks that have to outlive the loss of a node
/// beside those that the fleet's file names, all of them where it is `All`. `now` as for a single
/// machine.
///
/// # Errors
/// When the request or the fleet names what does not exist, or asks for what can't be planned.
pub fn recommend(
    fleet: &Fleet,
    base: &Scenario<'_>,
    survive: Asked,
    now: &dyn Fn() -> f64,
) -> Result<FleetPlan, FleetError> {
    let request = &base.request;
    check_names(&base.catalog, request)?;
    let survives = surviving(fleet, base, survive)?;
    let started = now();
    let (kinds, of_node) = kinds(fleet);
    let loads = Loads::new(base, &kinds, fleet.nodes.len()).ok_or_else(|| {
        fault!(
            "so many tasks with so many conversations at once can't be divided among {} nodes", fleet.nodes.len();
            "plan fewer tasks at once, or fewer `--agents`"
        )
    })?;
    let units = Units::of(&Given {
        base,
        fleet,
        kinds: &kinds,
        of_node: &of_node,
        streams: &loads.unshared(),
    });
    let deadline = Deadline::after(now, request.time_limit_seconds);
    let machines = Machines::new(&loads, &units, deadline);
    let groupings = units.groupings.iter();
    let asks: Vec<Ask> = groupings
        .map(|(_, kinds)| loads.ask(kinds.clone(), survives.clone()))
        .collect();
    let mut division = place(&asks, &machines);
    division.proven &= !units.more;
    let seconds = now() - started;
    let placed = division.nodes.as_deref().unwrap_or_default();
    let mut loadout: Vec<Entry> = (units.nodes(division.ask).iter().zip(placed))
        .flat_map(|(unit, placed)| {
            let nodes: Vec<&Node> = unit.iter().map(|&n| &fleet.nodes[n]).collect();
            entries(&machines, &nodes, placed)
        })
        .collect();
    let number = |e: &Entry| {
        fleet
            .nodes
            .iter()
            .position(|n| e.node.as_ref() == Some(&n.name))
    };
    loadout.sort_by_key(number);
    let names: Vec<String> = fleet.nodes.iter().map(|n| n.name.clone()).collect();
    let nothing = division.nodes.is_none() && division.proven;
    // Counted once for nodes that are alike.
    let fitting: Vec<usize> = (0..kinds.len())
        .map(|kind| machines.fitting(kind))
        .collect();
    let whole: usize = of_node.iter().map(|&kind| fitting[kind]).sum();
    let candidates = whole + units.candidates();
    let tasks = request.tasks.iter().zip(&survives);
    Ok(FleetPlan {
        schema: SCHEMA,
        generator: GENERATOR.to_owned(),
        nodes: fleet
            .nodes
            .iter()
            .map(|node| planned(node, base, &loadout))
            .collect(),
        links: fleet.links.clone(),
        request: request.summary(),
        survive: tasks
            .filter(|(_, survives)| **survives)
            .map(|((task, _), _)| task.id.clone())
            .collect(),
        optimality: optimality(&division, &units, candidates, seconds),
        losses: losses(&names, &loadout),
        advice: of_loading_all(base, &loadout),
        infeasible: nothing.then(|| why(&asks[0], &machines, base, &names)),
        loadout,
    })
}

/// Which tasks have to outlive the loss of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Those that the fleet's file names.
    Marked,
    /// All.
    All,
}

fn surviving(fleet: &Fleet, base: &Scenario<'_>, survive: Asked) -> Result<Vec<bool>, FleetError> {
    let tasks = || base.request.tasks.iter().map(|(task, _)| task);
    let shipped = crate::task::embedded().unwrap_or_default();
    for id in &fleet.survive {
        let known = shipped.contains_key(id) || tasks().any(|task| task.id == *id);
        if !known {
            let ids = shipped.keys().map(String::as_str);
            let near = suggest::nearest(id, ids.chain(tasks().map(|t| t.id.as_str())));
            return Err(fault!(
                "`survive` of the fleet names the task `{id}`, which there is not{}", suggest::or_nothing(near.as_deref());
                "`planner tasks` lists them"
            )
            .into());
        }
    }
    let survives: Vec<bool> = tasks()
        .map(|task| survive == Asked::All || fleet.survive.contains(&task.id))
        .collect();
    if survives.contains(&true) && fleet.nodes.len() < 2 {
        return Err(fault!(
            "a fleet of one node, whose loss nothing outlives";
            "add a node, or leave `--survive` and `survive` out"
        )
        .into());
    }
    Ok(survives)
}

/// The kinds of nodes, and which each node is of.
fn kinds(fleet: &Fleet) -> (Vec<Kind>, Vec<usize>) {
    let mut kinds: Vec<Kind> = Vec::new();
    let of = |node: &Node| {
        let kind = Kind {
            machine: node.machine.clone(),
            engines: node.engines.clone(),
        };
        let known = kinds.iter().position(|k| *k == kind);
        known.unwrap_or_else(|| {
            kinds.push(kind);
            kinds.len() - 1
        })
    };
    let of_node = fleet.nodes.iter().map(of).collect();
    (kinds, of_node)
}

/// What to mind of loading the files, each once.
fn of_loading_all(base: &Scenario<'_>, loadout: &[Entry]) -> Vec<Advice> {
    let mut told: Vec<Advice> = Vec::new();
    // A shard's server is llama.cpp's own.
    for entry in loadout.iter().filter(|e| e.shards.is_empty()) {
        let model = base.catalog.model(&entry.model);
        let file = model.and_then(|m| Some((m, m.variant(&entry.variant)?)));
        told.extend(
            file.into_iter()
                .flat_map(|file| of_loading_one(&base.catalog, file, &entry.name)),
        );
    }
    let mut seen = BTreeSet::new();
    told.retain(|advice| seen.insert(advice.text.clone()));
    told
}

/// What a node keeps loaded, or several together.
fn entries(machines: &Machines<'_>, nodes: &[&Node], placed: &Placed<Loaded>) -> Vec<Entry> {
    let Some(column) = &placed.column else {
        return Vec::new();
    };
    let Some(prepared) = machines.prepared(column.set.at) else {
        return Vec::new();
    };
    let set = &column.set.solution;
    let mut servers = vec![None; placed.roles.len()];
    for (duty, server) in duties(&placed.roles).iter().zip(&set.servers) {
        servers[duty.task] = Some(*server);
    }
    let demand: Demand = prepared.members(set).iter().map(|c| c.demand).sum();
    assert!(
        prepared.limits.holds(demand),
        "the solver chose more than a node holds"
    );
    let tasks = prepared.scenario.request.tasks.iter().zip(&placed.roles);
    let stands_by: Vec<&String> = tasks
        .filter(|(_, role)| **role == Role::StandsBy)
        .map(|((task, _), _)| &task.id)
        .collect();
    let mut entries = entries_of(prepared, &set.items, &servers);
    for entry in &mut entries {
        entry.node = nodes.last().map(|node| node.name.clone());
        let tasks = std::mem::take(&mut entry.tasks);
        (entry.stands_by_for, entry.tasks) = tasks
            .into_iter()
            .partition(|task| stands_by.contains(&task));
        if let Some(way) = machines.way(column.set.at) {
            let order: Vec<&Node> = way.order.iter().map(|&n| nodes[n]).collect();
            shard::lay(entry, prepared, &order);
        }
    }
    entries
}

fn planned(node: &Node, base: &Scenario<'_>, loadout: &[Entry]) -> PlannedNode {
    let there = Scenario {
        machine: node.machine.clone(),
        ..base.clone()
    };
    let limits = there.limits();
    let own = loadout.iter().filter_map(|e| e.memory_on(&node.name));
    let totals = own.fold(Memory::default(), Memory::plus);
    let demand = Demand::from(&totals);
    PlannedNode {
        name: node.name.clone(),
        machine: MachineSummary::of(&node.machine),
        host: node.host.clone(),
        user: node.user.clone(),
        address: node.address.map(|a| a.to_string()),
        port: node.port,
        engines: node.engines.clone(),
        models: node.models.clone(),
        totals,
        binding: limits.binding(demand),
        headroom_bytes: limits.headroom(demand),
        limits,
    }
}

fn optimality(
    division: &Division<Loaded>,
    units: &Units<'_>,
    candidates: usize,
    seconds: f64,
) -> FleetOptimality {
    let placed = division.nodes.iter().flatten();
    let worth: i64 = placed.filter_map(|p| Some(p.column.as_ref()?.worth)).sum();
    let bound = division.bound.unwrap_or(worth).max(worth);
    let status = match (&division.nodes, division.proven) {
        (Some(_), true) => OptimalityStatus::Optimal,
        (Some(_), false) => OptimalityStatus::BestFound,
        (None, true) => OptimalityStatus::Infeasible,
        (None, false) => OptimalityStatus::NothingFound,
    };
    FleetOptimality {
        status,
        objective: points(worth),
        bound: points(bound),
        gap: points(bound - worth),
        placements: match units.groups.is_empty() {
            true => Placements::Whole,
            false => Placements::WholeOrSharded,
        },
        candidates,
        columns: division.columns,
        seconds,
    }
}

/// Why nothing serves all: which tasks no node can serve, or one alone, or not beside the others.
fn why(ask: &Ask, machines: &Machines<'_>, base: &Scenario<'_>, names: &[String]) -> NotServed {
    let free = vec![Sharing::default(); ask.tasks()];
    let serves = |kind: usize, task: usize| {
        ask.shares[task].iter().any(|&of| {
            let mut roles = vec![Role::None; ask.tasks()];
            roles[task] = Role::Serves { of };
            machines.solve(kind, &roles, &free).column.is_some()
        })
    };
    let by_task: Vec<ServableBy> = (0..ask.tasks())
        .map(|task| ServableBy {
            task: base.request.tasks[task].0.id.clone(),
            nodes: (names.iter().zip(&ask.nodes))
                .filter(|(_, kind)| serves(**kind, task))
                .map(|(name, _)| name.clone())
                .collect(),
        })
        .collect();
    let of = |why, keep: &dyn Fn(usize, &ServableBy) -> bool| {
        let tasks = by_task.iter().enumerate();
        let tasks: Vec<ServableBy> = tasks
            .filter(|(n, task)| keep(*n, task))
            .map(|(_, task)| task.clone())
            .collect();
        (!tasks.is_empty()).then_some(NotServed { why, tasks })
    };
    of(NotServedWhy::NoNode, &|_, task| task.nodes.is_empty())
        .or_else(|| {
            of(NotServedWhy::OneNode, &|n, task| {
                ask.survive[n] && task.nodes.len() == 1
            })
        })
        .unwrap_or(NotServed {
            why: NotServedWhy::NotTogether,
            tasks: by_task.clone(),
        })
}
