//! `planner doctor`: what stands between this machine and a plan that works.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args as ClapArgs;

use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use super::terminal::Terminal;
use crate::app::{Workspace, doctor};
use crate::report;

const EXAMPLES: &str = "\
Examples:
  planner doctor    LM Studio, engines, macOS, memory, disk, records, catalog
  planner doctor --bundle bundle.json
      what was read, to hand on: shown first, redacted
  planner doctor --from bundle.json
      what stands in the way on the machine of a bundle

Nothing is started and nothing is changed. Exit codes: 0 no problem (there may be warnings); 1 a
problem: no plan can be carried out as it is; 2 the file could not be read or written.";

/// Arguments of `doctor`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Write down what was read, for somebody elsewhere: names of people, devices, volumes and
    /// other programs are left out, names of models stay; shown first, and never over a file
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Judge what a bundle holds, in place of this machine
    #[arg(long, value_name = "FILE", conflicts_with = "bundle")]
    from: Option<PathBuf>,
    /// Write the bundle without asking
    #[arg(long, short = 'y', requires = "bundle")]
    yes: bool,
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let read = doctor::read(workspace, args.from.as_deref())?;
    let found = doctor::diagnose(&read);
    match output.format {
        Format::Json => output.json(&found)?,
        Format::Text => output.text(&report::doctor::diagnosis(&found, &output.screen))?,
    }
    if let Some(path) = &args.bundle {
        let terminal = Terminal::of(output).agreeing(args.yes);
        match doctor::bundle(&read, path, &terminal)? {
            Some(saved) => output.saved(&saved),
            None => output.note("nothing was written"),
        }
    }
    Ok(Outcome::when(!found.has_problems()))
}
