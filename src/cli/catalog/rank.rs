//! `planner catalog rank`: how good each model is for a task.

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::app::{self, MachineChoice, Workspace};
use crate::cli::context::Format;
use crate::cli::output::Output;
use crate::report;

const EXAMPLES: &str = "\
Examples:
  planner catalog rank --task code
      every model by its expected quality, on any computer
  planner catalog rank --task agent --machine m4-max-64gb";

/// Arguments of `catalog rank`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct RankArgs {
    /// The task, or a profile file
    #[arg(long, value_name = "TASK|FILE")]
    task: String,
    /// Also say what each model takes on this machine; models that do not fit are listed too
    #[arg(long, value_name = "NAME|FILE")]
    machine: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &RankArgs, workspace: &Workspace, output: &Output) -> Result<()> {
    let machine = args.machine.as_deref().map(MachineChoice::named);
    let ranking = app::rank(workspace, &args.task, machine.as_ref())?;
    match output.format {
        Format::Json => output.json(&ranking),
        Format::Text => output.text(&report::rank::text(&ranking, &output.screen)),
    }
}
