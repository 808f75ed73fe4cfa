//! What LM Studio has loaded now, each model with its ledger where its file can be found.

use std::path::Path;

use anyhow::Result;

use crate::app::read;
use crate::basis::Basis;
use crate::catalog::Catalog;
use crate::edge::lms;
use crate::edge::lms::Lms;
use crate::fit::Neighbour;
use crate::lmstudio::Loaded;
use crate::memory::Settings;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::plan::document::Memory;
use crate::units::Bytes;

/// Asks `lms ps`. Models on other devices take nothing of this one's memory.
pub(super) fn neighbours(catalog: &Catalog) -> Result<Vec<Neighbour>> {
    let loaded = Lms::find()?.loaded()?.rows;
    let folder = lms::downloads_folder();
    Ok(loaded
        .iter()
        .filter(|l| l.model.device_identifier.is_none())
        .map(|l| neighbour(l, folder.as_deref(), catalog))
        .collect())
}

fn neighbour(loaded: &Loaded, folder: Option<&Path>, catalog: &Catalog) -> Neighbour {
    let name = loaded.state.identifier.clone();
    match read::installed_files(&loaded.model, folder, catalog) {
        Some((found, from)) if found.subject.architecture.is_ok() => {
            let context = loaded.state.context_length.or(found.subject.context_length);
            let mut settings =
                Settings::lm_studio(found.subject.engine, context.unwrap_or(SHORTEST_CONTEXT));
            settings.slots = loaded.state.parallel.unwrap_or(settings.slots).max(1);
            Neighbour {
                name,
                memory: Memory::of(&found.subject.ledger(&settings)),
                settings: Some(settings),
                basis: found.subject.weights.basis,
                source: format!("loaded in LM Studio; {from}"),
            }
        }
        _ => by_size(name, loaded.model.size_bytes),
    }
}

/// A model that can't be looked into counts with its file alone.
fn by_size(name: String, bytes: Bytes) -> Neighbour {
    Neighbour {
        name,
        settings: None,
        memory: Memory {
            weights_bytes: bytes,
            gpu_total_bytes: bytes,
            total_bytes: bytes,
            worst_gpu_total_bytes: bytes,
            worst_total_bytes: bytes,
            ..Memory::default()
        },
        basis: Basis::Assumed,
        source: "loaded in LM Studio; its file can't be found, so its size stands for it and its context is not counted".to_owned(),
    }
}
