//! `fit`: whether a model fits here, beside what runs, and up to which context.

use anyhow::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app;
use crate::app::fit::{Asked, FitAnswer, FitRequest};
use crate::app::{Apart, Demands, Engine, KvType, LoadSettings, Silent, defaults};
use crate::fault;
use crate::fit::{Fit, Survey};
use crate::mcp::arguments::{Machine, Size};
use crate::mcp::bounds::{Agents, Rate, Seconds, Slots, Tokens};
use crate::mcp::reply::{Reply, screen};
use crate::mcp::session::Session;
use crate::report;

/// Arguments of `fit`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(in crate::mcp) struct Arguments {
    /// A variant of the catalog (`model/variant`), a .gguf file, a folder with config.json and
    /// safetensors, hf:OWNER/REPO[:QUANT], or an address. One of `model` and `installed` is needed.
    model: Option<String>,
    /// Everything that LM Studio has on disk, a row each.
    installed: bool,
    /// Context in tokens; the model's own when left out.
    context: Option<Tokens>,
    /// Layers on a graphics card, the output matrix counted as one (llama.cpp's `-ngl`); the others are
    /// left to the processor; all when left out.
    gpu_layers: Option<u32>,
    /// Leave the experts of the first so many layers to the processor (llama.cpp's `--n-cpu-moe`).
    n_cpu_moe: Option<u32>,
    /// Leave the experts of all layers to the processor (llama.cpp's `--cpu-moe`).
    #[serde(default)]
    cpu_moe: bool,
    /// A machine by its id (see `machines`); this machine when left out.
    machine: Option<String>,
    /// Another amount of memory than the machine has, with its unit: `256GiB`.
    memory: Option<Size>,
    /// The GPU's wired limit, with its unit: `480GiB`.
    wired_limit: Option<Size>,
    /// Memory to leave to the system and other applications, with its unit: `24GiB`.
    reserve: Option<Size>,
    /// Loaded besides: variants, files or folders, with `@CONTEXT` if not their own; saved plans.
    beside: Vec<String>,
    /// Beside what LM Studio has loaded now.
    beside_loaded: bool,
    /// Requests at once; 4 when left out, as in LM Studio.
    slots: Option<Slots>,
    /// Type of the KV cache, keys and values alike; f16 when left out.
    kv_type: Option<KvType>,
    /// Only in this engine.
    engine: Option<Engine>,
    /// Tasks whose turns are told; chat and agent when empty.
    tasks: Vec<String>,
    /// Tokens in the context of a typical turn.
    depth: Option<Tokens>,
    /// Conversations at once.
    agents: Option<Agents>,
    /// Most seconds of a turn; slower is no fit.
    max_turn_seconds: Option<Seconds>,
    /// Most seconds to the first token of a turn; slower is no fit.
    max_first_token_seconds: Option<Seconds>,
    /// Slowest decode speed to accept, tokens per second.
    min_tokens_per_second: Option<Rate>,
}

/// The document: of one model, or of several.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::mcp) enum Sized {
    /// One model.
    One(Box<Fit>),
    /// Several, a row each.
    Several(Survey),
}

pub(in crate::mcp) fn call(session: &Session, given: &Arguments) -> Result<Reply> {
    let answer = app::fit(&session.workspace, &request(session, given)?, &Silent)?;
    let (answer, text) = match answer {
        FitAnswer::One(fit) => {
            let text = report::fit::text(&fit, &screen());
            (Sized::One(fit), text)
        }
        FitAnswer::Several(survey) => {
            let text = report::survey::text(&survey, &screen());
            (Sized::Several(survey), text)
        }
    };
    Reply::of(&answer, &text)
}

fn request(session: &Session, given: &Arguments) -> Result<FitRequest> {
    let config = session.workspace.config();
    let asked = match (&given.model, given.installed) {
        (Some(model), false) => Asked::Named(model.clone()),
        (None, true) => Asked::Installed { folder: None },
        _ => {
            return Err(fault!(
                "`fit` needs one of `model` and `installed`";
                "give `model`, such as hf:OWNER/REPO or a variant that `models` names"
            )
            .into());
        }
    };
    let usual = LoadSettings::default();
    let agents = given.agents.map(Agents::get);
    let slots = given.slots.map_or(usual.slots, Slots::get);
    let kv_type = given.kv_type.unwrap_or(usual.kv_type_k);
    let settings = LoadSettings {
        slots: slots.max(agents.unwrap_or(1)),
        kv_type_k: kv_type,
        kv_type_v: kv_type,
        ..usual
    };
    let machine = Machine {
        name: given.machine.as_ref(),
        memory: given.memory,
        wired_limit: given.wired_limit,
        reserve: given.reserve,
    };
    Ok(FitRequest {
        machine: machine.choice(defaults::machine(config)),
        context: given.context.map(Tokens::get),
        apart: Apart::from_flags(given.gpu_layers, given.n_cpu_moe, given.cpu_moe),
        endpoint: defaults::endpoint(config).to_owned(),
        beside: given.beside.clone(),
        beside_loaded: given.beside_loaded,
        settings: settings.checked()?,
        tasks: given.tasks.clone(),
        depth: given.depth.map(Tokens::get),
        agents,
        demands: Demands {
            min_tokens_per_second: given.min_tokens_per_second.map(Rate::get),
            max_first_token_seconds: given.max_first_token_seconds.map(Seconds::get),
            max_turn_seconds: given.max_turn_seconds.map(Seconds::get),
        },
        engine: given.engine,
        ..FitRequest::of(asked)
    })
}
