//! A loaded model with its memory: the plan's own figures, else the catalog's.

use crate::apply::document::LoadedRow;
use crate::catalog::schema::{Model, Variant};
use crate::catalog::{Catalog, weights_of};
use crate::lmstudio::matching;
use crate::lmstudio::matching::{By, Match, Wanted};
use crate::lmstudio::{Installed, Loaded};
use crate::memory::{Engine, Ledger, Settings};
use crate::plan::Plan;
use crate::plan::document::Memory;

/// A row of what is loaded.
pub(super) fn row(loaded: &Loaded, plan: Option<&Plan>, catalog: &Catalog) -> LoadedRow {
    LoadedRow {
        identifier: loaded.state.identifier.clone(),
        key: loaded.model.model_key.clone(),
        quantization: loaded.model.quantization.as_ref().map(|q| q.name.clone()),
        files_bytes: loaded.model.size_bytes,
        context: loaded.state.context_length,
        slots: loaded.state.parallel,
        ttl_seconds: loaded.state.ttl_ms.map(|ms| ms / 1000),
        status: loaded.state.status.clone(),
        memory: planned(loaded, plan).or_else(|| catalogued(loaded, catalog)),
    }
}

/// The plan's own ledger, where the model is loaded as planned.
fn planned(loaded: &Loaded, plan: Option<&Plan>) -> Option<Memory> {
    let entry = plan?
        .loadout
        .iter()
        .find(|e| e.identifier == loaded.state.identifier)?;
    let as_planned = loaded.state.context_length == Some(entry.settings.context)
        && loaded
            .state
            .parallel
            .is_none_or(|p| p == entry.settings.slots);
    as_planned.then_some(entry.memory)
}

/// The ledger at the context and slots in force, where the catalog knows these files.
fn catalogued(loaded: &Loaded, catalog: &Catalog) -> Option<Memory> {
    let context = loaded.state.context_length?;
    let (model, variant) = known(loaded, catalog)?;
    let architecture = model.architecture.as_ref()?;
    let stock = Settings::lm_studio(Engine::from_id(&variant.engine)?, context);
    let settings = Settings {
        slots: loaded.state.parallel.unwrap_or(stock.slots),
        ..stock
    };
    let weights = weights_of(variant);
    Some(Memory::of(&Ledger::of(architecture, &weights, &settings)))
}

/// The variant of the catalog that a loaded model is; none where it has none of these files that an
/// engine runs.
pub(super) fn known<'c>(loaded: &Loaded, catalog: &'c Catalog) -> Option<(&'c Model, &'c Variant)> {
    let known = |(model, variant): &(&Model, &Variant)| {
        model.architecture.is_some() && Engine::from_id(&variant.engine).is_some()
    };
    let found = of_catalog(&loaded.model, catalog.files().filter(known));
    found.map(|(model, variant, _)| (model, variant))
}

/// The variant whose files an installed model is, else of whose files it is a copy.
pub(in crate::app) fn of_catalog<'c>(
    installed: &Installed,
    all: impl Iterator<Item = (&'c Model, &'c Variant)>,
) -> Option<(&'c Model, &'c Variant, By)> {
    let mut copy = None;
    for (model, variant) in all {
        let found = wanted(variant).map(|wanted| by(&wanted, installed));
        match found.flatten() {
            Some(By::Name) => return Some((model, variant, By::Name)),
            Some(by) => copy = copy.or(Some((model, variant, by))),
            None => {}
        }
    }
    copy
}

/// The files of a variant, where the catalog names their repository.
pub(super) fn wanted(variant: &Variant) -> Option<Wanted> {
    let repository = matching::repository_path(variant.repository.as_deref()?)?;
    Some(Wanted {
        repository: Some(repository.to_owned()),
        files: variant.files.clone(),
        quantization: variant.quantization.clone(),
        size: variant.weights_bytes,
        key: None,
    })
}

fn by(wanted: &Wanted, model: &Installed) -> Option<By> {
    match matching::find(wanted, std::slice::from_ref(model)) {
        Match::Found { by, .. } => Some(by),
        _ => None,
    }
}
