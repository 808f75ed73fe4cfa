//! `apply`: brings what is loaded to a plan, or back.

use std::collections::BTreeMap;

use anyhow::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app;
use crate::app::apply::{ApplyRequest, Goal};
use crate::emit::Options;
use crate::fault;
use crate::mcp::consent::{Agreed, Consent};
use crate::mcp::reply::{Reply, screen};
use crate::mcp::session::Session;
use crate::report;

/// Arguments of `apply`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(in crate::mcp) struct Arguments {
    /// The plan: a name of this session, one that was saved, or a file; `plan` when left out.
    plan: Option<String>,
    /// Load again what was loaded before the last apply, instead of a plan.
    undo: bool,
    /// Finish an apply that was interrupted, instead of a plan.
    resume: bool,
    /// Only say what would be done.
    dry_run: bool,
    /// Leave other models loaded, if they fit beside the plan.
    keep_others: bool,
    /// Apply even where this machine has less memory than the plan counts on.
    any_machine: bool,
    /// LM Studio's keys (`lms ls --json`) of models of the plan, by `model/variant`.
    keys: BTreeMap<String, String>,
}

/// What an apply came to.
pub(in crate::mcp) enum Outcome {
    /// It is done, or would not begin.
    Done(Result<Reply>),
    /// The user has to agree to this first.
    Asks(String),
}

/// Applies as far as was agreed to.
pub(in crate::mcp) fn call(session: &Session, given: &Arguments, agreed: &Agreed) -> Outcome {
    let consent = Consent::of(agreed);
    let reply = carry_out(session, given, &consent);
    match consent.open() {
        Some(question) => Outcome::Asks(question),
        None => Outcome::Done(reply),
    }
}

fn carry_out(session: &Session, given: &Arguments, consent: &Consent<'_>) -> Result<Reply> {
    let request = ApplyRequest {
        options: Options {
            keys: given.keys.clone(),
            ..Options::default()
        },
        dry_run: given.dry_run,
        keep_others: given.keep_others,
        any_machine: given.any_machine,
        studio: session.options.studio.clone(),
        ..ApplyRequest::to(goal(session, given)?)
    };
    let stop = &session.options.stop;
    let report = app::apply(&session.workspace, &request, consent, stop)?;
    let screen = screen();
    let mut text = report::apply::changes(&report.changes, &screen);
    text.push_str(&report::apply::outcome(report.outcome, &screen));
    for line in report.error.iter().chain(&report.hint) {
        text.push_str(&screen.fold("", "", line));
    }
    Reply::of(&report, &text)
}

fn goal(session: &Session, given: &Arguments) -> Result<Goal> {
    match (given.undo, given.resume, &given.plan) {
        (true, false, None) => Ok(Goal::Undo),
        (false, true, None) => Ok(Goal::Resume),
        (false, false, name) => {
            let (name, plan) = session.plan(name.as_deref())?;
            let plan = Box::new(plan);
            Ok(Goal::Made { name, plan })
        }
        _ => Err(fault!(
            "`apply` takes one of `plan`, `undo` and `resume`";
            "leave the others out"
        )
        .into()),
    }
}
