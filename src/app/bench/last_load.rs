//! How long a model took to load.

use crate::apply::{Journal, Phase};
use crate::edge::journal;
use crate::measure::document::Load;

/// How long the last `planner apply` took to load the model of this name, where it did and the
/// server is on this machine.
pub(super) fn last_load(name: &str, local: bool) -> Option<Load> {
    let journal = journal::last::<Journal>().ok().flatten()?;
    let applied = local && journal.phase == Phase::Applied;
    let load = journal.loads.iter().find(|l| l.identifier == name)?;
    applied.then(|| Load {
        seconds: load.seconds(),
        files: load.files().to_owned(),
        source: format!("planner apply of {}", journal.plan),
    })
}
