//! How fast a model is on a machine, and how that is predicted.

use anyhow::{Result, bail};
use schemars::JsonSchema;
use serde::Serialize;

use super::fit::check_apart;
use super::machine::MachineChoice;
use super::names;
use super::workspace::Workspace;
use crate::catalog::full_name;
use crate::catalog::schema::{Model, Variant};
use crate::fault;
use crate::machine::Machine;
use crate::memory::limits::Limits;
use crate::memory::offload::Apart;
use crate::memory::{CpuExperts, Engine};
use crate::speed::SpeedModel;
use crate::speed::answer::Speeds;
use crate::speed::fitting::Fitted;
use crate::speed::speculation::gains;

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
    /// What of it lies in ordinary memory beside a card.
    pub apart: Apart,
}

/// Tells how fast a model is, at each depth with each number of streams.
///
/// # Errors
/// When the model, variant or machine is not found.
pub fn speed(workspace: &Workspace, request: &SpeedRequest) -> Result<Speeds> {
    let machine = request.machine.find(workspace.profiles())?;
    let asked = names::variants(&request.model, workspace.models()?)?;
    if asked.is_empty() {
        bail!(names::no_file(&request.model));
    }
    let speed = workspace.speed_model()?;
    let mut rows = Vec::new();
    let model = asked.first().map(|(model, _)| *model);
    let asked: Vec<_> = (asked.into_iter())
        .map(|named| (named, experts(request.apart, named, &machine)))
        .collect();
    // Of a model by its name the files that can be split are meant.
    let any = asked.iter().any(|(_, apart)| apart.is_ok());
    for (named, apart) in asked {
        let apart = match apart {
            Err(_) if any => continue,
            told => told?,
        };
        for depth in &request.depths {
            let row = |streams: &u32| speed.row(named, &machine, *depth, *streams, apart);
            rows.extend(request.streams.iter().map(row));
        }
    }
    // What LM Studio runs comes first.
    rows.sort_by_key(|r| r.elsewhere.is_some());
    let catalog = workspace.models()?;
    let drafting = model.map(|model| gains(catalog, model, &machine));
    Ok(Speeds {
        schema: 1,
        catalog_date: workspace.catalog_date().map(str::to_owned),
        machine: machine.id.clone(),
        budget_bytes: Limits::of(&machine).budget(),
        rows,
        drafting: drafting.unwrap_or_default(),
    })
}

/// The experts that lie in ordinary memory, where that was asked for.
fn experts(
    asked: Apart,
    (model, variant): (&Model, &Variant),
    machine: &Machine,
) -> Result<Option<CpuExperts>> {
    if asked == Apart::default() {
        return Ok(None);
    }
    check_apart(asked, machine)?;
    let arch = model.architecture.as_ref().filter(|a| a.experts.is_some());
    let Some(arch) = arch.filter(|_| variant.engine == Engine::LlamaCpp.id()) else {
        bail!(fault!(
            "{} has no experts that llama.cpp could leave to the processor", full_name(model, variant);
            "leave `--n-cpu-moe` out, or name a variant of a mixture for llama.cpp"
        ));
    };
    Ok(Some(CpuExperts {
        layers: asked.cpu_experts.min(arch.layers),
        of: arch.layers,
    }))
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
