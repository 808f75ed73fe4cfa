//! What the name of a model means: a file, a folder, a variant of the catalog.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Result, bail};

use super::found::{Found, check_engine};
use super::{catalog, folder, gguf};
use crate::catalog::Catalog;
use crate::edge::files;
use crate::fault;
use crate::memory::Engine;

/// Finds what `name` means.
pub(in crate::app) fn find(name: &str, engine: Option<Engine>, catalog: &Catalog) -> Result<Found> {
    let path = Path::new(name);
    let found = if name.to_ascii_lowercase().ends_with(".gguf") {
        gguf::read(path)?
    } else if catalog.find(name).is_some() {
        catalog::find(name, engine, catalog)?
    } else if files::is_folder(path) {
        folder::read(path)?
    } else if name.ends_with(".safetensors") {
        bail!(fault!(
            "{name} is one file of a model";
            "give its folder, whose `config.json` says how the model is built"
        ));
    } else if files::is_file(path) {
        any_file(path)?
    } else {
        catalog::find(name, engine, catalog)?
    };
    check_engine(name, engine, &found)?;
    Ok(found)
}

/// A file of another name: its first bytes say what it is, as for the engines.
fn any_file(path: &Path) -> Result<Found> {
    let (mut file, _) = files::open(path)?;
    let mut magic = [0_u8; 4];
    // A file that is shorter is no model.
    if file.read_exact(&mut magic).is_ok() && magic == *b"GGUF" {
        return gguf::read(path);
    }
    bail!(fault!(
        "{} is not a GGUF file", path.display();
        "give a .gguf file, or the folder that holds `config.json` and the safetensors files"
    ))
}
