//! `planner get`: downloads models into LM Studio's folder.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args as ClapArgs;

use super::context::Format;
use super::interrupt;
use super::node_timeout::NodeTimeout;
use super::outcome::Outcome;
use super::output::Output;
use super::terminal::Terminal;
use crate::app;
use crate::app::fleet;
use crate::app::get::GetRequest;
use crate::app::{HUB, Workspace};
use crate::download::document::GetOutcome;
use crate::units::Bytes;
use crate::{fault, report};

const EXAMPLES: &str = "\
Examples:
  planner get plan.json                       every model of a saved plan
  planner get qwen3-coder-next/gguf-q4_k_m    a variant of the catalog
  planner get hf:unsloth/GLM-4.6-GGUF:Q4_K_M  any model of a hub
  planner get plan.json --dry-run
      what would come, and whether the disk has room
  planner get plan.json --limit 20MB/s        leave some of the line to others
  planner get fleet-plan.json
      what each node of a fleet lacks, and the commands for it

A file has its name once it is whole and its hash is the hub's. What came stays, whatever ends the
command: the same command goes on from there.

Exit codes: 0 everything is here (--dry-run: there is room for it); 1 the disk has no room, it was
interrupted, or a node of a fleet lacks something; 2 bad input, or the hub or the disk failed.";

/// Arguments of `get`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A saved plan, a variant of the catalog (`model/variant`), or hf:OWNER/REPOSITORY[:QUANTIZATION]
    what: String,
    #[command(flatten)]
    patience: NodeTimeout,
    /// Only say what would be downloaded
    #[arg(long)]
    dry_run: bool,
    /// Bytes per second at most, such as 50MB/s
    #[arg(long, value_name = "SIZE/s", value_parser = speed_arg)]
    limit: Option<Bytes>,
    /// Connections at once at most
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=32))]
    connections: u32,
    /// The models folder; LM Studio's own when left out
    #[arg(long, value_name = "DIR")]
    models_folder: Option<PathBuf>,
    /// The hub, or a mirror of it; HF_TOKEN is sent to it alone
    #[arg(long, value_name = "URL", env = "HF_ENDPOINT", default_value = HUB)]
    endpoint: String,
}

/// Reads a speed for clap: `50MB/s`.
pub(super) fn speed_arg(text: &str) -> Result<Bytes, String> {
    let size = text
        .trim()
        .strip_suffix("/s")
        .and_then(|size| size.parse().ok());
    size.ok_or_else(|| "give a size per second, such as 50MB/s".to_owned())
}

/// What the nodes of a fleet lack: each downloads its own.
fn of_fleet(plan: &Path, args: &Args, output: &Output) -> Result<Outcome> {
    let given = args.limit.is_some() || args.models_folder.is_some();
    if given {
        bail!(fault!(
            "{} is the plan of a fleet, whose nodes download for themselves", plan.display();
            "leave `--limit` and `--models-folder` out, and give them to `planner get` on the node"
        ));
    }
    let report = fleet::files(plan, args.patience.get())?;
    match output.format {
        Format::Json => output.json(&report)?,
        Format::Text => output.text(&report::fleet_get::text(&report, &output.screen))?,
    }
    Ok(Outcome::when(report.complete()))
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let path = Path::new(&args.what);
    if fleet::is_plan(path) {
        return of_fleet(path, args, output);
    }
    args.patience.only_for_fleets()?;
    let request = GetRequest {
        what: args.what.clone(),
        endpoint: args.endpoint.clone(),
        models_folder: args.models_folder.clone(),
        limit: args.limit,
        connections: args.connections,
        dry_run: args.dry_run,
    };
    let stop = interrupt::switch()?;
    let report = app::get(workspace, &request, &Terminal::of(output), &stop)?;
    match output.format {
        Format::Json => output.json(&report)?,
        Format::Text => output.text(&report::get::text(&report, &output.screen))?,
    }
    Ok(Outcome::when(matches!(
        report.outcome,
        GetOutcome::Done | GetOutcome::NotStarted
    )))
}
