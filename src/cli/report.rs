//! `planner report`: the figures of a campaign or of the whole catalog, for people to read.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args as ClapArgs, ValueEnum};

use super::context::{Format, MachineArgs};
use super::outcome::Outcome;
use super::output::Output;
use crate::app;
use crate::app::report::ReportRequest;
use crate::app::{Workspace, save};
use crate::fault;
use crate::report::study::{Language, render};
use crate::study::Study;

/// The page of a report.
pub(super) const PAGE: &str = "report.html";

const EXAMPLES: &str = "\
Examples:
  planner report --campaign llm-mac-512 --machine m3-ultra-512gb --out report
  planner report --campaign llm-mac-512 --machine m3-ultra-512gb --lang zh \\
      --out report-zh
  planner report --open               the page of this machine, in the browser
  planner report --machine m3-ultra-512gb --out .
      everything measured on this chip
  planner report --task code --task general
      on this machine; Markdown on standard output
  planner report --for coding --open  the page of a mix of tasks
  planner report --format json        the report's data (planner schema report)";

/// Arguments of `report`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Only what this study measured; else the whole catalog
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// The language of the report
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
    /// A folder for report.md and report.html; without it the Markdown goes to standard output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Open the page in the browser; without `--out` it is put into planner's own data folder
    #[arg(long)]
    open: bool,
    /// Recommend for this mix of tasks instead of the six usual scenarios; may be repeated
    #[arg(long = "task", value_name = "TASK[=WEIGHT]")]
    tasks: Vec<String>,
    /// Recommend for a mix: coding, research, office, one of your own, or a file
    #[arg(long = "for", value_name = "MIX|FILE", conflicts_with = "tasks")]
    mix: Option<String>,
    #[command(flatten)]
    machine: MachineArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// English
    En,
    /// Simplified Chinese (简体中文)
    Zh,
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let request = ReportRequest {
        campaign: args.campaign.clone(),
        tasks: args.tasks.clone(),
        mix: args.mix.clone(),
        machine: args.machine.choice(),
    };
    let study = app::report(workspace, &request)?;
    let language = match args.lang {
        Lang::En => Language::English,
        Lang::Zh => Language::Chinese,
    };
    let own = (args.open && args.out.is_none()).then(app::report_folder);
    if let Some(folder) = args.out.clone().or(own.transpose()?) {
        if output.format == Format::Json {
            output.json(&study)?;
        }
        save_report(&study, language, &folder, output)?;
        if args.open {
            app::open_page(&folder.join(PAGE))?;
        }
        return Ok(Outcome::Done);
    }
    match output.format {
        Format::Json => output.json(&study)?,
        Format::Text => output.text(&render(&study, language)?.markdown)?,
    }
    Ok(Outcome::Done)
}

/// Saves a report into a folder, as Markdown and as a page.
pub(super) fn save_report(
    study: &Study,
    language: Language,
    folder: &Path,
    output: &Output,
) -> Result<()> {
    let report = render(study, language)?;
    let files = [
        ("report.md".to_owned(), report.markdown.into_bytes()),
        (PAGE.to_owned(), report.html.into_bytes()),
    ];
    let saved = save::all(folder, &files).with_context(
        || fault!("can't write the report"; "give `--out` a folder that you can write into"),
    )?;
    saved.iter().for_each(|file| output.saved(file));
    Ok(())
}
