//! Which server it is, and which of its models to measure.

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::Value;

use super::Args;
use crate::app;
use crate::app::plan_file;
use crate::catalog::Catalog;
use crate::edge::lms::Lms;
use crate::edge::openai::{Listing, Server};
use crate::edge::{clock, power, probe};
use crate::fault;
use crate::machine::{Machine, Profiles};
use crate::measure::document::{Bench, BenchSettings, SCHEMA, ServerSummary, Status};
use crate::measure::server;
use crate::measure::server::{Kind, Served};
use crate::measure::state::MachineState;
use crate::measure::{Problem, ProblemKind};
use crate::plan::document::Entry;
use crate::suggest;

/// A server as it was found.
pub(super) struct Found {
    /// Which kind, where it says so.
    pub(super) kind: Option<Kind>,
    /// Its version, where it says so.
    version: Option<String>,
    /// Its models; empty where it lists none.
    models: Vec<Served>,
    /// Whether it runs on this machine.
    pub(super) local: bool,
    /// This machine, where the server runs on it.
    pub(super) machine: Option<MachineState>,
}

/// A model to measure.
pub(super) struct Chosen {
    /// How the server knows it.
    pub(super) served: Served,
    /// Which variant it is, and how that is known.
    pub(super) variant: Option<(String, String)>,
}

impl Chosen {
    /// The name that the server is asked for.
    pub(super) fn name(&self) -> &str {
        &self.served.id
    }
}

/// Asks the server what it is and what it has.
pub(super) fn discover(at: &Server) -> Result<Found> {
    let models = match at.get(&format!("{}/models", at.base())) {
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
        if let Listing::Found(props) = at.get(&format!("{}/props", at.root())) {
            let (context, slots) = server::llama_cpp_props(&props);
            for model in &mut models {
                model.context_tokens = context;
                model.slots = slots;
            }
            version = props["build_info"].as_str().map(str::to_owned);
        }
    } else if let Some(own) = lm_studio_models(at) {
        kind = Some(Kind::LmStudio);
        models = own;
    }
    let local = server::is_local(at.base());
    Ok(Found {
        kind,
        version,
        models,
        local,
        machine: if local { Some(machine()?) } else { None },
    })
}

fn lm_studio_models(at: &Server) -> Option<Vec<Served>> {
    if let Listing::Found(json) = at.get(&format!("{}/api/v1/models", at.root()))
        && let Some(models) = server::lmstudio_v1(&json)
    {
        return Some(models);
    }
    match at.get(&format!("{}/api/v0/models", at.root())) {
        Listing::Found(json) => server::lmstudio_v0(&json),
        _ => None,
    }
}

fn refused(at: &Server, problem: &Problem) -> anyhow::Error {
    let hint = problem.hint.as_deref().unwrap_or("check `--base-url`");
    anyhow::anyhow!(fault!("can't ask {}: {}", at.base(), problem.explanation; "{hint}"))
}

fn machine() -> Result<MachineState> {
    let profiles = Profiles::embedded()?;
    let reading = probe::read();
    let machine = Machine::from_reading(&reading, &profiles).ok();
    let chip = machine.and_then(|m| m.chip);
    Ok(MachineState::of(
        &reading,
        &power::read(),
        chip.as_ref().map(|c| c.id.as_str()),
    ))
}

/// The models that the arguments ask for, each with its variant where that is known.
pub(super) fn choose(
    args: &Args,
    found: &Found,
    catalog: &Catalog,
    root: &str,
) -> Result<Vec<Chosen>> {
    let mut chosen = match (&args.model, &args.plan) {
        (Some(name), _) => vec![named(name, found)?],
        (None, Some(plan)) => from_plan(plan, found)?,
        (None, None) => loaded(args.loaded, found, root)?,
    };
    if let Some(name) = &args.record.variant {
        let [one] = chosen.as_mut_slice() else {
            bail!(fault!(
                "`--as {name}` names one variant, and {} models are measured", chosen.len();
                "measure them one by one"
            ));
        };
        one.variant = Some((app::variant(name, catalog)?, "`--as`".to_owned()));
    }
    let listed = if found.local && found.kind == Some(Kind::LmStudio) {
        Lms::find().and_then(|lms| lms.loaded()).unwrap_or_default()
    } else {
        Vec::new()
    };
    for model in &mut chosen {
        let seen = server::variant_of(&model.served.id, catalog, &listed);
        match (&model.variant, &seen) {
            (None, _) => model.variant = seen,
            (Some((wanted, by)), Some((loaded, _))) if wanted != loaded => bail!(fault!(
                "`{}` is `{wanted}` by {by}, and LM Studio has loaded `{loaded}` under that name", model.served.id;
                "apply the plan anew, or give the right `--as`"
            )),
            _ => {}
        }
    }
    Ok(chosen)
}

