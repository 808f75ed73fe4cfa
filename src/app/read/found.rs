//! A model that was read.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::fault;
use crate::fit::{About, LeftOut, Subject};
use crate::memory::{Companion, Engine};

/// A model, and what could be loaded with it.
#[derive(Debug, Clone)]
pub(in crate::app) struct Found {
    /// The model alone.
    pub(in crate::app) subject: Subject,
    /// Its own layers for multi-token prediction.
    pub(in crate::app) prediction: Option<Companion>,
    /// What it sees or hears with, inside its own files.
    pub(in crate::app) senses: Option<Companion>,
    /// What its files say of it beside that.
    pub(in crate::app) about: About,
    /// Where its files are, when they are here.
    pub(in crate::app) folder: Option<PathBuf>,
    /// Its `model/variant`, where it is one of the catalog.
    pub(in crate::app) known: Option<String>,
}

/// Whether the engine asked for runs these files.
pub(in crate::app) fn check_engine(
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

/// What was found, under the names to ask for it by.
pub(in crate::app) struct Several {
    pub(in crate::app) source: String,
    pub(in crate::app) found: Vec<(String, Found)>,
    pub(in crate::app) left_out: Vec<LeftOut>,
}
