//! The program's own reference: JSON Schemas of its documents, and its manual pages.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args as ClapArgs, ValueEnum};
use serde::Serialize;

use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use crate::app::save;
use crate::fault;
use crate::suggest;

/// Version of the shape of the list of documents.
const SCHEMA: u32 = 1;

/// Documents with a schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Document {
    /// What `recommend --format json` prints and `--out` writes
    Plan,
    /// What `recommend --current` prints with `--format json`
    Current,
    /// What `recommend --fleet` prints with `--format json`, and `--out` writes
    FleetPlan,
    /// The file that says which machines a fleet has, `fleet.toml`
    Fleet,
    /// What `explain --format json` prints
    Explain,
    /// What `whatif --format json` prints
    Whatif,
    /// What `fit --format json` prints
    Fit,
    /// What `fit --installed` and a repository with several models print
    Survey,
    /// What `machines --format json` prints
    Machines,
    /// What `probe --format json` prints
    Probe,
    /// What `doctor --format json` prints
    Doctor,
    /// What `doctor --bundle` writes
    Bundle,
    /// What `report --format json` prints
    Report,
    /// What `catalog gaps --format json` prints
    Gaps,
    /// What `get --format json` prints
    Get,
    /// What `catalog rank --format json` prints
    Ranking,
    /// What `catalog model --format json` prints
    SpeedModel,
    /// What `speed --format json` prints
    Speed,
    /// What `bench --format json` prints and `--out` writes
    Bench,
    /// What `bench --quality` and `bench --tasks` print with `--format json`, and `--out` writes
    Quality,
    /// What `study run --format json` prints and keeps
    Study,
    /// What `study next --format json` prints
    StudyNext,
    /// What `catalog import --format json` prints
    Import,
    /// What `catalog refresh --format json` prints
    CatalogRefresh,
    /// What `catalog export` writes for others
    Contribution,
    /// What `catalog update --format json` prints
    CatalogUpdate,
    /// What `catalog bundle` writes
    CatalogBundle,
    /// What `apply --format json` prints
    Apply,
    /// What `status` and `verify` print with `--format json`
    Status,
    /// What `get` of a fleet's plan prints with `--format json`
    FleetFiles,
    /// What `explain` of a fleet's plan prints with `--format json`
    FleetExplain,
    /// What `apply` of a fleet's plan prints with `--format json`
    FleetApply,
    /// What `status` of a fleet prints with `--format json`
    FleetStatus,
    /// The list of files that `emit` writes beside them
    Manifest,
    /// What any command writes to standard error when it fails with `--format json`
    Error,
}

#[derive(Serialize)]
struct Documents {
    schema: u32,
    documents: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    about: String,
}

/// The schema of a document, or what documents there are.
pub(super) fn schema(document: Option<Document>, output: &Output) -> Result<Outcome> {
    let Some(document) = document else {
        return list(output);
    };
    let schema = match document {
        Document::Plan => schemars::schema_for!(crate::plan::Plan),
        Document::Current => schemars::schema_for!(crate::apply::current::Current),
        Document::FleetPlan => schemars::schema_for!(crate::fleet::FleetPlan),
        Document::Fleet => schemars::schema_for!(crate::fleet::file::FleetFile),
        Document::Explain => schemars::schema_for!(crate::advise::explain::Explanation),
        Document::Whatif => schemars::schema_for!(crate::advise::whatif::WhatIf),
        Document::Fit => schemars::schema_for!(crate::fit::Fit),
        Document::Survey => schemars::schema_for!(crate::fit::Survey),
        Document::Machines => schemars::schema_for!(crate::app::machine::Machines),
        Document::Probe => schemars::schema_for!(crate::app::machine::Probe),
        Document::Doctor => schemars::schema_for!(crate::doctor::Diagnosis),
        Document::Bundle => schemars::schema_for!(crate::doctor::Bundle),
        Document::Get => schemars::schema_for!(crate::download::document::GetReport),
        Document::Gaps => schemars::schema_for!(crate::advise::gaps::Gaps),
        Document::Ranking => schemars::schema_for!(crate::app::Ranking),
        Document::SpeedModel => schemars::schema_for!(crate::app::SpeedModelAnswer),
        Document::Report => schemars::schema_for!(crate::study::Study),
        Document::Study => schemars::schema_for!(crate::campaign::StudyRun),
        Document::StudyNext => schemars::schema_for!(crate::campaign::NextStudy),
        Document::Import => schemars::schema_for!(crate::import::document::Import),
        Document::CatalogRefresh => schemars::schema_for!(crate::catalog::refresh::Refresh),
        Document::Contribution => schemars::schema_for!(crate::import::contribution::Contribution),
        Document::CatalogUpdate => schemars::schema_for!(crate::catalog::update::Update),
        Document::CatalogBundle => schemars::schema_for!(crate::catalog::bundle::Bundle),
        Document::Speed => schemars::schema_for!(crate::app::Speeds),
        Document::Quality => schemars::schema_for!(crate::trial::TrialRun),
        Document::Bench => schemars::schema_for!(crate::measure::Bench),
        Document::Apply => schemars::schema_for!(crate::apply::document::ApplyReport),
        Document::Status => schemars::schema_for!(crate::apply::document::StatusReport),
        Document::FleetFiles => schemars::schema_for!(crate::apply::fleet::FleetFiles),
        Document::FleetExplain => schemars::schema_for!(crate::fleet::explain::FleetExplanation),
        Document::FleetApply => schemars::schema_for!(crate::apply::fleet::FleetApply),
        Document::FleetStatus => schemars::schema_for!(crate::apply::fleet::FleetStatus),
        Document::Error => schemars::schema_for!(super::output::ErrorReport),
        Document::Manifest => schemars::schema_for!(crate::emit::Manifest),
    };
    output.json(&schema).map(|()| Outcome::Done)
}

