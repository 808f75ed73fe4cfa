//! What a change would do to a saved plan.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use super::events::Events;
use super::machine;
use super::on_disk::disk_limit;
use super::patience::deadline;
use super::studio::StudioChoice;
use super::unlisted;
use super::unlisted::Unlisted;
use super::workspace::Workspace;
use crate::advise::whatif;
use crate::advise::whatif::{How, Shopping, WhatIf, usual};
use crate::catalog::effort::Setting;
use crate::fault;
use crate::machine::{Machine, Macos, Profiles};
use crate::memory::KvType;
use crate::plan::Plan;
use crate::plan::disk::DiskLimit;
use crate::scenario::change::{OnChoice, OnFigures, OnMachine, OnSettings, OnWork};
use crate::scenario::new_model::NewModel;
use crate::scenario::{Change, Scenario, again};
use crate::units::Bytes;

/// The changes to try; the usual ones where none is given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WhatIfRequest {
    /// Other machines, by id or profile file.
    pub machines: Vec<String>,
    /// Other amounts of memory.
    pub memory: Vec<Bytes>,
    /// Other versions of macOS.
    pub macos: Vec<Macos>,
    /// Other limits of the GPU.
    pub wired_limit: Vec<Bytes>,
    /// Other amounts left to the system.
    pub reserve: Vec<Bytes>,
    /// Contexts for every model, in tokens.
    pub context: Vec<u32>,
    /// Other types of the KV cache, of keys and of values.
    pub kv_type: Vec<(KvType, KvType)>,
    /// Other depths of every turn, in tokens.
    pub depth: Vec<u32>,
    /// Other numbers of conversations at once.
    pub agents: Vec<u32>,
    /// Other reasoning efforts.
    pub effort: Vec<Setting>,
    /// Other longest waits for the first token of a turn, in seconds.
    pub max_first_token: Vec<f64>,
    /// Other longest turns, in seconds.
    pub max_turn: Vec<f64>,
    /// Other numbers of slots.
    pub slots: Vec<u32>,
    /// Other numbers of models at once.
    pub models: Vec<usize>,
    /// Other limits of what may be downloaded.
    pub disk: Vec<Bytes>,
    /// Models that no catalog has, by their figures.
    pub new: Vec<NewModel>,
    /// Models that no catalog has, by where their files are.
    pub unlisted: Unlisted,
    /// All changes at once; else each alone.
    pub together: bool,
    /// Compare every machine that can be planned for.
    pub compare_machines: bool,
    /// What machines cost, by their ids.
    pub prices: Vec<(String, f64)>,
    /// When to stop, in seconds; 20 where nothing is said.
    pub time_limit: Option<f64>,
}

/// Solves the plan again with each change.
///
/// # Errors
/// When a change names what is not there or is not possible, or the solver fails.
pub fn whatif(
    workspace: &Workspace,
    plan: &Plan,
    request: &WhatIfRequest,
    events: &dyn Events,
) -> Result<WhatIf> {
    let profiles = workspace.profiles();
    let catalog = workspace.models()?;
    let machine = again::machine(plan, &profiles.chips);
    let original = again::request(plan);
    let scenario = Scenario::new(catalog, &machine, workspace.speed_model()?, &original);
    let shopping = shopping(request, &workspace.config().prices(), profiles)?;
    let mut changes = changes(request, profiles, &machine)?;
    for most in &request.disk {
        let limit = match &original.disk {
            Some(known) => DiskLimit {
                most_bytes: *most,
                here: known.here.clone(),
            },
            None => disk_limit(workspace, *most, &StudioChoice::default(), events)?,
        };
        changes.push(Change::Choice(OnChoice::Disk(Some(limit))));
    }
    let unlisted = unlisted::entries(workspace, &request.unlisted, events)?.into_iter();
    changes.extend(unlisted.map(|entry| Change::Figures(OnFigures::Entry(Box::new(entry)))));
    if changes.is_empty() && shopping.machines.is_empty() {
        changes = usual(&scenario);
    }
    let how = if request.together {
        How::Together
    } else {
        How::Apart
    };
    let deadline = deadline(request.time_limit);
    let answer = whatif::whatif(&scenario, plan, &changes, how, &shopping, deadline);
    Ok(answer?)
}

