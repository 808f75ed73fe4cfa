//! `planner catalog gaps` and `planner catalog model`: what to measure next, and how well the rest
//! is predicted.

use anyhow::Result;
use clap::Args as ClapArgs;

use super::context::{Format, MachineArgs, TimeLimitArg};
use super::counts;
use super::outcome::Outcome;
use super::output::Output;
use super::terminal::Terminal;
use crate::app;
use crate::app::Workspace;
use crate::plan::request::Request;
use crate::report;

const EXAMPLES: &str = "\
Examples:
  planner catalog gaps --task code --machine m3-ultra-512gb
  planner catalog gaps --task code=2 --task general=1 --models 2
  planner catalog gaps --format json  every variant (planner schema gaps)";

/// Arguments of `gaps`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A task, with its weight against the others: `code`, `code=2`; may be repeated
    #[arg(long = "task", value_name = "TASK[=WEIGHT]")]
    tasks: Vec<String>,
    /// A mix of tasks: coding, research, office, one of your own, or a file; your own defaults, else
    /// coding, when neither is given
    #[arg(long = "for", value_name = "MIX|FILE", conflicts_with = "tasks")]
    mix: Option<String>,
    /// Models to keep loaded at once, at most; 3 unless told, and one more for each of autocomplete and
    /// embedding
    #[arg(long, value_name = "N", value_parser = counts::models())]
    models: Option<u8>,
    #[command(flatten)]
    time_limit: TimeLimitArg,
    #[command(flatten)]
    machine: MachineArgs,
}

/// Ranks what to measure next.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let config = workspace.config();
    let usual = Request::new(app::asked(&args.tasks, args.mix.as_deref(), config)?);
    let request = Request {
        max_models: args.models.map_or(usual.max_models, usize::from),
        time_limit_seconds: args.time_limit.time_limit,
        ..usual
    };
    let machine = args.machine.choice();
    let gaps = app::gaps(workspace, &machine, &request, &Terminal::of(output))?;
    match output.format {
        Format::Json => output.json(&gaps)?,
        Format::Text => output.text(&report::gaps::text(&gaps, &output.screen))?,
    }
    Ok(Outcome::Done)
}

/// Arguments of `catalog model`.
#[derive(Debug, ClapArgs)]
pub(super) struct ModelArgs {
    /// Fit the model to the catalog anew and print its file, src/speed/fitted.json (a minute)
    #[arg(long)]
    fit: bool,
}

/// Shows the speed model.
pub(super) fn model(args: &ModelArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    if args.fit {
        output.json(&app::fit_speed_model(workspace)?)?;
        return Ok(Outcome::Done);
    }
    let model = app::speed_model()?;
    match output.format {
        Format::Json => output.json(&model)?,
        Format::Text => output.text(&report::speed_model::text(&model.fitted, &output.screen))?,
    }
    Ok(Outcome::Done)
}
