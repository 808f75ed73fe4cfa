//! The files of a model that LM Studio lists.

use std::path::{Path, PathBuf};

use super::find::find;
use super::found::Found;
use crate::app::loaded_rows::of_catalog;
use crate::catalog::{Catalog, full_name};
use crate::edge::files;
use crate::lmstudio::Installed;

/// The file or folder below the models folder; else the variant of the catalog from the same
/// repository and with the same quantization. With where it was found.
pub(in crate::app) fn resolve(
    model: &Installed,
    folder: Option<&Path>,
    catalog: &Catalog,
) -> Option<(Found, String)> {
    if let Some(path) = folder.and_then(|f| on_disk(f, model)) {
        let found = find(&path.to_string_lossy(), None, catalog).ok()?;
        return Some((found, "its own file".to_owned()));
    }
    let name = in_catalog(model, catalog)?;
    let found = find(&name, None, catalog).ok()?;
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
    of_catalog(model, catalog.files()).map(|(m, v, _)| full_name(m, v))
}
