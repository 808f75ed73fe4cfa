//! `recommend`: the best loadout for a mix of tasks.

use anyhow::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app;
use crate::app::unlisted::Unlisted;
use crate::app::{Effort, Engine, Silent, defaults, unlisted};
use crate::fault;
use crate::mcp::arguments::{Machine, Size};
use crate::mcp::bounds::{Agents, Models, Rate, Seconds, Tokens};
use crate::mcp::reply::{Reply, screen};
use crate::mcp::session::Session;
use crate::plan::Plan;
use crate::plan::request::{Demands, Request};
use crate::report;

/// Arguments of `recommend`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(in crate::mcp) struct Arguments {
    /// What the models are for, each with its weight against the others if not 1: `code`, `agent=2`,
    /// `chat`, `general`, `reasoning`, `long-form`, `quality`, `quick`, `constrained`, `vision`,
    /// `autocomplete`, `embedding`, or a file. The user's defaults when empty.
    tasks: Vec<String>,
    /// A mix of tasks instead: `coding`, `research`, `office`, or one of the user's own.
    mix: Option<String>,
    /// Models to keep loaded at once, at most; when left out 3, and one more for each of
    /// `autocomplete` and `embedding`.
    max_models: Option<Models>,
    /// A machine by its id (see `machines`); this machine when left out.
    machine: Option<String>,
    /// Another amount of memory than the machine has, with its unit: `256GiB`.
    memory: Option<Size>,
    /// The GPU's wired limit, with its unit: `480GiB`.
    wired_limit: Option<Size>,
    /// Memory to leave to the system and other applications, with its unit: `24GiB`.
    reserve: Option<Size>,
    /// A context for every model, in tokens; chosen when left out.
    context: Option<Tokens>,
    /// Tokens in the context of a typical turn; what each task's profile says when left out.
    depth: Option<Tokens>,
    /// Conversations at once.
    agents: Option<Agents>,
    /// Reasoning effort of every model that thinks; chosen for each task when left out.
    effort: Option<Effort>,
    /// Most seconds to the first token of a turn.
    max_first_token_seconds: Option<Seconds>,
    /// Most seconds of a turn.
    max_turn_seconds: Option<Seconds>,
    /// Slowest decode speed to accept, tokens per second.
    min_tokens_per_second: Option<Rate>,
    /// Only this engine.
    engine: Option<Engine>,
    /// Models or variants that must be loaded.
    pin: Vec<String>,
    /// Models or variants that must not be.
    exclude: Vec<String>,
    /// Models that the catalog does not have, judged with it: hf:OWNER/REPO[:QUANT], an address, a
    /// .gguf file or a folder.
    with: Vec<String>,
    /// Only what LM Studio has on disk: nothing to download.
    installed: bool,
    /// Download at most this, with its unit: `500GB`; what LM Studio has on disk is there already.
    disk: Option<Size>,
    /// What the plan is called in this session, for the other tools; when left out `plan`, or what the
    /// answer says.
    name: Option<String>,
    /// Also the list of every model that was rejected, with its reason.
    details: bool,
}

pub(in crate::mcp) fn call(session: &Session, given: &Arguments) -> Result<Reply> {
    let workspace = session.workspace.as_ref();
    let config = workspace.config();
    let with = Unlisted {
        models: given.with.clone(),
        scores: Vec::new(),
        endpoint: defaults::endpoint(config).to_owned(),
    };
    let with = unlisted::workspace(workspace, &with, &Silent)?;
    let there = with.as_ref().map_or(workspace, |joined| &joined.workspace);
    let machine = Machine {
        name: given.machine.as_ref(),
        memory: given.memory,
        wired_limit: given.wired_limit,
        reserve: given.reserve,
    };
    let machine = machine.choice(defaults::machine(config));
    let request = request(session, given)?;
    let mut plan = app::recommend(there, &machine, &request, &Silent)?;
    if let Some(joined) = with.as_ref().filter(|_| !plan.loadout.is_empty()) {
        joined.tell(&mut plan, &machine, &request)?;
    }
    let name = match &given.name {
        Some(name) => name.clone(),
        None => session.name_for(&plan)?,
    };
    let text = text(&plan, &name);
    if !plan.loadout.is_empty() {
        session.keep(&name, plan.clone());
    }
    if !given.details {
        plan.rejected.clear();
    }
    Reply::of(&plan, &text)
}

fn request(session: &Session, given: &Arguments) -> Result<Request> {
    let config = session.workspace.config();
    if !given.tasks.is_empty() && given.mix.is_some() {
        return Err(fault!(
            "`recommend` takes one of `tasks` and `mix`";
            "leave the other out"
        )
        .into());
    }
    let tasks = app::asked(&given.tasks, given.mix.as_deref(), config)?;
    let usual = defaults::request(config, tasks);
    let agents = given.agents.map(Agents::get).or(usual.agents);
    let mut request = Request {
        max_models: given
            .max_models
            .map_or(Ok(usual.max_models), |n| n.get().try_into())?,
        context: given.context.map(Tokens::get),
        depth: given.depth.map(Tokens::get).or(usual.depth),
        effort: given.effort,
        engine: given.engine.or(usual.engine),
        pins: given.pin.clone(),
        excludes: given.exclude.clone(),
        ..usual
    }
    .with_agents(agents)
    .demanding(Demands {
        min_tokens_per_second: given.min_tokens_per_second.map(Rate::get),
        max_first_token_seconds: given.max_first_token_seconds.map(Seconds::get),
        max_turn_seconds: given.max_turn_seconds.map(Seconds::get),
    });
    if given.installed {
        let studio = &session.options.studio;
        request.installed = Some(app::on_disk(&session.workspace, studio, &Silent)?.names());
    }
    if let Some(most) = given.disk {
        let studio = &session.options.studio;
        let limit = app::disk_limit(&session.workspace, most.0, studio, &Silent)?;
        request.disk = Some(limit);
    }
    Ok(request)
}

fn text(plan: &Plan, name: &str) -> String {
    let text = report::first::screen(plan, &screen(), None);
    if plan.loadout.is_empty() {
        return text;
    }
    format!(
        "{text}\nThis plan is `{name}` in this session: give that to `explain`, `whatif`, `status` or `apply`.\n"
    )
}
