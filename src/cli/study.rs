//! `planner study`: models measured one after another, without somebody who watches.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args as ClapArgs, Subcommand};

use super::context::{Format, MachineArgs, TimeLimitArg};
use super::get::speed_arg;
use super::interrupt;
use super::outcome::Outcome;
use super::output::Output;
use super::report::{PAGE, save_report};
use super::studio::StudioArgs;
use super::terminal::Terminal;
use crate::app;
use crate::app::campaign::{NextRequest, Stop, StudyRequest};
use crate::app::report::ReportRequest;
use crate::app::studio::StudioChoice;
use crate::app::{HUB, Layers, Workspace, save};
use crate::campaign::{Stage, StudyRun};
use crate::plan::request::Request;
use crate::report;
use crate::report::study::Language;
use crate::units::Bytes;

const EXAMPLES: &str = "\
Examples:
  planner study run study.toml --dry-run    how far it is, and what comes next
  planner study run study.toml              asks once, then works through it
  planner study run study.toml --yes        in the night
  planner study run study.toml --again      those that failed, once more

A study.toml:
  variants = [\"qwen3-coder-next/gguf-q6_k\", \"qwen3-coder-next/gguf-q8_0\"]
  task = \"code\"                 # whose settings they are loaded with
  runs = 3                      # of the five standard tests
  depths = [0, 4096, 32768]     # tokens
  streams = [1, 2]              # requests at once
  quality = true                # small tasks with checks, as `bench --quality` asks them
  tasks = \"my-tasks\"            # a folder of your own, as `bench --tasks` takes one

For each: a plan within this machine's limits, the download, the load, the requests, their figures
into your catalog, and what was loaded before loaded again. What fails is kept with its reason, and
the next one comes. Ctrl-C, a kill or a restart end nothing: the same command goes on.

Exit codes: 0 every model was measured (--dry-run: can be); 1 one failed or can't be measured, or it
was interrupted; 2 bad input, no server, or what was loaded before can't be loaded again.";

const NEXT_EXAMPLES: &str = "\
Examples:
  planner study next --hours 8  what to measure tonight, for your own tasks
  planner study next --hours 8 --task code --download-speed 50MB/s
  planner study next --hours 8 --out study.toml
      then `planner study run study.toml`

Exit codes: 0 there is something to measure; 1 nothing could change the answer, or nothing fits; 2 bad
input.";

/// More is no evening.
const MOST_HOURS: f64 = 720.0;

/// Commands of `study`.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Download, load, measure and unload the models of a study, one after another
    Run(Box<RunArgs>),
    /// What to measure in so many hours: what could change the answer, and how long each takes
    Next(Box<NextArgs>),
}

/// Arguments of `study next`.
#[derive(Debug, ClapArgs)]
#[command(after_help = NEXT_EXAMPLES)]
pub(super) struct NextArgs {
    /// Hours that it may take, downloads and loads among them
    #[arg(long, value_name = "HOURS", default_value = "8", value_parser = hours_arg)]
    hours: f64,
    /// A task, with its weight against the others: `code`, `code=2`; may be repeated
    #[arg(long = "task", value_name = "TASK[=WEIGHT]")]
    tasks: Vec<String>,
    /// A mix of tasks: coding, research, office, one of your own, or a file; your own defaults, else
    /// coding, when neither is given
    #[arg(long = "for", value_name = "MIX|FILE", conflicts_with = "tasks")]
    mix: Option<String>,
    /// Bytes per second of a download, such as 50MB/s; 25MB/s is assumed when left out
    #[arg(long, value_name = "SIZE/s", value_parser = speed_arg)]
    download_speed: Option<Bytes>,
    /// Write the study into this file, for `planner study run`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    time_limit: TimeLimitArg,
    #[command(flatten)]
    machine: MachineArgs,
}

/// Reads hours above zero, up to a month.
fn hours_arg(text: &str) -> Result<f64, String> {
    let hours = text.trim().trim_end_matches('h').trim_end().parse().ok();
    let hours = hours.filter(|h: &f64| h.is_finite() && *h > 0.0 && *h <= MOST_HOURS);
    hours.ok_or_else(|| "give hours above zero, up to 720, such as 8 or 0.5".to_owned())
}

