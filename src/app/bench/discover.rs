//! Which server it is, and what it has.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, anyhow, bail};
use serde_json::Value;

use crate::edge::openai::{Listing, Server};
use crate::edge::{power, probe};
use crate::fault;
use crate::fault::Fault;
use crate::machine::{Machine, Profiles};
use crate::measure::server;
use crate::measure::server::{Kind, Served};
use crate::measure::state::MachineState;
use crate::measure::{Problem, ProblemKind};

/// A server as it was found.
pub(in crate::app) struct Found {
    /// Which kind, where it says so.
    pub(in crate::app) kind: Option<Kind>,
    /// Its version, where it says so.
    pub(in crate::app) version: Option<String>,
    /// Its models; empty where it lists none.
    pub(in crate::app) models: Vec<Served>,
    /// Whether it runs on this machine.
    pub(in crate::app) local: bool,
    /// This machine, where the server runs on it.
    pub(in crate::app) machine: Option<MachineState>,
}

/// Asks the server what it is and what it has, until `stop` is set.
pub(in crate::app) fn discover(
    at: &Server,
    profiles: &Profiles,
    stop: &AtomicBool,
) -> Result<Found> {
    let models = match at.get(&format!("{}/models", at.base()), stop) {
        Listing::Found(json) => json,
        Listing::Unreachable(problem) => return Err(refused(at, &problem)),
        Listing::Refused(problem) if problem.kind == ProblemKind::Unauthorized => {
            return Err(refused(at, &problem));
        }
        // A server may do without the list.
        Listing::Refused(_) => Value::Null,
    };
    let (mut models, mut kind) = server::openai_models(&models);
    let mut version = None;
    if kind == Some(Kind::LlamaCpp) {
        if let Listing::Found(props) = at.get(&format!("{}/props", at.root()), stop) {
            let (context, slots) = server::llama_cpp_props(&props);
            for model in &mut models {
                model.context_tokens = context;
                model.slots = slots;
            }
            version = props["build_info"].as_str().map(str::to_owned);
        }
    } else if let Some(own) = lm_studio_models(at, stop) {
        kind = Some(Kind::LmStudio);
        models = own;
    }
    if stop.load(Ordering::Relaxed) {
        bail!(interrupted());
    }
    let local = server::is_local(at.base());
    Ok(Found {
        kind,
        version,
        models,
        local,
        machine: if local { Some(machine(profiles)) } else { None },
    })
}

fn lm_studio_models(at: &Server, stop: &AtomicBool) -> Option<Vec<Served>> {
    if let Listing::Found(json) = at.get(&format!("{}/api/v1/models", at.root()), stop)
        && let Some(models) = server::lmstudio_v1(&json)
    {
        return Some(models);
    }
    match at.get(&format!("{}/api/v0/models", at.root()), stop) {
        Listing::Found(json) => server::lmstudio_v0(&json),
        _ => None,
    }
}

fn refused(at: &Server, problem: &Problem) -> anyhow::Error {
    if problem.kind == ProblemKind::Interrupted {
        return anyhow!(interrupted());
    }
    let hint = problem.hint.as_deref().unwrap_or("check `--base-url`");
    anyhow!(fault!("can't ask {}: {}", at.base(), problem.explanation; "{hint}"))
}

fn interrupted() -> Fault {
    fault!("stopped before anything was measured"; "run it again")
}

fn machine(profiles: &Profiles) -> MachineState {
    let reading = probe::read();
    let machine = Machine::from_reading(&reading, profiles).ok();
    MachineState::of(&reading, &power::read(), machine.as_ref())
}
