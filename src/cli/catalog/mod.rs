//! `planner catalog`: what is known of models, and whether it holds together.

mod add;
mod export;
mod list;
mod rank;
mod refresh;
mod update;

use anyhow::Result;
use clap::Subcommand;
use serde::Serialize;

use super::context::Format;
use super::gaps;
use super::outcome::Outcome;
use super::output::Output;
use crate::app;
use crate::app::Workspace;
use crate::catalog::schema::Model;
use crate::report;

/// Version of the shape of these lists.
const SCHEMA: u32 = 1;

/// The commands under `catalog`.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Every model, with its size and what was measured
    List(list::ListArgs),
    /// Every model by the quality to expect of it for a task, with its error
    Rank(rank::RankArgs),
    /// Everything that is known of a model, and from whom
    Show {
        /// Id of the model
        model: String,
    },
    /// Write an entry from a model's own files, ready to be measured
    Add(add::AddArgs),
    /// Take an entry of your own out of the catalog; its file is kept under another name
    Remove {
        /// Id of the model
        model: String,
    },
    /// Open an entry of your own in your editor, or add to a shipped one; and check it
    Edit {
        /// Id of the model
        model: String,
    },
    /// Find what cannot be true; exit 1 when a finding is not explained
    Check {
        /// Print the explained findings too
        #[arg(long)]
        all: bool,
    },
    /// Which measurements could change a recommendation, and by how much
    Gaps(Box<gaps::Args>),
    /// How speeds are predicted: the fitted classes with their errors
    Model(gaps::ModelArgs),
    /// Take in what other programs measured: llama-bench, mlx_lm.benchmark, LM Studio, ...
    Import(Box<super::import::Args>),
    /// Exact sizes and digests of a model's files, from its hub's own list
    Refresh(refresh::RefreshArgs),
    /// Write what you measured as one file for others, after showing it: figures alone
    Export(export::ExportArgs),
    /// Use a newer catalog, signed by a key that you trust; or go back to the one before
    Update(update::UpdateArgs),
    /// Write folders of catalog files as one file, to be signed and used with `update`
    Bundle(update::BundleArgs),
}

impl Command {
    /// Whether its answer rests on the catalog as a whole.
    pub(super) const fn answers(&self) -> bool {
        matches!(self, Self::Rank(_) | Self::Gaps(_))
    }
}

#[derive(Serialize)]
struct Models<'a> {
    schema: u32,
    models: &'a [Model],
}

/// Runs the command.
pub(super) fn run(command: &Command, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    match command {
        Command::Import(args) => super::import::run(args, workspace, output),
        Command::Refresh(args) => refresh::run(args, workspace, output),
        Command::Export(args) => export::run(args, workspace, output),
        Command::Update(args) => update::update(args, workspace, output),
        Command::Bundle(args) => update::bundle(args, workspace, output),
        Command::List(args) => list(args, workspace, output),
        Command::Show { model } => show(model, workspace, output),
        Command::Rank(args) => rank::run(args, workspace, output).map(|()| Outcome::Done),
        Command::Add(args) => add::run(args, workspace, output),
        Command::Remove { model } => remove(model, output),
        Command::Edit { model } => edit(model, workspace, output),
        Command::Check { all } => check(workspace, *all, output),
        Command::Gaps(args) => gaps::run(args, workspace, output),
        Command::Model(args) => gaps::model(args, workspace, output),
    }
}

fn list(args: &list::ListArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let kept = app::catalog::list(workspace, &args.request())?;
    match output.format {
        Format::Json => output.json(&Models {
            schema: SCHEMA,
            models: &kept.models,
        })?,
        Format::Text => output.text(&report::catalog::list(&kept, &output.screen))?,
    }
    if kept.models.is_empty() {
        output.note("no model is like that; `planner catalog list` lists them all");
    }
    Ok(Outcome::when(!kept.models.is_empty()))
}

fn show(model: &str, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let found = app::catalog::show(workspace, model)?;
    match output.format {
        Format::Json => output.json(&Models {
            schema: SCHEMA,
            models: std::slice::from_ref(found),
        })?,
        Format::Text => output.text(&report::catalog::show(found, &output.screen))?,
    }
    Ok(Outcome::Done)
}

fn remove(model: &str, output: &Output) -> Result<Outcome> {
    for (file, kept) in app::catalog::remove(model)? {
        output.note(&format!("{} is now {}", file.display(), kept.display()));
    }
    Ok(Outcome::Done)
}

fn edit(model: &str, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    match app::catalog::edit(workspace, model)? {
        Some(path) => output.note(&format!("saved to {}", path.display())),
        None => output.note("nothing was added, and no file was written"),
    }
    Ok(Outcome::Done)
}

fn check(workspace: &Workspace, all: bool, output: &Output) -> Result<Outcome> {
    let found = app::catalog::check(workspace)?;
    match output.format {
        Format::Json => output.json(&found)?,
        Format::Text => {
            let text = report::catalog::findings(&found.findings, all, &output.screen);
            output.text(&text)?;
        }
    }
    let whole = workspace.left_out().is_empty();
    Ok(Outcome::when(whole && found.unexplained == 0))
}
