//! `planner catalog add`: a catalog entry from a model's own files, ready to be measured.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::app;
use crate::app::catalog::AddRequest;
use crate::app::{HUB, Workspace};
use crate::cli::outcome::Outcome;
use crate::cli::output::Output;
use crate::cli::terminal::Terminal;

/// Arguments of `catalog add`.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct AddArgs {
    /// A .gguf file, a folder with config.json and safetensors, or hf:OWNER/REPOSITORY[:QUANTIZATION]
    model: String,
    /// Id of the new model; from its name when left out
    #[arg(long, value_name = "ID", conflicts_with = "extends")]
    id: Option<String>,
    /// Add a variant to this model of the catalog instead
    #[arg(long, value_name = "MODEL")]
    extends: Option<String>,
    /// The file to write; one in your own catalog folder when left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The hub, or a mirror of it; HF_TOKEN is sent to it alone
    #[arg(long, value_name = "URL", env = "HF_ENDPOINT", default_value = HUB)]
    endpoint: String,
}

/// Runs the command.
pub(super) fn run(args: &AddArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let request = AddRequest {
        model: args.model.clone(),
        id: args.id.clone(),
        extends: args.extends.clone(),
        out: args.out.clone(),
        endpoint: args.endpoint.clone(),
    };
    let added = app::catalog::add(workspace, &request, &Terminal::of(output))?;
    output.text(&format!(
        "{} written to {}\n",
        added.variant,
        added.path.display()
    ))?;
    Ok(Outcome::Done)
}
