//! The best loadout for a mix of tasks.

use anyhow::Result;

use super::events::{Event, Events};
use super::machine::MachineChoice;
use super::workspace::Workspace;
use crate::advise;
use crate::edge::clock;
use crate::plan::Plan;
use crate::plan::request::Request;
use crate::scenario::Scenario;

/// The best models to keep loaded on this machine.
///
/// # Errors
/// When the machine, the catalog or a name of the request is not there, or the solver fails.
pub fn recommend(
    workspace: &Workspace,
    machine: &MachineChoice,
    request: &Request,
    _: &dyn Events,
) -> Result<Plan> {
    let machine = machine.find(workspace.profiles())?;
    let catalog = workspace.models()?;
    let speed = workspace.speed_model()?;
    let scenario = Scenario::new(catalog, &machine, speed, request);
    Ok(advise::recommend(&scenario, &clock::seconds)?)
}

/// The same for tasks that nobody named, of what is on the disk alone: where no plan serves all of
/// them, for those that a model there serves.
///
/// # Errors
/// As of [`recommend`].
pub fn recommend_installed(
    workspace: &Workspace,
    machine: &MachineChoice,
    request: &Request,
    events: &dyn Events,
) -> Result<Plan> {
    let plan = recommend(workspace, machine, request, events)?;
    if !plan.loadout.is_empty() {
        return Ok(plan);
    }
    let mut served = Vec::new();
    let mut unserved = Vec::new();
    for task in &request.tasks {
        let alone = Request {
            tasks: vec![task.clone()],
            ..request.clone()
        };
        match recommend(workspace, machine, &alone, events)?
            .loadout
            .is_empty()
        {
            true => unserved.push(task.0.id.clone()),
            false => served.push(task.clone()),
        }
    }
    if served.is_empty() || unserved.is_empty() {
        return Ok(plan);
    }
    events.tell(Event::Unserved(&unserved));
    let request = Request {
        tasks: served,
        ..request.clone()
    };
    recommend(workspace, machine, &request, events)
}
