//! `planner swap`: to a plan that was kept by name.

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;

use super::apply;
use super::apply::How;
use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use crate::app::apply::Goal;
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
    #[command(flatten)]
    how: How,
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
    apply::carry_out(workspace, Goal::Plan(plans::find(name)?), &args.how, output)
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
