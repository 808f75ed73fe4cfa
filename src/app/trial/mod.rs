//! Small tasks with deterministic checks, through a loaded model's server: `bench --quality`, and the
//! small tasks of a study.

mod earlier;
mod own;
mod request;
mod session;

pub use request::{Limits, TrialRequest, What};

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use anyhow::Result;

use super::bench::{choose, discover, document};
use super::events::{Event, Events};
use super::workspace::Workspace;
use crate::basis::GENERATOR;
use crate::edge::openai::Server;
use crate::edge::sandbox::Cage;
use crate::edge::{clock, places, sandbox};
use crate::measure::document::Status;
use crate::trial::document::{PURPOSE, SCHEMA, Sandbox, TaskOutcome, TrialRun, TrialSettings};
use crate::trial::{EDITION, Task, shipped};
use session::Session;

/// A result, and where it was written.
#[derive(Debug)]
pub struct Tried {
    /// The result.
    pub run: TrialRun,
    /// Its file.
    pub path: PathBuf,
}

impl Tried {
    /// Whether every task that was asked passed, and one was.
    #[must_use]
    pub fn whole(&self) -> bool {
        let tasks = || self.run.models.iter().flat_map(|m| &m.tasks);
        let good = |o: TaskOutcome| matches!(o, TaskOutcome::Passed | TaskOutcome::LeftOut);
        self.run.status == Status::Complete
            && tasks().any(|t| t.outcome == TaskOutcome::Passed)
            && tasks().all(|t| good(t.outcome))
    }
}

/// Asks the tasks, and keeps the result on disk all along. `stop` ends it, and keeps what there is.
///
/// # Errors
/// When the server can't be asked, there is no such model, a task can't be read, or the result can't
/// be written.
pub fn trial(
    workspace: &Workspace,
    request: &TrialRequest,
    events: &dyn Events,
    stop: &AtomicBool,
) -> Result<Tried> {
    let tasks = tasks(&request.what)?;
    let server = Server::new(&request.base_url, request.token.clone(), request.limits)?;
    let found = discover::discover(&server, workspace.profiles(), stop)?;
    let (models, variant) = (&request.models, request.variant.as_deref());
    let catalog = workspace.catalog()?;
    let chosen = choose::choose(models, variant, &found, catalog, server.root())?;
    let cage = match tasks.iter().any(Task::runs) {
        true => Some(sandbox::find(request.unsandboxed, stop)),
        false => None,
    };
    let run = TrialRun {
        schema: SCHEMA,
        generator: GENERATOR.to_owned(),
        purpose: PURPOSE.to_owned(),
        started: clock::utc(),
        seconds: 0.0,
        status: Status::Running,
        server: document::server(&server, &found, &chosen),
        settings: settings(request, cage.as_ref()),
        models: Vec::new(),
        notes: notes(cage.as_ref()),
    };
    let usual = places::trials_path();
    // Those of before: the file that is written now is none of them.
    let mut earlier = earlier::in_folder(usual.as_deref());
    earlier.extend(request.beside.iter().filter_map(|path| earlier::read(path)));
    let place = document::place(request.out.as_deref(), usual, &run, &run.started, &chosen)?;
    if place.backup.is_some() {
        events.tell(Event::Saved(&place));
    }
    let mut session = Session::new(&server, cage, run, place.path, stop, events);
    for model in chosen {
        session.ask(model, &tasks, &earlier)?;
    }
    let (run, path) = session.finish()?;
    Ok(Tried { run, path })
}

/// The tasks themselves.
///
/// # Errors
/// With the file that is wrong.
pub fn tasks(what: &What) -> Result<Vec<Task>> {
    match what {
        What::Shipped => Ok(shipped()?),
        What::Folder(folder) => own::tasks(folder),
    }
}

fn settings(request: &TrialRequest, cage: Option<&Result<Cage, String>>) -> TrialSettings {
    let Limits {
        first_token_seconds,
        stall_seconds,
        request_seconds,
    } = request.limits;
    let (edition, folder) = match &request.what {
        What::Shipped => (Some(EDITION), None),
        What::Folder(folder) => (None, Some(folder.display().to_string())),
    };
    TrialSettings {
        edition,
        folder,
        temperature: 0.0,
        max_tokens: request.max_tokens,
        sandbox: match cage {
            None => Sandbox::NotNeeded,
            Some(Err(_)) => Sandbox::NotThere,
            Some(Ok(cage)) => cage.kind(),
        },
        first_token_limit_seconds: first_token_seconds,
        stall_limit_seconds: stall_seconds,
        request_limit_seconds: request_seconds,
    }
}

fn notes(cage: Option<&Result<Cage, String>>) -> Vec<String> {
    let note = match cage {
        Some(Err(why)) => format!("tasks whose answer has to run were left out: {why}"),
        Some(Ok(cage)) if cage.kind() == Sandbox::Unsandboxed => {
            "code of answers ran with limits alone, as you asked: it could reach your files and the network"
                .to_owned()
        }
        _ => return Vec::new(),
    };
    vec![note]
}
