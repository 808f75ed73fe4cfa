//! Which variants of the catalog LM Studio has on disk.

use anyhow::{Context as _, Result, bail};

use super::events::{Event, Events};
use super::loaded_rows::wanted;
use super::studio::StudioChoice;
use super::workspace::Workspace;
use crate::catalog::full_name;
use crate::fault;
use crate::lmstudio::matching;
use crate::lmstudio::matching::Match;

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
    let all = open.studio.installed();
    let all = all.context("can't list what is installed")?;
    all.odd
        .iter()
        .for_each(|row| events.tell(Event::OddRow(row)));
    let mut names = Vec::new();
    for model in &workspace.models()?.models {
        for variant in &model.variants {
            let found = wanted(variant).map(|wanted| matching::find(&wanted, &all.rows));
            if let Some(Match::Found { .. }) = found {
                names.push(full_name(model, variant));
            }
        }
    }
    if names.is_empty() {
        bail!(fault!(
            "LM Studio has no model on this disk that the catalog knows";
            "leave `--installed` out to see what to download; `planner fit --installed` sizes what is there"
        ));
    }
    Ok(names)
}
