//! `explain`: why a plan says what it says.

use anyhow::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app;
use crate::app::{Demands, Effort, ExplainRequest, OtherWork, Silent};
use crate::mcp::bounds::{Agents, Rate, Seconds, Tokens};
use crate::mcp::reply::{Reply, screen};
use crate::mcp::session::Session;
use crate::report;

/// Arguments of `explain`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(in crate::mcp) struct Arguments {
    /// The plan: a name of this session, one that was saved, or a file; `plan` when left out.
    plan: Option<String>,
    /// A model or variant: why it does not serve.
    why_not: Option<String>,
    /// The plan solved again with so many tokens in the context of a turn.
    depth: Option<Tokens>,
    /// The plan solved again with so many conversations at once.
    agents: Option<Agents>,
    /// The plan solved again with this reasoning effort.
    effort: Option<Effort>,
    /// The plan solved again with at most so many seconds of a turn.
    max_turn_seconds: Option<Seconds>,
    /// The plan solved again with at most so many seconds to the first token.
    max_first_token_seconds: Option<Seconds>,
    /// The plan solved again with at least so many tokens per second.
    min_tokens_per_second: Option<Rate>,
    /// When to stop, in seconds, and say what was left undone; 20 when left out.
    time_limit_seconds: Option<Seconds>,
}

pub(in crate::mcp) fn call(session: &Session, given: &Arguments) -> Result<Reply> {
    let (_, plan) = session.plan(given.plan.as_deref())?;
    let request = ExplainRequest {
        why_not: given.why_not.clone(),
        time_limit: given.time_limit_seconds.map(Seconds::get),
        work: OtherWork {
            depth: given.depth.map(Tokens::get),
            agents: given.agents.map(Agents::get),
            effort: given.effort,
            demands: Demands {
                min_tokens_per_second: given.min_tokens_per_second.map(Rate::get),
                max_first_token_seconds: given.max_first_token_seconds.map(Seconds::get),
                max_turn_seconds: given.max_turn_seconds.map(Seconds::get),
            },
        },
    };
    let answer = app::explain(&session.workspace, &plan, &request, &Silent)?;
    Reply::of(&answer, &report::explain::text(&answer, &screen()))
}
