//! What is known of loads beside the steps, on whichever machine: estimates, sizes, whose they are.

use anyhow::Result;

use crate::apply::document::EstimateRow;
use crate::apply::{Difference, Instance, Journal, LoadTime, copy_of};
use crate::edge::studio::Studio;
use crate::lmstudio::Loaded;
use crate::plan::Plan;

/// What LM Studio thinks of each load. It is told, and decides nothing: it is often far off.
pub(in crate::app) fn estimates(
    studio: &dyn Studio,
    plan: &Plan,
    (target, changes): (&[Instance], &Difference),
) -> Result<Vec<EstimateRow>> {
    let mut rows = Vec::new();
    for instance in target.iter().filter(|t| !changes.keep.contains(t)) {
        let ledger = plan
            .loadout
            .iter()
            .find(|e| e.identifier == instance.identifier || plan.loadout.len() == 1);
        if let (Some(entry), Some(estimate)) = (ledger, studio.estimate(instance)?) {
            rows.push(EstimateRow {
                identifier: instance.identifier.clone(),
                ledger_gpu_bytes: entry.memory.gpu_total_bytes,
                estimate_gpu_bytes: estimate.gpu,
                refused: !estimate.allowed,
            });
        }
    }
    Ok(rows)
}

/// Adds the sizes of the files, as LM Studio lists them.
pub(in crate::app) fn size(studio: &dyn Studio, loads: &mut [LoadTime]) {
    // A list that can't be had leaves the sizes unknown.
    let now = studio.loaded().map_or(Vec::new(), |l| l.rows);
    for load in loads {
        let mut of_it = now.iter().filter(|l| l.state.identifier == load.identifier);
        load.files_bytes = of_it.next().map(|l| l.model.size_bytes);
    }
}

/// Whether a loaded model is one that this apply may have loaded.
pub(in crate::app) fn of_target(journal: &Journal, loaded: &Loaded) -> bool {
    let name = &loaded.state.identifier;
    journal
        .target
        .iter()
        .any(|t| t.identifier == *name || copy_of(name, &t.identifier) || copy_of(name, &t.key))
}
