//! `status`: what is loaded, its memory, and what differs from a plan.

use anyhow::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app;
use crate::emit::Options;
use crate::mcp::reply::{Reply, screen};
use crate::mcp::session::Session;
use crate::report;

/// Arguments of `status`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(in crate::mcp) struct Arguments {
    /// The plan to compare with: a name of this session, one that was saved, or a file; none when
    /// left out.
    plan: Option<String>,
}

pub(in crate::mcp) fn call(session: &Session, given: &Arguments) -> Result<Reply> {
    let plan = given.plan.as_deref();
    let plan = plan.map(|name| session.plan(Some(name))).transpose()?;
    let plan = plan.as_ref().map(|(_, plan)| plan);
    let studio = session.options.studio.open_running()?;
    let report = app::status(&session.workspace, &studio, plan, &Options::default())?;
    Reply::of(&report, &report::apply::status(&report, &screen()))
}
