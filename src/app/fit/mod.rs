//! Whether a model fits on a machine, beside what runs, and up to which context.

mod asking;
mod beside;
mod beside_loaded;
mod checks;
mod companions;
mod hypothetical;
mod request;

pub(super) use checks::two_memories as check_apart;
pub use request::{Asked, Companions, FitAnswer, FitRequest, Projector};

use anyhow::Result;

use super::events::Events;
use super::read::Remote;
use super::workspace::Workspace;
use super::{machine, read, tasks};
use crate::fit::{Fit, Pacing};
use crate::plan::request::Request;
use asking::Asking;

/// The tasks whose turns are told where none is named.
const EVERY_DAY: [&str; 2] = ["chat", "agent"];

/// A request for each of the tasks, with its turns as they were asked for.
fn turns(request: &FitRequest) -> Result<Vec<Request>> {
    let named: Vec<&str> = if request.tasks.is_empty() {
        EVERY_DAY.to_vec()
    } else {
        request.tasks.iter().map(String::as_str).collect()
    };
    let turn = |name: &&str| {
        let turn = Request {
            depth: request.depth,
            agents: request.agents,
            ..Request::new(vec![(tasks::find(name)?, 1.0)])
        };
        Ok(turn.demanding(request.demands))
    };
    named.iter().map(turn).collect()
}

/// Reads the model, and counts its memory against the machine's limits.
///
/// # Errors
/// When the model, or what is loaded with it or besides, can't be read, or the engine refuses it
/// whatever the memory.
pub fn fit(workspace: &Workspace, request: &FitRequest, events: &dyn Events) -> Result<FitAnswer> {
    let profiles = workspace.profiles();
    let machine = request.machine.find(profiles)?;
    let catalog = workspace.catalog()?;
    let beside = beside::neighbours(request, catalog)?;
    let machines = machine::all(profiles)?;
    let speeds = workspace.speed_model()?;
    let turns = turns(request)?;
    let asking = Asking {
        request,
        pacing: Pacing::new(catalog, speeds, &machine, &turns),
        beside,
        machines,
    };
    let one = |mut fit: Fit| {
        fit.catalog_date = catalog.date().map(str::to_owned);
        FitAnswer::One(Box::new(fit))
    };
    let name = match &request.model {
        Asked::Hypothetical { weights, like } => {
            return asking.hypothetical(*weights, like.as_deref()).map(one);
        }
        Asked::Installed { folder } => {
            companions::exist(&request.companions, request.engine, catalog)?;
            let installed = read::installed(folder.as_deref(), catalog)?;
            return Ok(FitAnswer::Several(asking.each(installed)));
        }
        Asked::Named(name) => name,
    };
    if let Some(variants) = read::variants(name, request.engine, catalog) {
        companions::exist(&request.companions, request.engine, catalog)?;
        return Ok(FitAnswer::Several(asking.each(variants)));
    }
    if !read::is_remote(name) {
        return asking
            .about(read::find(name, request.engine, catalog)?)
            .map(one);
    }
    match read::remote(name, &request.endpoint, events)? {
        Remote::One(found) => {
            read::check_engine(name, request.engine, &found)?;
            asking.about(*found).map(one)
        }
        Remote::Several(found, sets) => {
            read::check_engine(name, request.engine, &found)?;
            asking.offered(name, &found, &sets).map(FitAnswer::Several)
        }
    }
}
