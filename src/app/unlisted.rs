//! Models that no catalog has, read where they are and judged as if one had them.

use std::path::Path;

use anyhow::{Result, bail};

use super::entry;
use super::entry::Wanted;
use super::events::Events;
use super::machine::MachineChoice;
use super::patience::deadline;
use super::read;
use super::workspace::Workspace;
use crate::advise::whatif;
use crate::catalog::schema::Model;
use crate::edge::files;
use crate::fault;
use crate::plan::Plan;
use crate::plan::document::{Advice, AdviceKind};
use crate::plan::request::Request;
use crate::scenario::Scenario;
use crate::scenario::error::RecommendError;
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

/// A workspace whose catalog has models that no other has.
#[derive(Debug)]
pub struct Joined {
    /// The workspace.
    pub workspace: Workspace,
    /// Ids of the models.
    pub ids: Vec<String>,
}

impl Joined {
    /// Tells of each model that does not serve a task of a plan why not, and what it would have to
    /// score, as advice of the plan.
    ///
    /// # Errors
    /// When the machine is not there or the solver fails.
    pub fn tell(&self, plan: &mut Plan, machine: &MachineChoice, request: &Request) -> Result<()> {
        let machine = machine.find(self.workspace.profiles())?;
        let (catalog, speed) = (self.workspace.models()?, self.workspace.speed_model()?);
        let scenario = Scenario::new(catalog, &machine, speed, request);
        let deadline = deadline(request.time_limit_seconds);
        for id in &self.ids {
            let mut serving = plan.loadout.iter().filter(|e| !e.tasks.is_empty());
            if serving.any(|e| e.model == *id) {
                continue;
            }
            let standing = match whatif::stand(&scenario, id, deadline) {
                Ok(standing) => standing,
                Err(RecommendError::OutOfTime) => None,
                Err(error) => return Err(error.into()),
            };
            let text = standing.map_or_else(
                || format!("{id} is not in the answer; why was not looked at in time"),
                |standing| standing.in_short(),
            );
            plan.advice.push(Advice::new(AdviceKind::NewModel, text));
        }
        Ok(())
    }
}

/// The workspace with these models in its catalog; none where there are none.
///
/// # Errors
/// As [`entries`].
pub fn workspace(
    workspace: &Workspace,
    unlisted: &Unlisted,
    events: &dyn Events,
) -> Result<Option<Joined>> {
    let entries = entries(workspace, unlisted, events)?;
    let Some((first, rest)) = entries.split_first() else {
        return Ok(None);
    };
    let mut catalog = with_entry(workspace.models()?, first)?;
    for entry in rest {
        catalog = with_entry(&catalog, entry)?;
    }
    Ok(Some(Joined {
        workspace: workspace.with_catalog(catalog),
        ids: entries.iter().map(|entry| entry.id.clone()).collect(),
    }))
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
