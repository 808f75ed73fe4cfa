//! `planner apply`: brings what is loaded to a plan, step by verified step, and back on failure.

mod checks;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};
use clap::Args as ClapArgs;

use super::context::Format;
use super::outcome::Outcome as Exit;
use super::output::Output;
use super::plan_file::Choices;
use super::progress::Progress;
use super::studio::{Open, StudioArgs};
use crate::app::{Workspace, plan_file};
use crate::apply::document::{ApplyReport, EstimateRow, NOT_PLANNED, Outcome, SCHEMA};
use crate::apply::{
    Difference, Instance, JOURNAL_SCHEMA, Journal, LoadTime, Phase, copy_of, difference, local_llms,
};
use crate::edge::converge::converge;
use crate::edge::journal;
use crate::edge::journal::Held;
use crate::edge::terminal;
use crate::fault;
use crate::plan::Plan;
use crate::report;
use checks::{confirmed, nothing_busy, room_for_others, this_machine_holds};

const EXAMPLES: &str = "\
Examples:
  planner apply plan.json --dry-run        what would be changed
  planner apply plan.json                  shows it, asks, does it
  planner apply plan.json --yes            does it without asking
  planner apply --undo                     loads again what was loaded before
  planner apply --resume                   finishes one that was interrupted

Exit codes: 0 the plan is loaded (or what was before, with --undo); 1 it failed or was declined, and
the last line says what is loaded; 2 it could not start.";

/// Arguments of `apply`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(super) struct Args {
    /// A plan, saved with `planner recommend --out`
    #[arg(value_name = "PLAN", group = "what")]
    plan: Option<PathBuf>,
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
    /// Finish an apply that was interrupted
    #[arg(long, group = "what")]
    resume: bool,
    /// Load again what was loaded before the last apply
    #[arg(long, group = "what")]
    undo: bool,
    #[command(flatten)]
    studio: StudioArgs,
}

/// An apply under way.
struct Run<'a> {
    open: Open,
    held: Option<Held>,
    stop: std::sync::Arc<AtomicBool>,
    output: &'a Output,
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Exit> {
    let held = if args.dry_run {
        None
    } else {
        Some(hold(args, output)?)
    };
    let run = Run {
        open: args.studio.open(held.as_ref().map(Held::lock))?,
        held,
        stop: terminal::interruption()?,
        output,
    };
    let last = match &run.held {
        Some(held) => held.read()?,
        None => None,
    };
    if args.undo || args.resume {
        let Some(journal) = last else {
            bail!(fault!("there is no apply to go on with"; "start one with `planner apply PLAN`"));
        };
        return if args.undo {
            run.undo(journal)
        } else {
            run.resume(journal)
        };
    }
    if let Some(open) = last.filter(Journal::is_open) {
        bail!(fault!(
            "an apply of {} was interrupted", open.plan;
            "finish it with `planner apply --resume`, or take it back with `planner apply --undo`"
        ));
    }
    match &args.plan {
        Some(path) => run.fresh(path, args, workspace),
        None => bail!("no plan given"),
    }
}

/// Going on waits for a load that an interrupted apply left behind; a fresh one does not.
fn hold(args: &Args, output: &Output) -> Result<Held> {
    let mut told = false;
    journal::hold(&mut || {
        if !told && (args.undo || args.resume) {
            output.note("waiting for a load that is still under way");
        }
        told = true;
        args.undo || args.resume
    })
}

