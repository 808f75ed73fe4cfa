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
use crate::app;
use crate::app::{Workspace, plan_file};
use crate::apply::document::StatusReport;
use crate::apply::promises::{Given, Promises};
use crate::report;

const EXAMPLES: &str = "\
Examples:
  planner status                       what is loaded, and what memory is left
  planner status plan.json             also what differs from the plan; exit code 1 on drift
  planner status plan.json --watch 5   again every five seconds
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
    loop {
        let report = app::status(workspace, &studio, plan.as_ref(), &options)?;
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
