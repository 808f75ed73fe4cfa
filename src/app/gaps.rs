//! What to measure next.

use anyhow::Result;

use super::events::Events;
use super::machine::MachineChoice;
use super::patience::deadline;
use super::workspace::Workspace;
use crate::advise::gaps;
use crate::advise::gaps::Gaps;
use crate::plan::request::Request;
use crate::scenario::Scenario;

/// Ranks the measurements that could change a recommendation.
///
/// # Errors
/// As [`super::recommend`].
pub fn gaps(
    workspace: &Workspace,
    machine: &MachineChoice,
    request: &Request,
    _: &dyn Events,
) -> Result<Gaps> {
    let machine = machine.find(workspace.profiles())?;
    let catalog = workspace.models()?;
    let scenario = Scenario::new(catalog, &machine, workspace.speed_model()?, request);
    Ok(gaps::rank(&scenario, deadline(request.time_limit_seconds))?)
}
