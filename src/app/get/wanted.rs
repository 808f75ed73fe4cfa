//! Which models are meant: those of a plan, a variant of the catalog, a name on a hub.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::app::workspace::Workspace;
use crate::app::{names, plan_file, read};
use crate::catalog::full_name;
use crate::catalog::schema::{Model, Variant};
use crate::edge::files;
use crate::fault;
use crate::lmstudio::matching::repository_path;
use crate::memory::Engine;
use crate::plan::document::Entry;

/// A model to download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WantedModel {
    /// What it is called here.
    pub(super) name: String,
    /// `owner/name`.
    pub(super) repository: String,
    /// Which files of the repository.
    pub(super) files: Files,
}

/// Which files of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Files {
    /// Those that the name on a hub means, without `hf:`.
    Named(String),
    /// The GGUF files of a quantization, by a pattern where there is one.
    Gguf {
        /// The quantization.
        quantization: String,
        /// A pattern with `*`.
        pattern: Option<String>,
    },
    /// The safetensors files.
    Folder,
}

/// The models that a name means.
pub(super) fn models(workspace: &Workspace, what: &str) -> Result<Vec<WantedModel>> {
    if let Some(rest) = what.strip_prefix("hf:") {
        let named = read::Named::read(rest)?;
        return Ok(vec![WantedModel {
            name: what.to_owned(),
            repository: named.repository,
            files: Files::Named(rest.to_owned()),
        }]);
    }
    let path = Path::new(what);
    if what.ends_with(".json") || files::is_file(path) {
        let plan = plan_file::read_loadout(path)?;
        return plan.loadout.iter().map(of_entry).collect();
    }
    let name = names::variant(what, workspace.models()?)?;
    match workspace.models()?.find(&name) {
        Some((model, Some(variant))) => Ok(vec![of_variant(model, variant)?]),
        _ => bail!(fault!("variant not found: `{what}`"; "`planner catalog list` lists them")),
    }
}

fn of_entry(entry: &Entry) -> Result<WantedModel> {
    let files = match entry.engine {
        Engine::Mlx => Files::Folder,
        Engine::LlamaCpp => Files::Gguf {
            quantization: entry.quantization.clone(),
            pattern: entry.files.clone(),
        },
    };
    wanted(entry.full_name(), entry.repository.as_deref(), files)
}

fn of_variant(model: &Model, variant: &Variant) -> Result<WantedModel> {
    let name = full_name(model, variant);
    let files = match Engine::from_id(&variant.engine) {
        Some(Engine::Mlx) => Files::Folder,
        Some(Engine::LlamaCpp) => Files::Gguf {
            quantization: variant.quantization.clone(),
            pattern: variant.files.clone(),
        },
        None => bail!(fault!(
            "`{name}` is for {}, and no file that LM Studio loads", variant.engine;
            "name another variant: `planner catalog show {}`", model.id
        )),
    };
    wanted(name, variant.repository.as_deref(), files)
}

fn wanted(name: String, address: Option<&str>, files: Files) -> Result<WantedModel> {
    let repository = address.and_then(repository_path).with_context(|| {
        fault!(
            "no repository of `{name}` is known";
            "name one that has it: `planner get hf:OWNER/REPOSITORY:QUANTIZATION`"
        )
    })?;
    Ok(WantedModel {
        repository: repository.to_owned(),
        name,
        files,
    })
}
