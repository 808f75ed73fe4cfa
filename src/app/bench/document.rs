//! The result of a benchmark before its first request, and where it goes.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::choose::Chosen;
use super::discover::Found;
use crate::app::save;
use crate::app::save::Saved;
use crate::basis::GENERATOR;
use crate::edge::openai::Server;
use crate::edge::{clock, files};
use crate::fault;
use crate::measure::document::{Bench, BenchSettings, SCHEMA, ServerSummary, Status};
use crate::measure::state::MachineState;

/// The document before the first request.
pub(super) fn document(
    settings: BenchSettings,
    at: &Server,
    found: &Found,
    chosen: &[Chosen],
) -> Bench {
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
    Bench {
        schema: SCHEMA,
        generator: GENERATOR.to_owned(),
        started: clock::utc(),
        seconds: 0.0,
        status: Status::Running,
        server: server(at, found, chosen),
        settings,
        machine: found.machine.clone(),
        models: Vec::new(),
        notes,
    }
}

/// The server, and what it has loaded beside these models.
pub(in crate::app) fn server(at: &Server, found: &Found, chosen: &[Chosen]) -> ServerSummary {
    let others = found
        .models
        .iter()
        .filter(|m| m.loaded == Some(true) && !chosen.iter().any(|c| c.served.id == m.id));
    ServerSummary {
        base_url: at.base().to_owned(),
        kind: found.kind.map(|k| k.name().to_owned()),
        version: found.version.clone(),
        also_loaded: others.map(|m| m.id.clone()).collect(),
    }
}

/// The file that a result goes to, where nothing else is wanted in the folder of such results; it is
/// seen early on that it can be written.
pub(in crate::app) fn place<T: Serialize>(
    wanted: Option<&Path>,
    usual: Option<PathBuf>,
    result: &T,
    started: &str,
    chosen: &[Chosen],
) -> Result<Saved> {
    let text = serde_json::to_vec_pretty(result).context("can't write the result as JSON")?;
    if let Some(file) = wanted.filter(|p| p.extension().is_some_and(|e| e == "json")) {
        return save::bytes(file, &text);
    }
    let folder = match wanted {
        Some(folder) => folder.to_owned(),
        None => usual.with_context(
            || fault!("the home folder is not known"; "say where to write with `--out FILE.json`"),
        )?,
    };
    let name = match chosen {
        [one] => one.name().to_owned(),
        _ => "models".to_owned(),
    };
    let day: String = started.chars().filter(|c| *c != ':').collect();
    let path = files::write_new(&folder, &format!("{name}-{day}"), "json", &text)?;
    Ok(Saved { path, backup: None })
}
