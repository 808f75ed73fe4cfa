//! Models that no catalog has, read where they are and judged as if one had them.

use std::path::Path;

use anyhow::{Result, bail};

use super::entry;
use super::entry::Wanted;
use super::events::Events;
use super::read;
use super::workspace::Workspace;
use crate::catalog::schema::Model;
use crate::edge::files;
use crate::fault;
use crate::scenario::new_model::with_entry;

/// Models by where they are, with what is said of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unlisted {
    /// Each a repository of a hub, an address, a file or a folder.
    pub models: Vec<String>,
    /// Scores of the one model, by benchmark, on the benchmark's own scale.
    pub scores: Vec<(String, f64)>,
    /// The hub that is asked for repositories.
    pub endpoint: String,
}

/// Whether a text says where a model is, rather than what it would be.
#[must_use]
pub fn is_a_place(text: &str) -> bool {
    read::is_remote(text) || text.ends_with(".gguf") || files::is_folder(Path::new(text))
}

/// The workspace with these models in its catalog; none where there are none.
///
/// # Errors
/// As [`entries`].
pub fn workspace(
    workspace: &Workspace,
    unlisted: &Unlisted,
    events: &dyn Events,
) -> Result<Option<Workspace>> {
    let entries = entries(workspace, unlisted, events)?;
    let Some((first, rest)) = entries.split_first() else {
        return Ok(None);
    };
    let mut catalog = with_entry(workspace.models()?, first)?;
    for entry in rest {
        catalog = with_entry(&catalog, entry)?;
    }
    Ok(Some(workspace.with_catalog(catalog)))
}

/// An entry for each model, as the catalog would have it.
///
/// # Errors
/// When one can't be read or is in the catalog, or a score is of no benchmark that is known.
pub fn entries(
    workspace: &Workspace,
    unlisted: &Unlisted,
    events: &dyn Events,
) -> Result<Vec<Model>> {
    let one = unlisted.models.len() == 1;
    if !unlisted.scores.is_empty() && !one {
        bail!(fault!(
            "`--score` is of one model, and {} are given", unlisted.models.len();
            "give one new model, or an entry to each: `planner catalog add MODEL --score BENCHMARK=SCORE`"
        ));
    }
    let entry = |model: &String| {
        let wanted = Wanted {
            model,
            id: None,
            extends: None,
            scores: &unlisted.scores,
            endpoint: &unlisted.endpoint,
        };
        entry::read(&wanted, workspace.models()?, events)
    };
    unlisted.models.iter().map(entry).collect()
}
