//! `planner status` and `planner verify`: what is loaded, and whether it is what was planned.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use clap::Args as ClapArgs;

use super::choices::Choices;
use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use super::studio::StudioArgs;
use super::terminal::Terminal;
use crate::app;
use crate::app::{MachineChoice, Workspace, defaults, plan_file};
use crate::apply::document::StatusReport;
use crate::apply::promises::{Given, Promises};
use crate::plan::request::Request;
use crate::report;

const EXAMPLES: &str = "\
Examples:
  planner status                       what is loaded, and what memory is left
  planner status plan.json             also what differs from the plan; exit code 1 on drift
  planner status plan.json --watch 5   again every five seconds
  planner status --score               how good what is loaded is at your tasks, beside the best plan
  planner status --score --task code --task agent
  planner status --short               one line, for a menu bar";

const VERIFY_EXAMPLES: &str = "\
Examples:
  planner verify plan.json                             exit code 1 on drift
  planner bench --plan plan.json --out result.json
  planner verify plan.json --bench result.json         also speed, load time, memory, tests";

/// Arguments of `status`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A plan to compare with, saved with `planner recommend --out`
    #[arg(value_name = "PLAN")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    choices: Choices,
    /// One line, for menu bars and prompts
    #[arg(long)]
    short: bool,
    /// Score what is loaded for the tasks as a plan is scored, beside the best plan
    #[arg(long, conflicts_with_all = ["short", "watch"])]
    score: bool,
    /// A task to score for, with its weight against the others: `code`, `code=2`; may be repeated
    #[arg(long = "task", value_name = "TASK[=WEIGHT]", requires = "score")]
    tasks: Vec<String>,
    /// A mix of tasks to score for: coding, research, office, one of your own, or a file; your own
    /// defaults, else coding, when neither is given
    #[arg(
        long = "for",
        value_name = "MIX|FILE",
        requires = "score",
        conflicts_with = "tasks"
    )]
    mix: Option<String>,
    /// The machine that plans are for, by name or profile file; this machine when left out
    #[arg(long, value_name = "NAME|FILE", requires = "score")]
    machine: Option<String>,
    /// Show it again every so many seconds, until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5",
          value_parser = clap::value_parser!(u64).range(1..))]
    watch: Option<u64>,
    #[command(flatten)]
    studio: StudioArgs,
}

/// Arguments of `verify`.
#[derive(Debug, ClapArgs)]
#[command(after_help = VERIFY_EXAMPLES)]
pub(super) struct VerifyArgs {
    /// A plan, saved with `planner recommend --out`
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    #[command(flatten)]
    choices: Choices,
    /// Also check a result of `planner bench --plan PLAN --out FILE`: speed, load, memory, tests
    #[arg(long, value_name = "FILE")]
    bench: Option<PathBuf>,
    /// Slowest decode speed to accept, tokens per second; when left out, 90 % of a planned speed
    /// that was measured, and the low end of one that was predicted
    #[arg(long, value_name = "TPS", requires = "bench")]
    min_tps: Option<f64>,
    /// Longest load to accept, in seconds; when left out, 10 s and the weights read at 2 GB per
    /// second
    #[arg(long, value_name = "SECONDS", requires = "bench")]
    max_load: Option<f64>,
    #[command(flatten)]
    studio: StudioArgs,
}

/// Runs `status`.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let plan = args.plan.as_deref();
    let plan = plan.map(plan_file::read_loadout).transpose()?;
    let options = args.choices.options();
    let studio = args.studio.choice().open()?;
    let asked = match args.score {
        true => Some(asked(args, workspace)?),
        false => None,
    };
    loop {
        let mut report = app::status(workspace, &studio, plan.as_ref(), &options)?;
        if let Some((machine, request)) = &asked {
            let events = Terminal::of(output);
            let standing = app::standing(workspace, machine, request, &studio, &events)?;
            report.score = Some(standing);
        }
        if args.watch.is_some() && output.format == Format::Text {
            output.bytes(b"\x1b[2J\x1b[H")?;
        }
        let outcome = match (args.short, output.format) {
            (true, Format::Text) => {
                output.text(&format!("{}\n", report::status_line(&report)))?;
                as_planned(&report)
            }
            _ => answer(&report, output)?,
        };
        match args.watch {
            Some(seconds) => thread::sleep(Duration::from_secs(seconds)),
            None => return Ok(outcome),
        }
    }
}

impl Args {
    /// Whether it goes by the user's defaults: only a score does.
    pub(super) const fn needs_config(&self) -> bool {
        self.score
    }
}

/// What is loaded is scored for.
fn asked(args: &Args, workspace: &Workspace) -> Result<(MachineChoice, Request)> {
    let config = workspace.config();
    let tasks = app::asked(&args.tasks, args.mix.as_deref(), config)?;
    let machine = match &args.machine {
        Some(name) => MachineChoice::named(name),
        None => defaults::machine(config),
    };
    Ok((machine, defaults::request(config, tasks)))
}

/// Runs `verify`.
pub(super) fn verify(args: &VerifyArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let plan = plan_file::read_loadout(&args.plan)?;
    let options = args.choices.options();
    let studio = args.studio.choice().open()?;
    let given = Given {
        decode_tokens_per_second_min: args.min_tps,
        load_seconds_max: args.max_load,
    };
    let bench = args.bench.as_deref().map(|path| (path, given));
    answer(
        &app::verify(workspace, &studio, &plan, &options, bench)?,
        output,
    )
}

fn answer(report: &StatusReport, output: &Output) -> Result<Outcome> {
    match output.format {
        Format::Json => output.json(report)?,
        Format::Text => output.text(&report::apply::status(report, &output.screen))?,
    }
    Ok(as_planned(report))
}

fn as_planned(report: &StatusReport) -> Outcome {
    let drifted = report.drift.as_ref().is_some_and(|d| !d.is_empty());
    let kept = report.promises.iter().flatten().all(Promises::kept);
    Outcome::when(!drifted && kept)
}
