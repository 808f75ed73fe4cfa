//! What LM Studio has loaded now, each model with its ledger where its file can be found.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::basis::Basis;
use crate::catalog::{Catalog, full_name};
use crate::cli::fit::target;
use crate::cli::fit::target::Found;
use crate::edge::lms::Lms;
use crate::edge::{files, lms};
use crate::fit::Neighbour;
use crate::lmstudio::{Installed, Loaded};
use crate::memory::Settings;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::plan::document::Memory;
use crate::units::Bytes;

/// Asks `lms ps`. Models on other devices take nothing of this one's memory.
pub(super) fn neighbours(catalog: &Catalog) -> Result<Vec<Neighbour>> {
    let loaded = Lms::find()?.loaded()?;
    let folder = lms::downloads_folder();
    Ok(loaded
        .iter()
        .filter(|l| l.model.device_identifier.is_none())
        .map(|l| neighbour(l, folder.as_deref(), catalog))
        .collect())
}

fn neighbour(loaded: &Loaded, folder: Option<&Path>, catalog: &Catalog) -> Neighbour {
    let name = loaded.state.identifier.clone();
    match resolve(&loaded.model, folder, catalog) {
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
            ..Memory::default()
        },
        basis: Basis::Assumed,
        source: "loaded in LM Studio; its file can't be found, so its size stands for it and its context is not counted".to_owned(),
    }
}

/// The file or folder below the models folder; else the variant of the catalog from the same
/// repository and with the same quantization. With where it was found.
pub(in crate::cli::fit) fn resolve(
    model: &Installed,
    folder: Option<&Path>,
    catalog: &Catalog,
) -> Option<(Found, String)> {
    if let Some(path) = folder.and_then(|f| on_disk(f, model)) {
        let found = target::find(&path.to_string_lossy(), None, catalog).ok()?;
        return Some((found, "its own file".to_owned()));
    }
    let name = in_catalog(model, catalog)?;
    let found = target::find(&name, None, catalog).ok()?;
    Some((found, format!("figures of {name} in the catalog")))
}

/// `path` is a file, or a folder of safetensors, or one with the file of the quantization that is
/// installed.
fn on_disk(folder: &Path, model: &Installed) -> Option<PathBuf> {
    let path = folder.join(&model.path);
    if files::is_file(&path) || files::is_file(&path.join("config.json")) {
        return Some(path);
    }
    let wanted = model.quantization.as_ref()?.name.to_ascii_lowercase();
    let names = files::names_in(&path).ok()?;
    let mut fitting = names.into_iter().filter(|name| {
        let lower = name.to_ascii_lowercase();
        lower.ends_with(".gguf") && !lower.starts_with("mmproj") && lower.contains(&wanted)
    });
    fitting.next().map(|name| path.join(name))
}

fn in_catalog(model: &Installed, catalog: &Catalog) -> Option<String> {
    let mut parts = model.path.split('/');
    let repository = format!("{}/{}", parts.next()?, parts.next()?);
    let wanted = model.quantization.as_ref()?.name.as_str();
    let all = catalog
        .models
        .iter()
        .flat_map(|m| m.variants.iter().map(move |v| (m, v)));
    all.into_iter()
        .find(|(_, v)| {
            let same = |r: &String| r.ends_with(&format!("/{repository}"));
            v.repository.as_ref().is_some_and(same) && v.quantization.eq_ignore_ascii_case(wanted)
        })
        .map(|(m, v)| full_name(m, v))
}
