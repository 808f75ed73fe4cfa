//! `planner status` and `planner verify`: what is loaded, and whether it is what was planned.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args as ClapArgs;

use super::choices::Choices;
use super::context::Format;
use super::node_timeout::NodeTimeout;
use super::outcome::Outcome;
use super::output::Output;
use super::studio::StudioArgs;
use super::terminal::Terminal;
use crate::app;
use crate::app::fleet::StatusAsked;
use crate::app::{MachineChoice, Workspace, defaults, fleet, plan_file};
use crate::apply::document::StatusReport;
use crate::apply::promises::{Given, Promises};
use crate::plan::request::Request;
use crate::{fault, report};

const EXAMPLES: &str = "\
Examples:
  planner status                      what is loaded, and what memory is left
  planner status plan.json
      also what differs from the plan; exit code 1 on drift
  planner status plan.json --watch 5  again every five seconds
  planner status --score
      how good what is loaded is at your tasks, beside the best plan
  planner status --score --task code --task agent
  planner status --short              one line, for a menu bar
  planner status fleet-plan.json
      every node of a fleet, over ssh (fleet.toml: without a plan)

Exit codes: 0 read, and as planned where a plan was given; 1 something is not as planned, or a node of
a fleet is not reached; 2 bad input, or LM Studio can't be asked.";

const VERIFY_EXAMPLES: &str = "\
Examples:
  planner verify plan.json  exit code 1 on drift
  planner bench --plan plan.json --out result.json
  planner verify plan.json --bench result.json
      also speed, load time, memory, tests";

/// Arguments of `status`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A plan to compare with, saved with `planner recommend --out`; or a fleet's file
    #[arg(value_name = "PLAN")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    choices: Choices,
    #[command(flatten)]
    patience: NodeTimeout,
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
    if let Some(file) = args.plan.as_deref().filter(|p| fleet::is_meant(p)) {
        return of_fleet(file, args, workspace, output);
    }
    args.patience.only_for_fleets()?;
    let plan = args.plan.as_deref();
    let plan = plan.map(plan_file::read_loadout).transpose()?;
    let options = args.choices.options();
    let studio = args.studio.choice().open_running();
    if studio.is_err() && args.short && output.format == Format::Text {
        // A menu bar shows what goes to standard output alone.
        output.text("LM Studio can't be asked\n")?;
    }
    let studio = studio?;
    let asked = match args.score {
        true => Some(asked(args, workspace)?),
        false => None,
    };
    again(args, &|| {
        let mut report = app::status(workspace, &studio, plan.as_ref(), &options)?;
        if let Some((machine, request)) = &asked {
            let events = Terminal::of(output);
            let standing = app::standing(workspace, machine, request, &studio, &events)?;
            report.score = Some(standing);
        }
        cleared(args, output)?;
        match (args.short, output.format) {
            (true, Format::Text) => {
                output.text(&format!("{}\n", report::status_line(&report)))?;
                Ok(as_planned(&report))
            }
            _ => answer(&report, output),
        }
    })
}

/// Once, or until Ctrl-C where it is watched.
fn again(args: &Args, once: &dyn Fn() -> Result<Outcome>) -> Result<Outcome> {
    loop {
        let outcome = once()?;
        match args.watch {
            Some(seconds) => thread::sleep(Duration::from_secs(seconds)),
            None => return Ok(outcome),
        }
    }
}

/// What was shown before goes when there is something to show.
fn cleared(args: &Args, output: &Output) -> Result<()> {
    match args.watch.is_some() && output.format == Format::Text {
        true => output.bytes(b"\x1b[2J\x1b[H"),
        false => Ok(()),
    }
}

/// The nodes of a fleet.
fn of_fleet(file: &Path, args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    if args.score {
        bail!(fault!(
            "`--score` is for one machine, and {} is of a fleet", file.display();
            "leave it out; on a node, `planner status --score` scores what is loaded there"
        ));
    }
    args.studio.is_given_to_no_fleet(file)?;
    let asked = StatusAsked {
        options: args.choices.options(),
        node_timeout: args.patience.get(),
    };
    again(args, &|| {
        let report = app::fleet::status(workspace, file, &asked)?;
        cleared(args, output)?;
        match (args.short, output.format) {
            (_, Format::Json) => output.json(&report)?,
            (true, _) => output.text(&format!("{}\n", report::fleet_status::line(&report)))?,
            _ => output.text(&report::fleet_status::text(&report, &output.screen))?,
        }
        Ok(Outcome::when(
            report.nodes.iter().all(|n| n.state.is_well()),
        ))
    })
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
    let studio = args.studio.choice().open_running()?;
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