fn named(name: &str, found: &Found) -> Result<Chosen> {
    let served = match found.models.iter().find(|m| m.id == name) {
        Some(served) => served.clone(),
        // A server that lists nothing is asked all the same.
        None if found.models.is_empty() => Served {
            id: name.to_owned(),
            ..Served::default()
        },
        None => {
            let near = suggest::nearest(name, found.models.iter().map(|m| m.id.as_str()));
            bail!(fault!(
                "the server has no model `{name}`{}", suggest::or_nothing(near.as_deref());
                "it has {}", list(&found.models)
            ));
        }
    };
    Ok(Chosen {
        served,
        variant: None,
    })
}

fn loaded(all: bool, found: &Found, root: &str) -> Result<Vec<Chosen>> {
    let loaded = found.models.iter().filter(|m| m.loaded != Some(false));
    let chosen: Vec<Chosen> = loaded
        .map(|served| Chosen {
            served: served.clone(),
            variant: None,
        })
        .collect();
    match chosen.len() {
        0 if found.models.is_empty() => bail!(fault!(
            "the server at {root} lists no models";
            "name one, as the server knows it: `planner bench NAME`"
        )),
        0 => bail!(fault!(
            "no model is loaded";
            "load one with `lms load`, or name one that the server loads by itself: {}", list(&found.models)
        )),
        1 => Ok(chosen),
        _ if all => Ok(chosen),
        _ => bail!(fault!(
            "the server has several models";
            "name one, or measure all with `--loaded`: {}", list(&found.models)
        )),
    }
}

/// Each model of a plan under the name that it is served as.
fn from_plan(path: &Path, found: &Found) -> Result<Vec<Chosen>> {
    let plan = plan_file::read_loadout(path)?;
    plan.loadout
        .iter()
        .map(|entry| planned(entry, found))
        .collect()
}

fn planned(entry: &Entry, found: &Found) -> Result<Chosen> {
    let variant = format!("{}/{}", entry.model, entry.variant);
    // One that is only on disk would be loaded as whatever file LM Studio picks.
    let served = found
        .models
        .iter()
        .find(|m| m.id == entry.identifier && m.loaded != Some(false));
    let Some(served) = served else {
        bail!(fault!(
            "the plan's `{variant}` is not loaded under its name `{}`", entry.identifier;
            "`planner apply` loads the plan; the server has {}", list(&found.models)
        ));
    };
    Ok(Chosen {
        served: served.clone(),
        variant: Some((variant, "the plan".to_owned())),
    })
}

fn list(models: &[Served]) -> String {
    let names: Vec<String> = models.iter().map(|m| format!("`{}`", m.id)).collect();
    names.join(", ")
}

/// The document before the first request.
pub(super) fn document(
    settings: BenchSettings,
    at: &Server,
    found: &Found,
    chosen: &[Chosen],
) -> Result<Bench> {
    let others = found
        .models
        .iter()
        .filter(|m| m.loaded == Some(true) && !chosen.iter().any(|c| c.served.id == m.id));
    let mut notes: Vec<String> = found
        .machine
        .iter()
        .flat_map(MachineState::cautions)
        .collect();
    if !found.local {
        notes.push(
            "the server is on another machine: times include the network, and the machine's state is not known"
                .to_owned(),
        );
    }
    Ok(Bench {
        schema: SCHEMA,
        generator: concat!("planner ", env!("CARGO_PKG_VERSION")).to_owned(),
        started: clock::utc(),
        seconds: 0.0,
        status: Status::Running,
        server: ServerSummary {
            base_url: at.base().to_owned(),
            kind: found.kind.map(|k| k.name().to_owned()),
            version: found.version.clone(),
            also_loaded: others.map(|m| m.id.clone()).collect(),
        },
        settings,
        machine: found.machine.clone(),
        models: Vec::new(),
        notes,
    })
}