fn changes(request: &WhatIfRequest, profiles: &Profiles, machine: &Machine) -> Result<Vec<Change>> {
    let contexts = request.context.iter();
    let contexts = contexts.map(|c| OnSettings::Context(Some(*c)));
    let kv_types = request.kv_type.iter();
    let kv_types = kv_types.map(|(k, v)| OnSettings::KvType(*k, *v));
    let slots = request.slots.iter().map(|n| OnSettings::Slots(*n));
    let depths = request.depth.iter().map(|n| OnWork::Depth(Some(*n)));
    let agents = request.agents.iter().map(|n| OnWork::Agents(Some(*n)));
    let efforts = request.effort.iter().map(|e| OnWork::Effort(Some(*e)));
    let first = request.max_first_token.iter();
    let turns = request.max_turn.iter();
    let waits = first
        .map(|s| OnChoice::LongestFirstToken(Some(*s)))
        .chain(turns.map(|s| OnChoice::LongestTurn(Some(*s))));
    let models = request.models.iter().map(|n| OnChoice::Models(*n));
    let new = request.new.iter().cloned().map(OnFigures::New);
    let settings = contexts.chain(kv_types).chain(slots);
    let on_machine = on_machine(request, profiles, machine)?.into_iter();
    Ok(on_machine
        .map(Change::Machine)
        .chain(settings.map(Change::Settings))
        .chain(depths.chain(agents).chain(efforts).map(Change::Work))
        .chain(waits.chain(models).map(Change::Choice))
        .chain(new.map(Change::Figures))
        .collect())
}

fn on_machine(
    request: &WhatIfRequest,
    profiles: &Profiles,
    machine: &Machine,
) -> Result<Vec<OnMachine>> {
    let mut changes = Vec::new();
    for name in &request.machines {
        let other = machine::named(name, profiles)?;
        changes.push(OnMachine::Other(Box::new(other)));
    }
    changes.extend(request.memory.iter().map(|b| OnMachine::Memory(*b)));
    for version in &request.macos {
        machine::check_macos(*version, machine, false)?;
        changes.push(OnMachine::Macos(*version));
    }
    for limit in &request.wired_limit {
        if *limit > machine.memory || machine.gpu_working_set.is_none() {
            bail!(fault!(
                "a GPU limit of {} is not possible on {} with {} of memory", limit.both(), machine.name, machine.memory.both();
                "give `--wired-limit` at most the memory of a Mac with Apple silicon"
            ));
        }
        changes.push(OnMachine::WiredLimit(*limit));
    }
    if let Some(bytes) = request.reserve.iter().find(|b| **b >= machine.memory) {
        bail!(fault!(
            "a reserve of {} leaves nothing of the machine's memory of {}", bytes.both(), machine.memory.both();
            "give a smaller `--reserve`, or leave it out"
        ));
    }
    changes.extend(request.reserve.iter().map(|b| OnMachine::Reserve(*b)));
    Ok(changes)
}

fn shopping(
    request: &WhatIfRequest,
    known: &[(String, f64)],
    profiles: &Profiles,
) -> Result<Shopping> {
    if !request.compare_machines {
        if let Some((id, _)) = request.prices.first() {
            bail!(
                fault!("the price of `{id}` is only shown where machines are compared"; "add `--machines`, or leave `--price` out")
            );
        }
        return Ok(Shopping::default());
    }
    Ok(Shopping {
        machines: machine::macs(profiles)?,
        prices: prices(known, &request.prices, profiles)?,
    })
}

/// Prices by the ids of machines, each of which is there; those that are given go before what the
/// user's defaults say.
pub(super) fn prices(
    known: &[(String, f64)],
    given: &[(String, f64)],
    profiles: &Profiles,
) -> Result<BTreeMap<String, f64>> {
    for (id, _) in given {
        profiles.machine(id)?;
    }
    Ok(known.iter().chain(given).cloned().collect())
}