impl Run<'_> {
    fn fresh(&self, path: &Path, args: &Args, workspace: &Workspace) -> Result<Exit> {
        let plan = plan_file::read_loadout(path)?;
        if !args.any_machine && !args.studio.elsewhere() {
            this_machine_holds(&plan, workspace)?;
        }
        let options = args.choices.options();
        let (target, notes) = self.open.targets(&plan, &options)?;
        notes.iter().for_each(|n| self.output.note(n));
        let now = self
            .open
            .studio
            .loaded()
            .context("can't list what is loaded")?;
        let removable = |_: &str| !args.keep_others;
        let changes = difference(&now, &target, &removable);
        room_for_others(&plan, &changes, &now)?;
        let mut report = ApplyReport {
            schema: SCHEMA,
            outcome: Outcome::Unchanged,
            changes: changes.rows(NOT_PLANNED),
            estimates: self.estimates(&plan, &target, &changes)?,
            loads: Vec::new(),
            error: None,
        };
        self.show(&report)?;
        if changes.is_done() {
            return self.end(report);
        }
        nothing_busy(&changes, &now)?;
        report.outcome = Outcome::NotStarted;
        if args.dry_run || !confirmed(args.yes)? {
            self.end(report)?;
            return Ok(if args.dry_run { Exit::Done } else { Exit::No });
        }
        let journal = Journal {
            schema: JOURNAL_SCHEMA,
            phase: Phase::Applying,
            plan: path.display().to_string(),
            before: local_llms(&now).into_iter().map(Instance::of).collect(),
            target,
            keep_others: args.keep_others,
            loads: Vec::new(),
        };
        self.forward(journal, report)
    }

    fn resume(&self, journal: Journal) -> Result<Exit> {
        if !journal.is_open() {
            bail!(
                fault!("the last apply was not interrupted"; "start one with `planner apply PLAN`")
            );
        }
        let report = self.report_of(&journal, &journal.target, NOT_PLANNED)?;
        self.forward(journal, report)
    }

    fn undo(&self, journal: Journal) -> Result<Exit> {
        if journal.phase == Phase::RolledBack {
            bail!("the last apply was taken back already");
        }
        let mut report = self.report_of(&journal, &journal.before, "not loaded before")?;
        report.outcome = self.back(journal)?;
        let exit = if report.outcome == Outcome::RolledBack {
            Exit::Done
        } else {
            Exit::No
        };
        self.end(report)?;
        Ok(exit)
    }

    fn report_of(
        &self,
        journal: &Journal,
        target: &[Instance],
        foreign: &str,
    ) -> Result<ApplyReport> {
        let now = self
            .open
            .studio
            .loaded()
            .context("can't list what is loaded")?;
        let report = ApplyReport {
            schema: SCHEMA,
            outcome: Outcome::Unchanged,
            changes: difference(&now, target, &|name| of_target(journal, name)).rows(foreign),
            estimates: Vec::new(),
            loads: Vec::new(),
            error: None,
        };
        self.show(&report)?;
        Ok(report)
    }

    /// Applies; on failure goes back.
    fn forward(&self, mut journal: Journal, mut report: ApplyReport) -> Result<Exit> {
        self.turn(&mut journal, Phase::Applying)?;
        let progress = RefCell::new(Progress::new());
        let removable = |_: &str| !journal.keep_others;
        let came = converge(
            self.open.studio.as_ref(),
            &journal.target,
            &removable,
            &self.stop,
            &mut |event| progress.borrow_mut().show(event),
        );
        journal.loads.extend(progress.into_inner().loads());
        self.size(&mut journal.loads);
        report.loads.clone_from(&journal.loads);
        match came {
            Ok(()) => {
                self.turn(&mut journal, Phase::Applied)?;
                report.outcome = Outcome::Applied;
            }
            Err(stopped) => {
                self.output
                    .note(&format!("{stopped}; putting back what was loaded before"));
                report.error = Some(stopped.to_string());
                // From here on, a second Ctrl-C is an interruption of the way back.
                self.stop.store(false, Ordering::Relaxed);
                report.outcome = self.back(journal)?;
            }
        }
        self.end(report)
    }

    /// Adds the sizes of the files, as LM Studio lists them.
    fn size(&self, loads: &mut [LoadTime]) {
        // A list that can't be had leaves the sizes unknown.
        let now = self.open.studio.loaded().unwrap_or_default();
        for load in loads {
            let mut of_it = now.iter().filter(|l| l.state.identifier == load.identifier);
            load.files_bytes = of_it.next().map(|l| l.model.size_bytes);
        }
    }

    /// Brings back what was loaded before.
    fn back(&self, mut journal: Journal) -> Result<Outcome> {
        self.turn(&mut journal, Phase::RollingBack)?;
        let mut progress = Progress::new();
        let came = converge(
            self.open.studio.as_ref(),
            &journal.before,
            &|name| of_target(&journal, name),
            &self.stop,
            &mut |event| progress.show(event),
        );
        match came {
            Ok(()) => {
                self.turn(&mut journal, Phase::RolledBack)?;
                Ok(Outcome::RolledBack)
            }
            Err(stopped) => {
                self.output
                    .error(&fault!("{stopped}"; "`planner apply --undo` tries again").into());
                Ok(Outcome::Stuck)
            }
        }
    }

    fn turn(&self, journal: &mut Journal, phase: Phase) -> Result<()> {
        journal.phase = phase;
        match &self.held {
            Some(held) => held.write(journal),
            None => Ok(()),
        }
    }

    /// What LM Studio thinks of each load. It is told, and decides nothing: it is often far off.
    fn estimates(
        &self,
        plan: &Plan,
        target: &[Instance],
        changes: &Difference,
    ) -> Result<Vec<EstimateRow>> {
        let mut rows = Vec::new();
        for instance in target.iter().filter(|t| !changes.keep.contains(t)) {
            let ledger = plan
                .loadout
                .iter()
                .find(|e| e.identifier == instance.identifier || plan.loadout.len() == 1);
            if let (Some(entry), Some(estimate)) = (ledger, self.open.studio.estimate(instance)?) {
                rows.push(EstimateRow {
                    identifier: instance.identifier.clone(),
                    ledger_gpu_bytes: entry.memory.gpu_total_bytes,
                    estimate_gpu_bytes: estimate.gpu,
                    refused: !estimate.allowed,
                });
            }
        }
        Ok(rows)
    }

    fn show(&self, report: &ApplyReport) -> Result<()> {
        if self.output.format == Format::Json {
            return Ok(());
        }
        let screen = &self.output.screen;
        self.output
            .text(&report::apply::changes(&report.changes, screen))?;
        self.output
            .text(&report::apply::estimates(&report.estimates, screen))
    }

    fn end(&self, report: ApplyReport) -> Result<Exit> {
        match self.output.format {
            Format::Json => self.output.json(&report)?,
            Format::Text => self
                .output
                .text(&report::apply::outcome(report.outcome, &self.output.screen))?,
        }
        Ok(match report.outcome {
            Outcome::Unchanged | Outcome::Applied => Exit::Done,
            Outcome::NotStarted | Outcome::RolledBack | Outcome::Stuck => Exit::No,
        })
    }
}

/// Whether a loaded model is one that this apply may have loaded.
fn of_target(journal: &Journal, name: &str) -> bool {
    journal
        .target
        .iter()
        .any(|t| t.identifier == name || copy_of(name, &t.identifier) || copy_of(name, &t.key))
}
