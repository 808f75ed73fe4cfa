//! `planner catalog`: what is known of models, and whether it holds together.

mod add;
mod list;

use anyhow::{Result, bail};
use clap::Subcommand;
use serde::Serialize;

use super::Outcome;
use super::context;
use super::context::{Common, Format};
use super::gaps;
use super::output::Output;
use crate::audit;
use crate::audit::Finding;
use crate::catalog::Catalog;
use crate::catalog::schema::Model;
use crate::machine::Profiles;
use crate::{report, suggest};

/// The commands under `catalog`.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Every model, with its size and what was measured
    List(list::ListArgs),
    /// Everything that is known of a model, and from whom
    Show {
        /// Id of the model
        model: String,
    },
    /// Write an entry from a model's own files, ready to be measured
    Add(add::AddArgs),
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
}

#[derive(Serialize)]
struct Findings<'a> {
    schema: u32,
    unexplained: usize,
    findings: &'a [Finding],
}

#[derive(Serialize)]
struct Models<'a> {
    schema: u32,
    models: &'a [Model],
}

/// Runs the command.
pub(super) fn run(command: &Command, common: &Common, output: &Output) -> Result<Outcome> {
    if let Command::Import(args) = command {
        return super::import::run(args, common, output);
    }
    let catalog = context::catalog(common)?;
    match command {
        Command::Import(_) => {}
        Command::List(args) => {
            let kept = args.keep(catalog)?;
            match output.format {
                Format::Json => output.json(&Models {
                    schema: 1,
                    models: &kept.models,
                })?,
                Format::Text => output.text(&report::catalog::list(&kept, &output.screen))?,
            }
            if kept.models.is_empty() {
                output.note("no model is like that; `planner catalog list` lists them all");
                return Ok(Outcome::No);
            }
        }
        Command::Show { model } => {
            let id = model.split('/').next().unwrap_or(model);
            let Some(found) = catalog.model(id) else {
                let near = suggest::nearest(id, catalog.models.iter().map(|m| m.id.as_str()));
                bail!(
                    "no model is called `{id}`{}\nhint: `planner catalog list` shows them",
                    suggest::or_nothing(near.as_deref())
                );
            };
            match output.format {
                Format::Json => output.json(&Models {
                    schema: 1,
                    models: std::slice::from_ref(found),
                })?,
                Format::Text => output.text(&report::catalog::show(found, &output.screen))?,
            }
        }
        Command::Add(args) => return add::run(args, &catalog, output),
        Command::Check { all } => return check(&catalog, *all, output),
        Command::Gaps(args) => return gaps::run(args, common, output),
        Command::Model(args) => return gaps::model(args, &catalog, output),
    }
    Ok(Outcome::Done)
}

fn check(catalog: &Catalog, all: bool, output: &Output) -> Result<Outcome> {
    let profiles = Profiles::embedded()?;
    let findings = audit::check(catalog, &profiles.chips);
    let unexplained = findings.iter().filter(|f| f.explanation.is_none()).count();
    match output.format {
        Format::Json => output.json(&Findings {
            schema: 1,
            unexplained,
            findings: &findings,
        })?,
        Format::Text => output.text(&report::catalog::findings(&findings, all, &output.screen))?,
    }
    Ok(if unexplained == 0 {
        Outcome::Done
    } else {
        Outcome::No
    })
}
