//! `whatif`: what a change would do to a plan.

use anyhow::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app;
use crate::app::unlisted::Unlisted;
use crate::app::{Effort, KvType, Silent, WhatIfRequest, defaults};
use crate::mcp::arguments::Size;
use crate::mcp::bounds::{Agents, Models, Seconds, Slots, Tokens};
use crate::mcp::reply::{Reply, screen};
use crate::mcp::session::Session;
use crate::report;

/// Arguments of `whatif`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(in crate::mcp) struct Arguments {
    /// The plan: a name of this session, one that was saved, or a file; `plan` when left out.
    plan: Option<String>,
    /// Other machines, by id.
    machines: Vec<String>,
    /// Other amounts of memory, with their unit: `256GiB`.
    memory: Vec<Size>,
    /// Other wired limits of the GPU, with their unit.
    wired_limit: Vec<Size>,
    /// Other amounts of memory left to the system, with their unit.
    reserve: Vec<Size>,
    /// Contexts for every model, in tokens.
    context: Vec<Tokens>,
    /// Other types of the KV cache, keys and values alike.
    kv_type: Vec<KvType>,
    /// Other depths of every turn, in tokens.
    depth: Vec<Tokens>,
    /// Other numbers of conversations at once.
    agents: Vec<Agents>,
    /// Other reasoning efforts.
    effort: Vec<Effort>,
    /// Other longest turns, in seconds.
    max_turn_seconds: Vec<Seconds>,
    /// Other longest waits for the first token, in seconds.
    max_first_token_seconds: Vec<Seconds>,
    /// Other numbers of slots.
    slots: Vec<Slots>,
    /// Other numbers of models at once.
    models: Vec<Models>,
    /// Models that the catalog does not have: hf:OWNER/REPO[:QUANT], an address, a .gguf file or a
    /// folder.
    with: Vec<String>,
    /// All changes at once; each alone when left out.
    together: bool,
    /// Compare every Mac too: which keeps this answer, and which is worth the step.
    compare_machines: bool,
    /// When to stop, in seconds, and say what was left undone; 20 when left out.
    time_limit_seconds: Option<Seconds>,
}

pub(in crate::mcp) fn call(session: &Session, given: &Arguments) -> Result<Reply> {
    let (_, plan) = session.plan(given.plan.as_deref())?;
    let bytes = |sizes: &[Size]| sizes.iter().map(|size| size.0).collect();
    let models = given.models.iter().map(|n| n.get().try_into());
    let request = WhatIfRequest {
        machines: given.machines.clone(),
        memory: bytes(&given.memory),
        wired_limit: bytes(&given.wired_limit),
        reserve: bytes(&given.reserve),
        context: given.context.iter().map(|n| n.get()).collect(),
        kv_type: given.kv_type.iter().map(|kind| (*kind, *kind)).collect(),
        depth: given.depth.iter().map(|n| n.get()).collect(),
        agents: given.agents.iter().map(|n| n.get()).collect(),
        effort: given.effort.clone(),
        max_turn: given.max_turn_seconds.iter().map(|s| s.get()).collect(),
        max_first_token: given
            .max_first_token_seconds
            .iter()
            .map(|s| s.get())
            .collect(),
        slots: given.slots.iter().map(|n| n.get()).collect(),
        models: models.collect::<Result<_, _>>()?,
        unlisted: Unlisted {
            models: given.with.clone(),
            scores: Vec::new(),
            endpoint: defaults::endpoint(session.workspace.config()).to_owned(),
        },
        together: given.together,
        compare_machines: given.compare_machines,
        time_limit: given.time_limit_seconds.map(Seconds::get),
        ..WhatIfRequest::default()
    };
    let answer = app::whatif(&session.workspace, &plan, &request, &Silent)?;
    let ask = |id: &str| format!("`recommend` with machine {id}");
    Reply::of(&answer, &report::whatif::text(&answer, &screen(), &ask))
}
