//! The plan of a fleet as files.

use std::path::Path;

use anyhow::Result;

use crate::app::emit::{Written, written};
use crate::emit::{NodeServer, fleet_artifacts};
use crate::fleet::FleetPlan;

/// Writes the files of a fleet's plan into a folder; an earlier one is kept beside it.
///
/// # Errors
/// When the plan can't be made into files, or the folder is another's or can't be written.
pub fn emit(plan: &FleetPlan, server: NodeServer, path: &Path) -> Result<Written> {
    written(path, fleet_artifacts(plan, server)?)
}
