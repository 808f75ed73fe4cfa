//! The user's own measurements as one file to give to others.

use std::path::PathBuf;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::app::events::{Answer, Event, Events, Question};
use crate::app::save;
use crate::app::save::Saved;
use crate::app::workspace::Workspace;

use crate::fault;
use crate::import::Skipped;
use crate::import::contribution::Contribution;

/// Where to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRequest {
    /// The file, which must not be there yet.
    pub out: PathBuf,
}

/// What was given, and what was not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exported {
    /// What is in the file.
    pub contribution: Contribution,
    /// Measurements that are not in it, each with the reason.
    pub withheld: Vec<Skipped>,
    /// The file; none where it was declined.
    pub saved: Option<Saved>,
}

/// Shows what would be given, and writes it where that is agreed to.
///
/// # Errors
/// When there is nothing to give, or the file is there or can't be written.
pub fn export(
    workspace: &Workspace,
    request: &ExportRequest,
    events: &dyn Events,
) -> Result<Exported> {
    let known = workspace.without_own()?;
    let chips = &workspace.profiles().chips;
    let (contribution, withheld) = Contribution::of(workspace.catalog()?, known.catalog()?, chips);
    if contribution.rows.is_empty() && withheld.is_empty() {
        bail!(fault!(
            "you have no measurements of your own";
            "`planner bench --record` makes some"
        ));
    }
    events.tell(Event::Contribution(&contribution));
    for row in &withheld {
        events.tell(Event::Withheld(row));
    }
    let mut exported = Exported {
        contribution,
        withheld,
        saved: None,
    };
    if exported.contribution.rows.is_empty()
        || events.ask(Question::WriteContribution)? == Answer::No
    {
        return Ok(exported);
    }
    exported.saved = Some(save::first_json(&request.out, &exported.contribution)?);
    Ok(exported)
}
