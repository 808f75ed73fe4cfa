//! How fast a model is on a machine, and how that is predicted.

use anyhow::Result;
use schemars::JsonSchema;
use serde::Serialize;

use super::machine::MachineChoice;
use super::names;
use super::workspace::Workspace;
use crate::speed::SpeedModel;
use crate::speed::answer::Speeds;
use crate::speed::fitting::Fitted;

/// Which speeds are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeedRequest {
    /// A model, or one of its variants: `model/variant`.
    pub model: String,
    /// The machine.
    pub machine: MachineChoice,
    /// Tokens in the context.
    pub depths: Vec<u32>,
    /// Streams at once.
    pub streams: Vec<u32>,
}

/// Tells how fast a model is, at each depth with each number of streams.
///
/// # Errors
/// When the model, variant or machine is not found.
pub fn speed(workspace: &Workspace, request: &SpeedRequest) -> Result<Speeds> {
    let machine = request.machine.find(workspace.profiles())?;
    let asked = names::variants(&request.model, workspace.models()?)?;
    let speed = workspace.speed_model()?;
    let mut rows = Vec::new();
    for named in asked {
        for depth in &request.depths {
            let row = |streams: &u32| speed.row(named, &machine, *depth, *streams);
            rows.extend(request.streams.iter().map(row));
        }
    }
    Ok(Speeds {
        schema: 1,
        catalog_date: workspace.catalog_date().map(str::to_owned),
        machine: machine.id.clone(),
        rows,
    })
}

/// What `catalog model` answers.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Model")]
pub struct SpeedModelAnswer {
    /// Version of this shape.
    pub schema: u32,
    /// Constants, and errors on groups left out.
    #[serde(flatten)]
    pub fitted: Fitted,
}

/// The model of speeds as it was fitted to the shipped catalog.
///
/// # Errors
/// When its file is damaged, which a test rules out.
pub fn speed_model() -> Result<SpeedModelAnswer> {
    Ok(SpeedModelAnswer {
        schema: 2,
        fitted: SpeedModel::shipped()?,
    })
}

/// The model of speeds fitted to the catalog anew, with its errors: a minute's work.
///
/// # Errors
/// When the catalog can't be read.
pub fn fit_speed_model(workspace: &Workspace) -> Result<Fitted> {
    let chips = &workspace.profiles().chips;
    Ok(crate::speed::fitting::fit(workspace.catalog()?, chips))
}
