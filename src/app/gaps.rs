//! What to measure next, and how speeds are predicted until then.

use anyhow::Result;
use schemars::JsonSchema;
use serde::Serialize;

use super::events::Events;
use super::machine::MachineChoice;
use super::patience::deadline;
use super::workspace::Workspace;
use crate::advise::gaps;
use crate::advise::gaps::Gaps;
use crate::plan::request::Request;
use crate::scenario::Scenario;
use crate::speed::{DepthClass, SpeedClass, SpeedConstants};

/// Version of the speed model's shape.
const SCHEMA: u32 = 1;

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
    let scenario = Scenario::new(catalog, &machine, workspace.predictor()?, request);
    Ok(gaps::rank(&scenario, deadline(request.time_limit_seconds))?)
}

/// What `catalog model` answers.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Model")]
pub struct SpeedModel {
    /// Version of this shape.
    pub schema: u32,
    /// What all classes share.
    pub constants: SpeedConstants,
    /// Time per layer and error, by class.
    pub classes: Vec<SpeedClass>,
    /// Share of the bandwidth that the KV cache is read at, by class.
    pub depth_classes: Vec<DepthClass>,
}

/// The model of speeds, as it was fitted to the catalog.
///
/// # Errors
/// When the catalog can't be read.
pub fn speed_model(workspace: &Workspace) -> Result<SpeedModel> {
    let predictor = workspace.predictor()?;
    Ok(SpeedModel {
        schema: SCHEMA,
        constants: predictor.constants(),
        classes: predictor.classes(),
        depth_classes: predictor.depth_classes(),
    })
}
