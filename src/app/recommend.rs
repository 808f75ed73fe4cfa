//! The best loadout for a mix of tasks.

use anyhow::Result;

use super::events::Events;
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
