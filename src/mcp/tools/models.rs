//! `models`: how good each model is for a task, and what it takes on a machine.

use anyhow::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app;
use crate::app::MachineChoice;
use crate::mcp::reply::{Reply, screen};
use crate::mcp::session::Session;
use crate::report;

/// The task where none is named.
const USUAL_TASK: &str = "code";

/// Arguments of `models`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(in crate::mcp) struct Arguments {
    /// The task: `code` (when left out), `agent`, `chat`, `general`, `reasoning`, `long-form`,
    /// `quality`, `quick`, `constrained`, or a profile file.
    task: Option<String>,
    /// A machine by its id: also the largest file that fits there, and the seconds of its turns.
    machine: Option<String>,
}

pub(in crate::mcp) fn call(session: &Session, given: &Arguments) -> Result<Reply> {
    let task = given.task.as_deref().unwrap_or(USUAL_TASK);
    let machine = given.machine.as_deref().map(MachineChoice::named);
    let ranking = app::rank(&session.workspace, task, machine.as_ref())?;
    Reply::of(&ranking, &report::rank::text(&ranking, &screen()))
}
