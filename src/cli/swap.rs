//! `planner swap`: to a plan that was kept by name.

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;

use super::apply;
use super::choices::Choices;
use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use super::studio::StudioArgs;
use crate::app::apply::{ApplyRequest, Goal};
use crate::app::{Workspace, plans};

const EXAMPLES: &str = "\
Examples:
  planner recommend --task agent --save day
  planner recommend --for office --save evening
  planner swap                         the plans that were kept
  planner swap evening                 what changes is shown, and asked for
  planner apply --undo                 back to what was loaded before";

/// Version of the shape of the list.
const SCHEMA: u32 = 1;

/// Arguments of `swap`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The name that `recommend --save` gave; the names there are when left out
    name: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
    /// Leave other models loaded, if they fit beside the plan
    #[arg(long)]
    keep_others: bool,
    /// Apply even where this machine has less memory than the plan counts on
    #[arg(long)]
    any_machine: bool,
    #[command(flatten)]
    choices: Choices,
    #[command(flatten)]
    studio: StudioArgs,
}

#[derive(Serialize)]
struct Names {
    schema: u32,
    plans: Vec<String>,
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let Some(name) = &args.name else {
        return list(output);
    };
    let request = ApplyRequest {
        options: args.choices.options(),
        dry_run: args.dry_run,
        keep_others: args.keep_others,
        any_machine: args.any_machine,
        studio: args.studio.choice(),
        ..ApplyRequest::to(Goal::Plan(plans::find(name)?))
    };
    apply::carry_out(workspace, &request, args.yes, output)
}

fn list(output: &Output) -> Result<Outcome> {
    let plans = plans::names()?;
    match (output.format, plans.as_slice()) {
        (Format::Json, _) => output.json(&Names {
            schema: SCHEMA,
            plans,
        })?,
        (Format::Text, []) => {
            output.note("no plan was kept; `planner recommend --save NAME` keeps one")
        }
        (Format::Text, plans) => output.text(&format!("{}\n", plans.join("\n")))?,
    }
    Ok(Outcome::Done)
}
