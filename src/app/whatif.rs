//! What a change would do to a saved plan.

use anyhow::{Result, bail};

use super::events::Events;
use super::machine;
use super::workspace::Workspace;
use crate::advise::whatif;
use crate::advise::whatif::{How, NewModel, Shopping, What, WhatIf, usual};
use crate::fault;
use crate::machine::{Machine, Profiles};
use crate::memory::KvType;
use crate::memory::limits::Limits;
use crate::plan::Plan;
use crate::scenario::again;
use crate::scenario::candidates::Setting;
use crate::units::Bytes;

/// The changes to try; the usual ones where none is given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WhatIfRequest {
    /// Other machines, by id or profile file.
    pub machines: Vec<String>,
    /// Other amounts of memory.
    pub memory: Vec<Bytes>,
    /// Other limits of the GPU.
    pub wired_limit: Vec<Bytes>,
    /// Other amounts left to the system.
    pub reserve: Vec<Bytes>,
    /// Contexts for every model, in tokens.
    pub context: Vec<u32>,
    /// Other types of the KV cache, of keys and of values.
    pub kv_type: Vec<(KvType, KvType)>,
    /// Other numbers of slots.
    pub slots: Vec<u32>,
    /// Other numbers of models at once.
    pub models: Vec<usize>,
    /// Models that no catalog has.
    pub new: Vec<NewModel>,
    /// All changes at once; else each alone.
    pub together: bool,
    /// Compare every machine that can be planned for.
    pub compare_machines: bool,
    /// What machines cost, by their ids.
    pub prices: Vec<(String, f64)>,
}

/// Solves the plan again with each change.
///
/// # Errors
/// When a change names what is not there or is not possible, or the solver fails.
pub fn whatif(
    workspace: &Workspace,
    plan: &Plan,
    request: &WhatIfRequest,
    _: &dyn Events,
) -> Result<WhatIf> {
    let profiles = workspace.profiles();
    let catalog = workspace.models()?;
    let machine = again::machine(plan, &profiles.chips);
    let original = again::request(plan);
    let setting = Setting {
        catalog,
        machine: &machine,
        limits: &Limits::of(&machine),
        predictor: workspace.predictor()?,
        request: &original,
    };
    let shopping = shopping(request, profiles)?;
    let mut changes = changes(request, profiles, &machine)?;
    if changes.is_empty() && shopping.machines.is_empty() {
        changes = usual(setting);
    }
    let how = if request.together {
        How::Together
    } else {
        How::Apart
    };
    Ok(whatif::whatif(setting, plan, &changes, how, &shopping)?)
}

fn changes(request: &WhatIfRequest, profiles: &Profiles, machine: &Machine) -> Result<Vec<What>> {
    let mut changes = Vec::new();
    for name in &request.machines {
        changes.push(What::Machine(Box::new(machine::named(name, profiles)?)));
    }
    changes.extend(request.memory.iter().map(|b| What::Memory(*b)));
    for limit in &request.wired_limit {
        if *limit > machine.memory || machine.gpu_working_set.is_none() {
            bail!(
                "--wired-limit {} is not possible on {} with {} of memory",
                limit.both(),
                machine.name,
                machine.memory.both()
            );
        }
        changes.push(What::WiredLimit(*limit));
    }
    if let Some(bytes) = request.reserve.iter().find(|b| **b >= machine.memory) {
        bail!(
            "--reserve {} leaves nothing of the machine's memory of {}",
            bytes.both(),
            machine.memory.both()
        );
    }
    changes.extend(request.reserve.iter().map(|b| What::Reserve(*b)));
    changes.extend(request.context.iter().map(|c| What::Context(*c)));
    changes.extend(request.kv_type.iter().map(|(k, v)| What::KvType(*k, *v)));
    changes.extend(request.slots.iter().map(|n| What::Slots(*n)));
    changes.extend(request.models.iter().map(|n| What::Models(*n)));
    changes.extend(request.new.iter().cloned().map(What::New));
    Ok(changes)
}

fn shopping(request: &WhatIfRequest, profiles: &Profiles) -> Result<Shopping> {
    for (id, _) in &request.prices {
        profiles.machine(id)?;
    }
    if !request.compare_machines {
        if let Some((id, _)) = request.prices.first() {
            bail!(fault!("`--price {id}=...` stands in the table of machines"; "add `--machines`"));
        }
        return Ok(Shopping::default());
    }
    Ok(Shopping {
        machines: machine::all(profiles)?,
        prices: request.prices.iter().cloned().collect(),
    })
}
