//! Whether LM Studio's engines here are known to load what a plan has.

use crate::catalog::Catalog;
use crate::edge::studio::Studio;
use crate::lmstudio::{Version, selected};
use crate::plan::Plan;
use crate::plan::document::Entry;

/// Each model of the plan that is known to load only in a newer engine than the one here, with the
/// way to that. LM Studio's engines are asked only where a model has such a version, and where they
/// can't be read nothing is said.
pub(super) fn older_than_known(plan: &Plan, catalog: &Catalog, studio: &dyn Studio) -> Vec<String> {
    let known: Vec<(&Entry, Version)> = plan
        .loadout
        .iter()
        .filter_map(|entry| Some((entry, since(entry, catalog)?)))
        .collect();
    if known.is_empty() {
        return Vec::new();
    }
    let runtimes = studio.runtimes().unwrap_or_default();
    let older = |(entry, since): (&Entry, Version)| {
        let here = selected(&runtimes, entry.engine).filter(|here| here.version < since)?;
        Some(format!(
            "{} is known to load in LM Studio's {} engine from {since} on, and {} is selected here: `lms runtime update --all`",
            entry.name, entry.engine, here.version
        ))
    };
    known.into_iter().filter_map(older).collect()
}

fn since(entry: &Entry, catalog: &Catalog) -> Option<Version> {
    let (model, variant) = catalog.find(&entry.full_name())?;
    let loads = catalog.loads(model, variant?)?;
    Version::of(loads.lm_studio.as_deref()?)
}
