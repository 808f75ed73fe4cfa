//! `planner catalog gaps` and `planner catalog model`: what to measure next, and how well the rest
//! is predicted.

use anyhow::Result;
use clap::Args as ClapArgs;
use schemars::JsonSchema;
use serde::Serialize;

use super::Outcome;
use super::context;
use super::context::{Common, Format, MachineArgs};
use super::output::Output;
use super::recommend::weighted_tasks;
use crate::advise::gaps;
use crate::catalog::Catalog;
use crate::machine::Profiles;
use crate::plan::request::Request;
use crate::report;
use crate::speed;
use crate::speed::model::Fitted;
use crate::speed::{DepthClass, Predictor, SpeedClass, SpeedConstants, SpeedModel};

const EXAMPLES: &str = "\
Examples:
  planner catalog gaps --task code --machine m3-ultra-512gb
  planner catalog gaps --task code=2 --task general=1 --models 2
  planner catalog gaps --format json                   every variant (planner schema gaps)";

/// Arguments of `gaps`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A task, with its weight against the others: `code`, `code=2`; may be repeated
    #[arg(long = "task", value_name = "TASK[=WEIGHT]", default_value = "general")]
    tasks: Vec<String>,
    /// Models to keep loaded at once, at most
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=8))]
    models: u8,
    #[command(flatten)]
    machine: MachineArgs,
}

/// Arguments of `catalog model`.
#[derive(Debug, ClapArgs)]
pub(super) struct ModelArgs {
    /// Fit the model to the catalog anew and print its file, src/speed/fitted.json (a minute)
    #[arg(long)]
    fit: bool,
}

/// What `catalog model` answers.
#[derive(Serialize, JsonSchema)]
pub(super) struct Model {
    /// Version of this shape.
    schema: u32,
    /// What all classes share.
    constants: SpeedConstants,
    /// Time per layer and error, by class.
    classes: Vec<SpeedClass>,
    /// Share of the bandwidth that the KV cache is read at, by class.
    depth_classes: Vec<DepthClass>,
    /// The model of turns: decode at depth, prefill, streams; with its errors on groups left out.
    turns: Fitted,
}

/// Ranks what to measure next.
pub(super) fn run(args: &Args, common: &Common, output: &Output) -> Result<Outcome> {
    let tasks = weighted_tasks(&args.tasks)?;
    let profiles = Profiles::embedded()?;
    let machine = context::machine(&args.machine, &profiles)?;
    let catalog = context::catalog(common)?;
    let predictor = Predictor::fit(&catalog, &profiles.chips);
    let request = Request {
        max_models: usize::from(args.models),
        ..Request::new(tasks)
    };
    let gaps = gaps::rank(&catalog, &machine, &predictor, &request)?;
    match output.format {
        Format::Json => output.json(&gaps)?,
        Format::Text => output.text(&report::gaps::text(&gaps, &output.screen))?,
    }
    Ok(Outcome::Done)
}

/// Shows the speed model.
pub(super) fn model(args: &ModelArgs, catalog: &Catalog, output: &Output) -> Result<Outcome> {
    if args.fit {
        output.json(&speed::model::fit(catalog, &Profiles::embedded()?.chips))?;
        return Ok(Outcome::Done);
    }
    let predictor = Predictor::fit(catalog, &Profiles::embedded()?.chips);
    let (classes, depth_classes) = (predictor.classes(), predictor.depth_classes());
    let constants = predictor.constants();
    let turns = SpeedModel::shipped()?;
    match output.format {
        Format::Json => output.json(&Model {
            schema: 1,
            constants,
            classes,
            depth_classes,
            turns,
        })?,
        Format::Text => {
            output.text(&report::gaps::model(
                &constants,
                &classes,
                &depth_classes,
                &output.screen,
            ))?;
            output.text(&report::speed_model::text(&turns, &output.screen))?;
        }
    }
    Ok(Outcome::Done)
}