/// Arguments of `study run`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct RunArgs {
    /// The study: variants, depths, streams
    study: PathBuf,
    /// A folder for the results and the report; `STUDY.results` beside the file when left out
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Do not ask
    #[arg(long, short = 'y')]
    yes: bool,
    /// Try those again that failed
    #[arg(long)]
    again: bool,
    /// Only say how far it is
    #[arg(long)]
    dry_run: bool,
    /// Address of LM Studio's server
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://localhost:1234/v1",
        help_heading = "LM Studio"
    )]
    base_url: String,
    #[command(flatten)]
    studio: StudioArgs,
    /// Bytes per second at most of a download, such as 50MB/s
    #[arg(long, value_name = "SIZE/s", value_parser = speed_arg, help_heading = "Downloads")]
    limit: Option<Bytes>,
    /// Connections at once at most of a download
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=32), help_heading = "Downloads")]
    connections: u32,
    /// The models folder; LM Studio's own when left out
    #[arg(long, value_name = "DIR", help_heading = "Downloads")]
    models_folder: Option<PathBuf>,
    /// The hub, or a mirror of it; HF_TOKEN is sent to it alone
    #[arg(long, value_name = "URL", env = "HF_ENDPOINT", default_value = HUB, help_heading = "Downloads")]
    endpoint: String,
    #[command(flatten)]
    machine: MachineArgs,
}

/// Says what to measure next, and keeps it where that was asked for.
fn next(args: &NextArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let tasks = app::asked(&args.tasks, args.mix.as_deref(), workspace.config())?;
    let asked = NextRequest {
        machine: args.machine.choice(),
        request: Request {
            time_limit_seconds: args.time_limit.time_limit,
            ..Request::new(tasks)
        },
        seconds: args.hours * 3600.0,
        download: args.download_speed,
        studio: StudioChoice::default(),
    };
    let study = app::campaign::next(workspace, &asked, &Terminal::of(output))?;
    match output.format {
        Format::Json => output.json(&study)?,
        Format::Text => output.text(&report::evening::text(&study, &output.screen))?,
    }
    let found = !study.measure.is_empty();
    if let Some(path) = args.out.as_ref().filter(|_| found) {
        output.saved(&save::bytes(path, study.file().as_bytes())?);
    }
    Ok(Outcome::when(found))
}

/// Runs the command.
pub(super) fn run(
    command: &Command,
    workspace: &Workspace,
    layers: Layers,
    output: &Output,
) -> Result<Outcome> {
    let args = match command {
        Command::Run(args) => args,
        Command::Next(args) => return next(args, workspace, output),
    };
    let studio = args.studio.choice();
    let request = StudyRequest {
        file: args.study.clone(),
        out: args.out.clone(),
        again: args.again,
        dry_run: args.dry_run,
        machine: args.machine.choice(),
        base_url: args.base_url.clone(),
        token: studio.token.clone(),
        studio,
        endpoint: args.endpoint.clone(),
        models_folder: args.models_folder.clone(),
        limit: args.limit,
        connections: args.connections,
    };
    let terminal = Terminal::of(output).agreeing(args.yes);
    let [step, all] = interrupt::switches()?;
    let stop = Stop {
        step: &step,
        all: &all,
    };
    let ran = app::campaign::run(workspace, &request, &terminal, stop)?;
    let done = ran.run;
    match output.format {
        Format::Json => output.json(&done)?,
        Format::Text => output.text(&report::campaign::text(&done, &output.screen))?,
    }
    // A run may have ended between its last model and the report.
    let folder = Path::new(&done.folder).join("report");
    let due = ran.worked || !(args.dry_run || save::is_there(&folder.join(PAGE)));
    if due && done.next().is_none() {
        tell(&done, &folder, args, layers, output)?;
    }
    Ok(Outcome::when(match args.dry_run {
        true => done.is_clear(),
        false => done.is_done(),
    }))
}

/// The report of a study that came to its end, from the catalog as it is by now.
fn tell(
    done: &StudyRun,
    folder: &Path,
    args: &RunArgs,
    layers: Layers,
    output: &Output,
) -> Result<()> {
    if done.variants.iter().all(|row| row.stage != Stage::Done) {
        return Ok(());
    }
    let request = ReportRequest {
        machine: args.machine.choice(),
        ..ReportRequest::default()
    };
    let study = app::report(&Workspace::new(layers)?, &request)?;
    save_report(&study, Language::English, folder, output)
}