fn list(output: &Output) -> Result<Outcome> {
    let values = Document::value_variants().iter();
    let documents: Vec<Row> = values
        .filter_map(ValueEnum::to_possible_value)
        .map(|v| Row {
            name: v.get_name().to_owned(),
            about: v.get_help().map_or_else(String::new, ToString::to_string),
        })
        .collect();
    match output.format {
        Format::Json => output.json(&Documents {
            schema: SCHEMA,
            documents,
        })?,
        Format::Text => {
            let mut table = output.screen.table(&["Document", "What it is"]);
            for row in documents {
                table.add_row([row.name, row.about]);
            }
            output.text(&format!("{table}\nplanner schema DOCUMENT prints one\n"))?;
        }
    }
    Ok(Outcome::Done)
}

/// Arguments of `man`.
#[derive(Debug, ClapArgs)]
pub(super) struct ManArgs {
    /// The command, such as `recommend` or `catalog add`; planner itself when left out
    command: Vec<String>,
    /// Write the pages of all commands into this folder
    #[arg(long, alias = "dir", value_name = "DIR", conflicts_with = "command")]
    out: Option<PathBuf>,
}

/// One manual page, or all of them as files.
pub(super) fn man(mut whole: clap::Command, args: &ManArgs, output: &Output) -> Result<Outcome> {
    // Only a built command knows its full name.
    whole.build();
    if let Some(folder) = &args.out {
        let mut pages = Vec::new();
        collect(&whole, &mut pages)?;
        for saved in save::all(folder, &pages)? {
            if saved.backup.is_some() {
                output.saved(&saved);
            }
        }
        output.note(&format!(
            "{} pages written to {}",
            pages.len(),
            folder.display()
        ));
        return Ok(Outcome::Done);
    }
    let mut command = &whole;
    for name in &args.command {
        command = command.find_subcommand(name).with_context(|| {
            let near =
                suggest::nearest(name, command.get_subcommands().map(clap::Command::get_name));
            fault!(
                "unknown command of `{}`: `{name}`{}", command.get_name(), suggest::or_nothing(near.as_deref());
                "`planner --help` lists the commands"
            )
        })?;
    }
    let (_, page) = page(command)?;
    output.bytes(&page).map(|()| Outcome::Done)
}

fn collect(command: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    pages.push(page(command)?);
    let own = |c: &&clap::Command| c.get_name() != "help" && !c.is_hide_set();
    command
        .get_subcommands()
        .filter(own)
        .try_for_each(|c| collect(c, pages))
}

/// The name of a page's file, and the page.
fn page(command: &clap::Command) -> Result<(String, Vec<u8>)> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let page = clap_mangen::Man::new(command.clone());
    let file = page.get_filename();
    let mut bytes = Vec::new();
    page.render(&mut bytes)
        .with_context(|| format!("can't write the page of `{name}`"))?;
    Ok((file, bytes))
}
