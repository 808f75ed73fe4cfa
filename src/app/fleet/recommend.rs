//! The best models to keep loaded on the machines of a fleet.

use std::path::PathBuf;

use anyhow::Result;

use super::read;
use crate::app::workspace::Workspace;
use crate::edge::clock;
use crate::fleet;
use crate::fleet::{Asked, FleetPlan};
use crate::plan::request::Request;
use crate::scenario::Scenario;

/// What is asked of a fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetRequest {
    /// Its file.
    pub file: PathBuf,
    /// All tasks have to outlive the loss of any one node, not only those that its file names.
    pub survive: bool,
    /// What is asked for.
    pub request: Request,
}

/// The best models to keep loaded, and where.
///
/// # Errors
/// When the fleet, the catalog or a name of the request is not there, or can't be planned for.
pub fn recommend(workspace: &Workspace, asked: &FleetRequest) -> Result<FleetPlan> {
    let fleet = read(workspace, &asked.file)?;
    let catalog = workspace.models()?;
    let speed = workspace.speed_model()?;
    // Any machine stands in the base: each node puts its own there.
    let base = Scenario::new(catalog, &fleet.nodes[0].machine, speed, &asked.request);
    let survive = if asked.survive {
        Asked::All
    } else {
        Asked::Marked
    };
    Ok(fleet::recommend(&fleet, &base, survive, &clock::seconds)?)
}
