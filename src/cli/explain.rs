//! `planner explain`: why a saved plan says what it says, and what would change it.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args as ClapArgs;

use super::context::{Format, TimeLimitArg, WorkArgs};
use super::outcome::Outcome;
use super::output::Output;
use super::terminal::Terminal;
use crate::app;
use crate::app::{ExplainRequest, OtherWork, Workspace, fleet, plan_file};
use crate::{fault, report};

const EXAMPLES: &str = "\
Examples:
  planner recommend --task code --task general --out plan.json
  planner explain plan.json
  planner explain plan.json --why-not glm-4.6
  planner explain plan.json --why-not minimax-m2.1/gguf-q8_0 --format json
  planner explain plan.json --agents 3 --max-turn 60s
      of the answer for other turns";

/// Arguments of `explain`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A plan that `recommend --out` saved; one of a fleet is explained node by node
    plan: PathBuf,
    /// A model or model/variant: why it is not in the loadout, and what would bring it in
    #[arg(long, value_name = "MODEL")]
    why_not: Option<String>,
    #[command(flatten)]
    work: WorkArgs,
    #[command(flatten)]
    time_limit: TimeLimitArg,
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let request = ExplainRequest {
        why_not: args.why_not.clone(),
        time_limit: args.time_limit.time_limit,
        work: OtherWork {
            depth: args.work.depth,
            agents: args.work.agents,
            effort: args.work.effort,
            demands: args.work.demands(),
        },
    };
    if fleet::is_plan(&args.plan) {
        return of_fleet(args, &request, workspace, output);
    }
    let plan = plan_file::read_known(&args.plan, workspace.models()?)?;
    let answer = app::explain(workspace, &plan, &request, &Terminal::of(output))?;
    match output.format {
        Format::Json => output.json(&answer)?,
        Format::Text => output.text(&report::explain::text(&answer, &output.screen))?,
    }
    if request.work.any() {
        output.note("solved again with the turns that the flags say; the saved plan is as it was");
    }
    Ok(Outcome::Done)
}

/// Each node by itself: what it keeps, for the tasks that are its own.
fn of_fleet(
    args: &Args,
    request: &ExplainRequest,
    workspace: &Workspace,
    output: &Output,
) -> Result<Outcome> {
    if request.work.any() {
        bail!(fault!(
            "{} is the plan of a fleet, which other turns divide among the nodes anew", args.plan.display();
            "give the flags to `planner recommend --fleet`"
        ));
    }
    let answer = fleet::explain(workspace, &args.plan, request, &Terminal::of(output))?;
    match output.format {
        Format::Json => output.json(&answer)?,
        Format::Text => output.text(&report::fleet::explained(&answer, &output.screen))?,
    }
    Ok(Outcome::Done)
}
