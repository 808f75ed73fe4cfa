//! What stands between this machine and a plan that works; and what was read, as a file.

use std::path::Path;

use anyhow::{Context as _, Error, Result, bail};

use super::config;
use super::events::{Answer, Event, Events, Question};
use super::hints::hint_of;
use super::save;
use super::save::Saved;
use super::workspace::Workspace;
use crate::basis::GENERATOR;
use crate::doctor;
use crate::doctor::{Bundle, CatalogSeen, Diagnosis, Fault, Records, SCHEMA, redacted};
use crate::edge::{clock, examine, files, places, power, probe};
use crate::fault;

/// Reads this machine, or what was written down of another one.
///
/// # Errors
/// When the file is no bundle.
pub fn read(workspace: &Workspace, from: Option<&Path>) -> Result<Bundle> {
    match from {
        Some(path) => written(path),
        None => Ok(here(workspace)),
    }
}

/// What stands in the way.
#[must_use]
pub fn diagnose(bundle: &Bundle) -> Diagnosis {
    doctor::diagnose(bundle)
}

/// Writes down what was read, less what is nobody's business: shown first, and over nothing. None
/// where that was declined.
///
/// # Errors
/// When something has the file's name, or it can't be written.
pub fn bundle(read: &Bundle, path: &Path, events: &dyn Events) -> Result<Option<Saved>> {
    let shown = redacted(read, places::home().as_deref());
    events.tell(Event::Bundle(&shown));
    if events.ask(Question::WriteBundle)? == Answer::No {
        return Ok(None);
    }
    save::first_json(path, &shown).map(Some)
}

fn here(workspace: &Workspace) -> Bundle {
    Bundle {
        schema: SCHEMA,
        generator: GENERATOR.to_owned(),
        read_at: clock::utc(),
        machine: probe::ask(),
        power: power::ask(),
        studio: examine::studio(),
        records: records(workspace),
        catalog: match workspace.catalog() {
            Ok(catalog) => CatalogSeen {
                newest: catalog.date().map(str::to_owned),
                models: catalog.models.len(),
                broken: None,
            },
            Err(error) => CatalogSeen {
                newest: None,
                models: 0,
                broken: Some(fault_of(&error)),
            },
        },
    }
}

fn records(workspace: &Workspace) -> Records {
    let mut records = examine::records(&fault_of);
    // Read by now or not, it is a fault of the catalog's own finding.
    let _ = workspace.catalog();
    records
        .broken
        .extend(workspace.left_out().iter().map(fault_of));
    let config = config::load().err();
    records.broken.extend(config.as_ref().map(fault_of));
    records
}

fn fault_of(error: &Error) -> Fault {
    Fault {
        error: format!("{error:#}"),
        hint: hint_of(error),
    }
}

fn written(path: &Path) -> Result<Bundle> {
    let text = files::read_text(path)?;
    let strange = || {
        fault!(
            "{} is not a bundle of `planner doctor`", path.display();
            "write one with `planner doctor --bundle FILE`"
        )
    };
    let value: serde_json::Value = serde_json::from_str(&text).with_context(strange)?;
    // Other documents of planner's have numbers of their own.
    let of_doctor = value.get("studio").is_some() && value.get("power").is_some();
    let newer = |s| s > u64::from(SCHEMA);
    if of_doctor && value["schema"].as_u64().is_some_and(newer) {
        bail!(fault!(
            "{} was written by a newer planner", path.display();
            "read it with that one"
        ));
    }
    serde_json::from_value(value).with_context(strange)
}
