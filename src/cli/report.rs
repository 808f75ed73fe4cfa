//! `planner report`: the figures of a campaign or of the whole catalog, for people to read.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args as ClapArgs, ValueEnum};

use super::context::{Format, MachineArgs};
use super::outcome::Outcome;
use super::output::Output;
use crate::app::{Workspace, tasks};
use crate::edge::files;
use crate::fault;
use crate::report::study::{Language, render};
use crate::study;
use crate::study::{Inputs, SCENARIOS, ScenarioRequest, Study};

const EXAMPLES: &str = "\
Examples:
  planner report --campaign llm-mac-512 --machine m3-ultra-512gb --out report
  planner report --campaign llm-mac-512 --machine m3-ultra-512gb --lang zh --out report-zh
  planner report --machine m3-ultra-512gb --out .      everything measured on this chip
  planner report --task code --task general            on this machine; Markdown on standard output
  planner report --format json                         the report's data (planner schema report)";

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
    /// Recommend for this mix of tasks instead of the six usual scenarios; may be repeated
    #[arg(long = "task", value_name = "TASK[=WEIGHT]")]
    tasks: Vec<String>,
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
    let study = gather(args, workspace)?;
    if study.measured.is_empty() {
        let campaign = args.campaign.as_deref();
        let within = campaign.map_or(String::new(), |c| format!(" in the campaign `{c}`"));
        bail!(fault!(
            "nothing was measured on the chip of {}{within}", study.machine.name;
            "name another machine with `--machine`; `planner machines` lists them"
        ));
    }
    let language = match args.lang {
        Lang::En => Language::English,
        Lang::Zh => Language::Chinese,
    };
    let report = render(&study, language)?;
    if let Some(folder) = &args.out {
        files::make_folder(folder).with_context(
            || fault!("can't write the report"; "give `--out` a folder that you can write into"),
        )?;
        let texts = [
            ("report.md", &report.markdown),
            ("report.html", &report.html),
        ];
        for (name, text) in texts {
            write(folder, name, text.as_bytes(), output)?;
        }
    }
    match output.format {
        Format::Json => output.json(&study)?,
        Format::Text if args.out.is_none() => output.text(&report.markdown)?,
        Format::Text => {}
    }
    Ok(Outcome::Done)
}

fn gather(args: &Args, workspace: &Workspace) -> Result<Study> {
    let profiles = workspace.profiles();
    let machine = args.machine.choice().find(profiles)?;
    let scenarios = scenarios(&args.tasks)?;
    Ok(study::gather(&Inputs {
        catalog: workspace.models()?,
        chips: &profiles.chips,
        machine: &machine,
        predictor: workspace.predictor()?,
        campaign: args.campaign.as_deref(),
        scenarios: &scenarios,
    })?)
}

/// The mix asked for, or the usual scenarios.
fn scenarios(asked: &[String]) -> Result<Vec<ScenarioRequest>> {
    if !asked.is_empty() {
        return Ok(vec![ScenarioRequest {
            id: "custom".to_owned(),
            tasks: tasks::weighted(asked)?,
            max_models: 3,
        }]);
    }
    SCENARIOS
        .iter()
        .map(|(id, names, max_models)| {
            let tasks = names.iter().map(|n| Ok((tasks::find(n)?, 1.0)));
            Ok(ScenarioRequest {
                id: (*id).to_owned(),
                tasks: tasks.collect::<Result<_>>()?,
                max_models: *max_models,
            })
        })
        .collect()
}

fn write(folder: &Path, name: &str, bytes: &[u8], output: &Output) -> Result<()> {
    let path = folder.join(name);
    let backup = files::write_backed_up(&path, bytes)
        .with_context(|| format!("can't save the report into {}", folder.display()))?;
    let kept = backup.map_or(String::new(), |b| {
        format!(" (the one before is {})", b.display())
    });
    output.note(&format!("saved {}{kept}", path.display()));
    Ok(())
}
