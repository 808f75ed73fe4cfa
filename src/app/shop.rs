//! Which machine to have for what is asked.

use anyhow::Result;

use super::events::Events;
use super::machine;
use super::machine::MachineChoice;
use super::patience::deadline;
use super::whatif::prices;
use super::workspace::Workspace;
use crate::advise::whatif;
use crate::advise::whatif::{Shopping, WhatIf};
use crate::plan::request::Request;
use crate::scenario::Scenario;

/// Compares every machine that can be planned for: held against the one that is named, or against
/// this one where it is a Mac, or else against the best of them.
///
/// # Errors
/// When a machine or a name of the request is not there, or the solver fails.
pub fn shop(
    workspace: &Workspace,
    choice: &MachineChoice,
    request: &Request,
    given: &[(String, f64)],
    _: &dyn Events,
) -> Result<WhatIf> {
    let profiles = workspace.profiles();
    let shopping = Shopping {
        machines: machine::macs(profiles)?,
        prices: prices(&workspace.config().prices(), given, profiles)?,
    };
    let own = choice.find(profiles)?;
    let owned = choice.name.is_some() || own.is_mac();
    let scenario = Scenario::new(workspace.models()?, &own, workspace.speed_model()?, request);
    let deadline = deadline(request.time_limit_seconds);
    Ok(whatif::shop(&scenario, owned, &shopping, deadline)?)
}
