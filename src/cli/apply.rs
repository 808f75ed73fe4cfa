//! `planner apply`: brings what is loaded to a plan, step by verified step, and back on failure.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args as ClapArgs;

use super::choices::Choices;
use super::context::Format;
use super::interrupt;
use super::node_timeout::NodeTimeout;
use super::outcome::Outcome as Exit;
use super::output::Output;
use super::studio::StudioArgs;
use super::terminal::Terminal;
use crate::app;
use crate::app::Workspace;
use crate::app::apply::{ApplyRequest, Goal};
use crate::app::fleet;
use crate::app::fleet::{FleetApplyRequest, FleetGoal};
use crate::apply::document::Outcome;
use crate::{fault, report};

const EXAMPLES: &str = "\
Examples:
  planner apply plan.json --dry-run  what would be changed
  planner apply plan.json            shows it, asks, does it
  planner apply plan.json --yes      does it without asking
  planner apply --undo               loads again what was loaded before
  planner apply --resume             finishes one that was interrupted
  planner apply fleet-plan.json
      on every node of a fleet, over ssh; all go back if one fails

Exit codes: 0 the plan is loaded (or what was before, with --undo), or could be (--dry-run); 1 it failed
or was declined, and the last line says what is loaded, or it would not begin; 2 it could not start.";

/// Arguments of `apply`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(super) struct Args {
    /// A plan, saved with `planner recommend --out`; one of a fleet is applied on its nodes, over ssh
    #[arg(value_name = "PLAN", group = "what")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    how: How,
    /// Of a fleet's plan this node alone; may be repeated
    #[arg(long = "node", value_name = "NAME", requires = "plan")]
    nodes: Vec<String>,
    #[command(flatten)]
    patience: NodeTimeout,
    /// Finish an apply that was interrupted
    #[arg(long, group = "what")]
    resume: bool,
    /// Load again what was loaded before the last apply
    #[arg(long, group = "what")]
    undo: bool,
}

/// How a plan is applied, whatever names it.
#[derive(Debug, ClapArgs)]
pub(super) struct How {
    #[command(flatten)]
    choices: Choices,
    /// Do not ask
    #[arg(long, short = 'y')]
    yes: bool,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Leave other models loaded, if they fit beside the plan
    #[arg(long)]
    keep_others: bool,
    /// Apply even where this machine has less memory than the plan counts on
    #[arg(long)]
    any_machine: bool,
    #[command(flatten)]
    studio: StudioArgs,
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Exit> {
    if let Some(goal) = fleet_goal(args)? {
        return of_fleet(goal, args, workspace, output);
    }
    args.patience.only_for_fleets()?;
    if let Some(node) = args.nodes.first() {
        bail!(fault!(
            "`--node {node}` is for the plan of a fleet";
            "leave it out"
        ));
    }
    let goal = match &args.plan {
        _ if args.undo => Goal::Undo,
        _ if args.resume => Goal::Resume,
        Some(path) => Goal::Plan(path.clone()),
        None => bail!(fault!("no plan given"; "name one: `planner apply PLAN`")),
    };
    carry_out(workspace, goal, &args.how, output)
}

/// Where to go, where a fleet is meant: by its plan, or because the last apply was one to a fleet.
fn fleet_goal(args: &Args) -> Result<Option<FleetGoal>> {
    Ok(match &args.plan {
        Some(path) => fleet::is_plan(path).then(|| FleetGoal::Plan(path.clone())),
        None if !fleet::was_last()? => None,
        None if args.undo => Some(FleetGoal::Undo),
        None => Some(FleetGoal::Resume),
    })
}

/// Applies on the nodes of a fleet, and says what came of it.
fn of_fleet(goal: FleetGoal, args: &Args, workspace: &Workspace, output: &Output) -> Result<Exit> {
    let how = &args.how;
    if let FleetGoal::Plan(path) = &goal {
        how.studio.is_given_to_no_fleet(path)?;
    }
    let request = FleetApplyRequest {
        goal,
        options: how.choices.options(),
        dry_run: how.dry_run,
        keep_others: how.keep_others,
        any_machine: how.any_machine,
        nodes: args.nodes.clone(),
        node_timeout: args.patience.get(),
    };
    let terminal = Terminal::of(output).agreeing(how.yes);
    let stop = interrupt::switch()?;
    let report = fleet::apply(workspace, &request, &terminal, &stop)?;
    match output.format {
        Format::Json => output.json(&report)?,
        Format::Text => output.text(&report::fleet_apply::outcome(&report, &output.screen))?,
    }
    let well = report.nodes.iter().all(|node| node.error.is_none());
    Ok(exit(
        report.outcome,
        request.dry_run && well,
        request.goal == FleetGoal::Undo,
    ))
}

/// Done where it went where it was to go.
fn exit(outcome: Outcome, tried: bool, undo: bool) -> Exit {
    Exit::when(match outcome {
        Outcome::Unchanged | Outcome::Applied => true,
        Outcome::NotStarted => tried,
        Outcome::RolledBack => undo,
        Outcome::Stuck => false,
    })
}

/// Applies, and says what came of it.
pub(super) fn carry_out(
    workspace: &Workspace,
    goal: Goal,
    how: &How,
    output: &Output,
) -> Result<Exit> {
    let request = ApplyRequest {
        options: how.choices.options(),
        dry_run: how.dry_run,
        keep_others: how.keep_others,
        any_machine: how.any_machine,
        studio: how.studio.choice(),
        ..ApplyRequest::to(goal)
    };
    let terminal = Terminal::of(output).agreeing(how.yes);
    let stop = interrupt::switch()?;
    let report = app::apply(workspace, &request, &terminal, &stop)?;
    match output.format {
        Format::Json => output.json(&report)?,
        Format::Text => output.text(&report::apply::outcome(report.outcome, &output.screen))?,
    }
    Ok(exit(
        report.outcome,
        request.dry_run && report.error.is_none(),
        request.goal == Goal::Undo,
    ))
}
