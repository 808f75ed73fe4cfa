//! `planner catalog export`: your own measurements, for others.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::app;
use crate::app::Workspace;
use crate::app::catalog::ExportRequest;
use crate::cli::context::Format;
use crate::cli::outcome::Outcome;
use crate::cli::output::Output;
use crate::cli::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  planner catalog export --mine  show it, ask, and write contribution.json
  planner catalog export --mine --out m3-ultra.json --yes

Only figures and names that the catalog itself has are in the file: no name of a person, a Mac or a
file, no path and no note. `planner schema contribution` lists every field. Others read it with
`planner catalog import`.";

/// Arguments of `catalog export`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ExportArgs {
    /// What you measured yourself: the rows with `own = true`
    #[arg(long, required = true)]
    mine: bool,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "contribution.json")]
    out: PathBuf,
    /// Agree beforehand
    #[arg(long)]
    yes: bool,
}

/// Runs the command.
pub(super) fn run(args: &ExportArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let request = ExportRequest {
        out: args.out.clone(),
    };
    let terminal = Terminal::of(output).agreeing(args.yes);
    let exported = app::catalog::export(workspace, &request, &terminal)?;
    if output.format == Format::Json {
        output.json(&exported)?;
    }
    if let Some(saved) = &exported.saved {
        output.saved(saved);
    }
    Ok(Outcome::when(!exported.contribution.rows.is_empty()))
}
