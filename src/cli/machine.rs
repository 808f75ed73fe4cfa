//! `planner machines` and `planner probe`: the machines that can be planned for, and this one.

use anyhow::Result;
use clap::{Args as ClapArgs, Subcommand};

use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use crate::app::Workspace;
use crate::app::machine;
use crate::app::machine::{MachineFilter, Machines};
use crate::report;
use crate::units::Bytes;

const EXAMPLES: &str = "\
Examples:
  planner machines                     all of them
  planner machines m3 ultra            those whose id or name has both words
  planner machines --memory 128GiB
  planner machines show m3-ultra-512gb";

/// Arguments of `machines`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct ListArgs {
    #[command(subcommand)]
    show: Option<Show>,
    /// Only machines whose id or name has all of these words
    words: Vec<String>,
    /// Only machines with this much memory, such as 128GiB
    #[arg(long, value_name = "SIZE")]
    memory: Option<Bytes>,
}

#[derive(Debug, Subcommand)]
enum Show {
    /// All that is known of one machine, and from where
    Show {
        /// Its id, or a profile file
        machine: String,
    },
}

/// Lists the machines that can be planned for; a single one in full.
pub(super) fn list(args: &ListArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    if let Some(Show::Show { machine }) = &args.show {
        show(&machine::show(workspace, machine)?, output)?;
        return Ok(Outcome::Done);
    }
    let filter = MachineFilter {
        words: args.words.clone(),
        memory: args.memory,
    };
    let kept = machine::list(workspace, &filter);
    show(&kept, output)?;
    if kept.machines.is_empty() {
        output.note("no machine matches; `planner machines` lists them all");
    }
    Ok(Outcome::when(!kept.machines.is_empty()))
}

fn show(kept: &Machines, output: &Output) -> Result<()> {
    if output.format == Format::Json {
        return output.json(kept);
    }
    let machines = kept.resolved()?;
    let text = match (machines.as_slice(), kept.machines.as_slice()) {
        ([], _) => String::new(),
        ([machine], [profile]) => report::machine::one(machine, profile, &output.screen),
        _ => report::machine::list(&machines, &output.screen),
    };
    output.text(&text)
}

/// Reads this machine and says what it has.
pub(super) fn probe(workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let probe = machine::probe(workspace);
    match output.format {
        Format::Json => output.json(&probe)?,
        Format::Text => output.text(&report::machine::probe(
            &probe.reading,
            probe.machine.as_ref(),
            &output.screen,
        ))?,
    }
    Ok(Outcome::Done)
}
