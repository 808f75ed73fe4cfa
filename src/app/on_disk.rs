//! Which variants of the catalog LM Studio has on disk.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};

use super::events::{Event, Events};
use super::loaded_rows::of_catalog;
use super::studio::{Open, StudioChoice};
use super::workspace::Workspace;
use crate::catalog::full_name;
use crate::fault;
use crate::lmstudio::matching::By;
use crate::plan::Plan;
use crate::plan::disk::DiskLimit;
use crate::units::Bytes;

/// The variants of the catalog that LM Studio has on disk whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OnDisk {
    /// `model/variant`, each with where its files lie below the models folder if that is another
    /// owner's copy.
    all: BTreeMap<String, Option<String>>,
}

impl OnDisk {
    /// `model/variant` of each.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.all.keys().cloned().collect()
    }

    /// Has a plan name the files that are there, where these are copies: what is written of it then
    /// loads them.
    pub fn place(&self, plan: &mut Plan) {
        for entry in &mut plan.loadout {
            let name = entry.full_name();
            let Some(path) = self.all.get(&name).cloned().flatten() else {
                continue;
            };
            let mut parts = path.splitn(3, '/');
            if let (Some(owner), Some(folder)) = (parts.next(), parts.next()) {
                entry.repository = Some(format!("https://huggingface.co/{owner}/{folder}"));
                entry.files = parts.next().map(str::to_owned);
            }
        }
    }
}

/// The variants of the catalog that LM Studio has on disk whole, by their repositories and files.
///
/// # Errors
/// When LM Studio can't be asked, or has nothing that the catalog knows.
pub fn on_disk(
    workspace: &Workspace,
    studio: &StudioChoice,
    events: &dyn Events,
) -> Result<OnDisk> {
    let open = studio.open()?;
    let found = variants(workspace, &open, events)?;
    if found.all.is_empty() {
        bail!(fault!(
            "LM Studio has no model on this disk that the catalog knows";
            "leave `--installed` out to see what to download; `planner fit --installed` sizes what is there"
        ));
    }
    Ok(found)
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
        Ok(open) => Ok(variants(workspace, &open, events)?.names()),
        Err(_) => Ok(Vec::new()),
    }
}

/// The variants of the catalog that are on the disk whole.
fn variants(workspace: &Workspace, open: &Open, events: &dyn Events) -> Result<OnDisk> {
    let all = open.studio.installed();
    let all = all.context("can't list what is installed")?;
    all.odd
        .iter()
        .for_each(|row| events.tell(Event::OddRow(row)));
    let catalog = workspace.models()?;
    let mut found = OnDisk::default();
    for row in &all.rows {
        if let Some((model, variant, by)) = of_catalog(row, catalog.files()) {
            let place = found.all.entry(full_name(model, variant));
            let copy = (by != By::Name).then(|| row.path.clone());
            // Its own files stand before a copy.
            let known = place.or_insert_with(|| copy.clone());
            if copy.is_none() {
                *known = None;
            }
        }
    }
    Ok(found)
}
