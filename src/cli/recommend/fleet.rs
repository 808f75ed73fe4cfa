//! `planner recommend --fleet`: the same question of several machines.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::app::fleet::FleetRequest;
use crate::app::{Workspace, fleet, save};
use crate::cli::context::Format;
use crate::cli::outcome::Outcome;
use crate::cli::output::Output;
use crate::plan::request::Request;
use crate::report;

/// The fleet that is asked about.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Machine")]
pub(super) struct FleetArgs {
    /// The machines of this file in place of one (`planner fleet init` writes it): each model whole
    /// on one of them, or sharded over linked ones where none holds it; `--models` counts for each
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "machine", "memory", "macos", "wired_limit", "reserve", "machines", "pin", "pareto",
        "installed", "concurrent", "emit", "save", "alternatives", "explain",
    ])]
    fleet: Option<PathBuf>,
    /// Every task is still served when so many nodes of the fleet are lost: 1 can be planned for
    // What conflicts with `--fleet` lifts that it is required.
    #[arg(long, value_name = "N", requires = "fleet", conflicts_with_all = ["machine", "memory"], value_parser = clap::value_parser!(u8).range(1..=1))]
    survive: Option<u8>,
}

impl FleetArgs {
    /// Whether several machines are asked about.
    pub(super) const fn is_asked(&self) -> bool {
        self.fleet.is_some()
    }
}

/// Answers for a fleet.
pub(super) fn run(
    args: &FleetArgs,
    (request, details): (Request, bool),
    out: Option<&Path>,
    workspace: &Workspace,
    output: &Output,
) -> Result<Outcome> {
    let asked = FleetRequest {
        file: args.fleet.clone().unwrap_or_default(),
        survive: args.survive.is_some(),
        request,
    };
    let plan = fleet::recommend(workspace, &asked)?;
    match output.format {
        Format::Json => output.json(&plan)?,
        Format::Text => output.text(&report::fleet::text(&plan, &output.screen, details))?,
    }
    if let Some(path) = out {
        output.saved(&save::json(path, &plan)?);
    }
    Ok(Outcome::when(!plan.loadout.is_empty()))
}
