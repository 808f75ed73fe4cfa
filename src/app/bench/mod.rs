//! Measures loaded models through their server.

pub(super) mod choose;
pub(super) mod discover;
pub(super) mod document;
mod last_load;
mod record;
mod request;
mod series;
mod session;
pub(super) mod steps;

pub use request::{BenchRequest, Models, RecordRequest, USUAL_ADDRESS};

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use anyhow::{Result, bail};

use super::events::{Event, Events};
use super::workspace::Workspace;
use crate::edge::openai::{Limits, Server};
use crate::edge::places;
use crate::fault;
use crate::measure::document::{Bench, BenchSettings, Status};
use crate::measure::prompts::Prompts;
use record::Recording;
use session::Session;

/// A result, and where it was written.
#[derive(Debug)]
pub struct Benched {
    /// The result.
    pub bench: Bench,
    /// Its file.
    pub path: PathBuf,
    recording: Option<Recording>,
}

impl Benched {
    /// Whether every request passed.
    #[must_use]
    pub fn whole(&self) -> bool {
        self.bench.status == Status::Complete
            && self.bench.models.iter().all(|m| {
                let s = &m.summary;
                s.measured > 0 && s.failed + s.unmeasured == 0
            })
    }

    /// Adds the measurements to the user's own catalog, where that was asked for.
    ///
    /// # Errors
    /// When the catalog can't be written.
    pub fn record(&self, events: &dyn Events) -> Result<()> {
        match &self.recording {
            Some(recording) => recording.write(&self.bench, &self.path, events),
            None => Ok(()),
        }
    }
}

/// Measures, and keeps the result on disk all along. `stop` ends it, and keeps what there is.
///
/// # Errors
/// When the server can't be asked, there is no such model, or the result can't be written or, where
/// that is asked for, recorded.
pub fn bench(
    workspace: &Workspace,
    request: &BenchRequest,
    events: &dyn Events,
    stop: &AtomicBool,
) -> Result<Benched> {
    let settings = &request.settings;
    check(settings)?;
    let limits = Limits {
        first_token_seconds: settings.first_token_limit_seconds,
        stall_seconds: settings.stall_limit_seconds,
        request_seconds: settings.request_limit_seconds,
    };
    let prompts = Prompts::of(settings.language)?;
    let server = Server::new(&request.base_url, request.token.clone(), limits)?;
    let catalog = workspace.catalog()?;
    let found = discover::discover(&server, workspace.profiles(), stop)?;
    let chosen = choose::choose(
        &request.models,
        request.variant.as_deref(),
        &found,
        catalog,
        server.root(),
    )?;
    // What can't be recorded is refused before an hour of measuring, not after it.
    let recording = match &request.record {
        Some(record) => Some(record.prepare(&chosen, &found, workspace)?),
        None => None,
    };
    let bench = document::document(settings.clone(), &server, &found, &chosen);
    let place = document::place(
        request.out.as_deref(),
        places::results_path(),
        &bench,
        &bench.started,
        &chosen,
    )?;
    if place.backup.is_some() {
        events.tell(Event::Saved(&place));
    }
    let mut session = Session::new(&server, &found, &prompts, bench, place.path, stop, events);
    for model in chosen {
        if session.is_stopped() {
            break;
        }
        session.measure(model)?;
    }
    let (bench, path) = session.finish()?;
    Ok(Benched {
        bench,
        path,
        recording,
    })
}

fn check(settings: &BenchSettings) -> Result<()> {
    if !(0.0..=2.0).contains(&settings.temperature) {
        bail!(fault!(
            "a temperature of {} is not between 0 and 2", settings.temperature;
            "leave `--temperature` out for the default of 0"
        ));
    }
    let series = settings.depths_tokens.len() + settings.concurrency.len();
    if settings.runs == 0 && series == 0 && settings.soak_seconds.is_none() {
        bail!(fault!(
            "nothing to measure: `--runs 0`, and no depth, stream or soak";
            "give `--runs` at least 1, or add `--depth`, `--streams` or `--soak`"
        ));
    }
    Ok(())
}
