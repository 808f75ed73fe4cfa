//! `planner catalog refresh`: exact sizes and digests from a model's hub.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::app;
use crate::app::catalog::RefreshRequest;
use crate::app::{HUB, Workspace};
use crate::cli::context::Format;
use crate::cli::outcome::Outcome;
use crate::cli::output::Output;
use crate::cli::terminal::Terminal;
use crate::report;

const EXAMPLES: &str = "\
Examples:
  planner catalog refresh qwen3-8b  what the hub's list of files would change
  planner catalog refresh qwen3-8b --write  enter it in your own catalog
  planner catalog refresh qwen3-8b --write --into catalog/qwen3-8b.toml";

/// Arguments of `catalog refresh`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct RefreshArgs {
    /// A model, or one of its variants
    model: String,
    /// Write what would change into your own catalog
    #[arg(long)]
    write: bool,
    /// Write it into the model's own catalog file instead, as in a checkout of planner
    #[arg(long, value_name = "FILE", requires = "write")]
    into: Option<PathBuf>,
    /// The hub, or a mirror of it
    #[arg(long, value_name = "URL", env = "HF_ENDPOINT", default_value = HUB)]
    endpoint: String,
}

/// Runs the command.
pub(super) fn run(args: &RefreshArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let request = RefreshRequest {
        model: args.model.clone(),
        endpoint: args.endpoint.clone(),
        write: args.write,
        into: args.into.clone(),
    };
    let found = app::catalog::refresh(workspace, &request, &Terminal::of(output))?;
    match output.format {
        Format::Json => output.json(&found)?,
        Format::Text => output.text(&report::catalog_refresh::text(&found, &output.screen))?,
    }
    if let Some(path) = &found.written {
        output.note(&format!("written to {path}"));
    }
    Ok(Outcome::Done)
}
