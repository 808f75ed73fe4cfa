//! What to measure next, and how speeds are predicted until then.

use anyhow::Result;
use schemars::JsonSchema;
use serde::Serialize;

use super::events::Events;
use super::machine::MachineChoice;
use super::workspace::Workspace;
use crate::advise::gaps;
use crate::advise::gaps::Gaps;
use crate::plan::request::Request;
use crate::speed::{DepthClass, SpeedClass, SpeedConstants};

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
    Ok(gaps::rank(
        catalog,
        &machine,
        workspace.predictor()?,
        request,
    )?)
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
        schema: 1,
        constants: predictor.constants(),
        classes: predictor.classes(),
        depth_classes: predictor.depth_classes(),
    })
}
