//! Which variants of the catalog LM Studio has on disk.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};

use super::events::{Event, Events};
use super::loaded_rows::of_catalog;
use super::studio::{Open, StudioChoice};
use super::workspace::Workspace;
use crate::catalog::full_name;
use crate::fault;
use crate::plan::disk::DiskLimit;
use crate::units::Bytes;

/// `model/variant` of each variant that LM Studio has on disk whole, by its repository and files.
///
/// # Errors
/// When LM Studio can't be asked, or has nothing that the catalog knows.
pub fn on_disk(
    workspace: &Workspace,
    studio: &StudioChoice,
    events: &dyn Events,
) -> Result<Vec<String>> {
    let open = studio.open()?;
    let names = variants(workspace, &open, events)?;
    if names.is_empty() {
        bail!(fault!(
            "LM Studio has no model on this disk that the catalog knows";
            "leave `--installed` out to see what to download; `planner fit --installed` sizes what is there"
        ));
    }
    Ok(names)
}

/// A limit of what may be downloaded, with what is on the disk already: where LM Studio is not found,
/// nothing is.
///
/// # Errors
/// When LM Studio is there and can't be asked.
pub fn disk_limit(
    workspace: &Workspace,
    most_bytes: Bytes,
    studio: &StudioChoice,
    events: &dyn Events,
) -> Result<DiskLimit> {
    let here = here(workspace, studio, events)?;
    Ok(DiskLimit { most_bytes, here })
}

/// The variants of the catalog that are on the disk whole; none where LM Studio is not found.
pub(super) fn here(
    workspace: &Workspace,
    studio: &StudioChoice,
    events: &dyn Events,
) -> Result<Vec<String>> {
    match studio.open() {
        Ok(open) => variants(workspace, &open, events),
        Err(_) => Ok(Vec::new()),
    }
}

/// The variants of the catalog that are on the disk whole.
fn variants(workspace: &Workspace, open: &Open, events: &dyn Events) -> Result<Vec<String>> {
    let all = open.studio.installed();
    let all = all.context("can't list what is installed")?;
    all.odd
        .iter()
        .for_each(|row| events.tell(Event::OddRow(row)));
    let models = &workspace.models()?.models;
    let catalog = || {
        models
            .iter()
            .flat_map(|m| m.variants.iter().map(move |v| (m, v)))
    };
    let known = all.rows.iter().filter_map(|row| of_catalog(row, catalog()));
    let names: BTreeSet<String> = known.map(|(m, v)| full_name(m, v)).collect();
    Ok(names.into_iter().collect())
}
