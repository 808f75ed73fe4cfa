//! Brings what is loaded to a plan, step by verified step, and back on failure.

pub(in crate::app) mod checks;
mod engines;
pub(in crate::app) mod known;
mod request;
mod run;
pub(in crate::app) mod steps;

pub use request::{ApplyRequest, Goal};

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};

use super::events::{Event, Events};
use super::plan_file;
use super::workspace::Workspace;
use crate::apply::Journal;
use crate::apply::document::ApplyReport;
use crate::edge::journal;
use crate::edge::journal::Held;
use crate::fault;
use crate::fault::Fault;
use crate::plan::Plan;
use run::Run;

/// Applies a plan, or goes on with the last apply, or takes it back. The changes are told before
/// consent is asked for. `stop` ends it before the next step; what was loaded is then put back.
///
/// # Errors
/// When it can't start: no plan, another apply at work, no such model, too little memory.
pub fn apply(
    workspace: &Workspace,
    request: &ApplyRequest,
    events: &dyn Events,
    stop: &AtomicBool,
) -> Result<ApplyReport> {
    // A plan that can't be carried out is refused before anything is opened.
    let plan = plan_of(workspace, &request.goal)?;
    let held = if request.dry_run {
        None
    } else {
        Some(hold(request, events, stop)?)
    };
    let last = match &held {
        Some(held) => last_apply(held, &request.goal, events)?,
        None => None,
    };
    let begin = || {
        request.studio.awake(events)?;
        anyhow::Ok(Run {
            open: request.studio.open_holding(held.as_ref().map(Held::lock))?,
            held,
            stop,
            events,
        })
    };
    match (&plan, last) {
        (Some((name, plan)), last) => {
            let run = begin()?;
            if let Some(open) = last.filter(Journal::is_open) {
                bail!(interrupted(&open.plan));
            }
            run.fresh((name, plan), request, workspace)
        }
        (None, None) => bail!(nothing_before(&request.goal)),
        (None, Some(last)) if request.goal == Goal::Undo => begin()?.undo(last),
        (None, Some(last)) => begin()?.resume(last),
    }
}

/// That there is no apply to go on with, or to take back.
fn nothing_before(goal: &Goal) -> Fault {
    let what = match goal {
        Goal::Undo => "no apply to take back",
        _ => "no interrupted apply to resume",
    };
    fault!("{what}"; "start one with `planner apply PLAN`")
}

/// That an apply of this plan is to be ended first, one way or the other.
pub(in crate::app) fn interrupted(plan: &str) -> Fault {
    fault!(
        "an apply of {plan} was interrupted";
        "finish it with `planner apply --resume`, or take it back with `planner apply --undo`"
    )
}

/// The plan of a goal that has one, and what it is called.
fn plan_of(workspace: &Workspace, goal: &Goal) -> Result<Option<(String, Plan)>> {
    match goal {
        Goal::Plan(path) => {
            let plan = plan_file::read_known_loadout(path, workspace.catalog()?)?;
            Ok(Some((path.display().to_string(), plan)))
        }
        Goal::Made { name, plan } if plan.loadout.is_empty() => bail!(fault!(
            "the plan `{name}` has no models: nothing fitted";
            "ask less of it, or plan for another machine"
        )),
        Goal::Made { name, plan } => Ok(Some((name.clone(), Plan::clone(plan)))),
        Goal::Resume | Goal::Undo => Ok(None),
    }
}

/// The last apply. What can't be read is set aside where a fresh apply needs nothing of it.
fn last_apply(held: &Held, goal: &Goal, events: &dyn Events) -> Result<Option<Journal>> {
    match held.read() {
        Err(_) if goal.is_fresh() => {
            let aside = held.set_aside()?;
            events.tell(Event::JournalSetAside(&aside));
            Ok(None)
        }
        read => read,
    }
}

/// Going on waits for a load that an interrupted apply left behind; a fresh one does not.
fn hold(request: &ApplyRequest, events: &dyn Events, stop: &AtomicBool) -> Result<Held> {
    let goes_on = !request.goal.is_fresh();
    let mut told = false;
    journal::hold(request.journal.as_deref(), &mut || {
        if !told && goes_on {
            events.tell(Event::WaitingForLoad);
        }
        told = true;
        goes_on && !stop.load(Ordering::Relaxed)
    })
}
