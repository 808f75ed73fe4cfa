//! What the argument of `fit` names: a file, a folder, a variant of the catalog.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{catalog, folder, gguf};
use crate::catalog::Catalog;
use crate::edge::files;
use crate::fault;
use crate::fit::{About, Subject};
use crate::memory::{Companion, Engine};

/// A model, and what could be loaded with it.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Found {
    /// The model alone.
    pub(in crate::cli) subject: Subject,
    /// Its own layers for multi-token prediction.
    pub(in crate::cli) prediction: Option<Companion>,
    /// What it sees or hears with, inside its own files.
    pub(in crate::cli) senses: Option<Companion>,
    /// What its files say of it beside that.
    pub(in crate::cli) about: About,
    /// Where its files are, when they are here.
    pub(in crate::cli) folder: Option<PathBuf>,
    /// Its `model/variant`, where it is one of the catalog.
    pub(in crate::cli) known: Option<String>,
}

/// Finds what `name` means.
pub(in crate::cli) fn find(name: &str, engine: Option<Engine>, catalog: &Catalog) -> Result<Found> {
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
        "{} is there, and is no model that planner reads: it does not begin as a GGUF file does", path.display();
        "give a .gguf file, or the folder that holds `config.json` and the safetensors files"
    ))
}

/// Whether the engine asked for runs these files.
pub(in crate::cli) fn check_engine(
    name: &str,
    engine: Option<Engine>,
    found: &Found,
) -> Result<()> {
    match engine {
        Some(wanted) if wanted != found.subject.engine => bail!(fault!(
            "`{name}` runs in {}, and {wanted} was asked for", found.subject.engine;
            "leave --engine out, or give {} of the model", match wanted {
            Engine::LlamaCpp => "a GGUF file",
            Engine::Mlx => "an MLX folder",
        }
        )),
        _ => Ok(()),
    }
}
