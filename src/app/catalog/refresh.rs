//! A model's sizes from its hub's own list of files, as a change of its entry.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::app::events::Events;
use crate::app::names::{LISTED, no_model};
use crate::app::read;
use crate::app::save;
use crate::app::workspace::Workspace;
use crate::catalog::entry::variants_file;
use crate::catalog::refresh::{FileOnHub, OnHub, Refresh, Refreshed, SCHEMA, TensorCount};
use crate::catalog::schema::{Model, Variant};
use crate::catalog::write::replace_variant;
use crate::download::Content;
use crate::edge::hub::{Hub, HubFile};
use crate::edge::{clock, files, places};
use crate::fault;
use crate::lmstudio::matching::repository_path;
use crate::memory::Engine;
use crate::model::repository::Repository;
use crate::units::Bytes;

/// Which model, and what to do with what is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshRequest {
    /// A model, or one of its variants.
    pub model: String,
    /// The hub that is asked.
    pub endpoint: String,
    /// Write the change: into the user's catalog.
    pub write: bool,
    /// The model's own catalog file to write it into instead.
    pub into: Option<PathBuf>,
}

/// Asks the hub for each file of a model, and proposes what would change; writes it where asked to.
///
/// # Errors
/// When there is no such model, a repository can't be read, or the change can't be written.
pub fn refresh(
    workspace: &Workspace,
    request: &RefreshRequest,
    events: &dyn Events,
) -> Result<Refresh> {
    let catalog = workspace.catalog()?;
    let Some((model, only)) = catalog.find(&request.model) else {
        bail!(no_model("", &request.model, catalog, LISTED));
    };
    let mut asking = Asking {
        hub: Hub::at(&request.endpoint)?,
        events,
        lists: Vec::new(),
    };
    let asked = model.variants.iter();
    let asked = asked.filter(|v| only.is_none_or(|only| only.id == v.id));
    let mut variants = Vec::new();
    let mut changed = Vec::new();
    let today = clock::today();
    for variant in asked {
        let (row, anew) = asking.refreshed(variant, &today)?;
        changed.extend(anew);
        variants.push(row);
    }
    let written = match (request.write && !changed.is_empty(), &request.into) {
        (false, _) => None,
        (true, Some(file)) => Some(into_file(file, model, &changed)?),
        (true, None) => Some(into_own(model, &changed)?),
    };
    Ok(Refresh {
        schema: SCHEMA,
        model: model.id.clone(),
        variants,
        written,
    })
}

/// The hub, and the lists of files that it gave so far.
struct Asking<'a> {
    hub: Hub,
    events: &'a dyn Events,
    lists: Vec<(String, Vec<HubFile>)>,
}

impl Asking<'_> {
    /// A variant as the hub has it, and its entry where that changes.
    fn refreshed(&mut self, variant: &Variant, day: &str) -> Result<(Refreshed, Option<Variant>)> {
        let row = |hub, changes, reason| Refreshed {
            variant: variant.id.clone(),
            weights_bytes: variant.weights_bytes,
            size: variant.size,
            hub,
            changes,
            reason,
        };
        let (engine, repository) = match place(variant) {
            Ok(place) => place,
            Err(reason) => return Ok((row(None, false, Some(reason.to_owned())), None)),
        };
        let list = self.files(repository)?;
        let found = match engine {
            Engine::LlamaCpp => gguf(variant, &list),
            Engine::Mlx => safetensors(&list),
        };
        let files = match found {
            Ok(files) => files,
            Err(reason) => return Ok((row(None, false, Some(reason)), None)),
        };
        let on_hub = self.on_hub(engine, repository, files)?;
        let includes = match engine {
            Engine::LlamaCpp => "The whole file, its header and tokenizer with it",
            Engine::Mlx => "The weight files alone, their headers with them",
        };
        let anew = on_hub
            .differs(variant)
            .then(|| on_hub.variant(variant, includes, day));
        Ok((row(Some(on_hub), anew.is_some(), None), anew))
    }

    fn on_hub(&self, engine: Engine, repository: &str, files: Vec<HubFile>) -> Result<OnHub> {
        let paths: Vec<&str> = files.iter().map(|f| f.path.as_str()).collect();
        let types = match engine {
            Engine::LlamaCpp => read::types(&self.hub, repository, &paths, self.events)?,
            Engine::Mlx => Vec::new(),
        };
        let count = |(r#type, tensors)| TensorCount { r#type, tensors };
        Ok(OnHub {
            repository: repository.to_owned(),
            bytes: files.iter().map(|f| f.bytes).sum(),
            tensor_types: types.into_iter().map(count).collect(),
            files: files
                .into_iter()
                .map(|f| FileOnHub {
                    path: f.path,
                    bytes: f.bytes,
                    sha256: match f.content {
                        Content::Sha256(digest) => Some(digest),
                        _ => None,
                    },
                })
                .collect(),
        })
    }

    fn files(&mut self, repository: &str) -> Result<Vec<HubFile>> {
        if let Some((_, list)) = self.lists.iter().find(|(name, _)| name == repository) {
            return Ok(list.clone());
        }
        let list = self.hub.files(repository)?;
        self.lists.push((repository.to_owned(), list.clone()));
        Ok(list)
    }
}

/// The engine and the repository of a variant, where the hub can be asked for it.
fn place(variant: &Variant) -> Result<(Engine, &str), &'static str> {
    let engine =
        Engine::from_id(&variant.engine).ok_or("it is for an engine with files of its own")?;
    let repository = variant.repository.as_deref().and_then(repository_path);
    let repository = repository.ok_or("its repository is not known, or on no hub")?;
    Ok((engine, repository))
}

fn gguf(variant: &Variant, list: &[HubFile]) -> Result<Vec<HubFile>, String> {
    let sizes: Vec<(String, Bytes)> = list.iter().map(|f| (f.path.clone(), f.bytes)).collect();
    let offered = Repository::of(&sizes);
    let meant = read::gguf_set(&offered, &variant.quantization, variant.files.as_deref());
    let set = meant.or_else(|| offered.find(&variant.quantization));
    let Some(set) = set else {
        return Err(format!("the repository has no `{}`", variant.quantization));
    };
    let of_set = set
        .paths
        .iter()
        .map(|path| list.iter().find(|f| f.path == *path).cloned());
    of_set
        .collect::<Option<Vec<HubFile>>>()
        .ok_or_else(|| "a part of it is missing in the repository".to_owned())
}

fn safetensors(list: &[HubFile]) -> Result<Vec<HubFile>, String> {
    let is_weights = |f: &&HubFile| f.path.ends_with(".safetensors") && !f.path.contains('/');
    let found: Vec<HubFile> = list.iter().filter(is_weights).cloned().collect();
    match found.is_empty() {
        true => Err("the repository has no safetensors files".to_owned()),
        false => Ok(found),
    }
}

/// Changes the tables of the variants in the model's own file, and nothing else in it.
fn into_file(file: &Path, model: &Model, changed: &[Variant]) -> Result<String> {
    let mut text = files::read_text(file)?;
    let shown = file.display();
    let table: toml::Table = text
        .parse()
        .with_context(|| format!("can't read {shown}"))?;
    if table.get("id").and_then(toml::Value::as_str) != Some(&model.id) {
        bail!(fault!(
            "{shown} is not the catalog file of `{}`", model.id;
            "give that file, such as catalog/{}.toml in planner's repository", model.id
        ));
    }
    for variant in changed {
        text = replace_variant(&text, variant)
            .with_context(|| format!("can't change `{}` in {shown}", variant.id))?;
    }
    save::bytes(file, text.as_bytes())?;
    Ok(shown.to_string())
}

/// A new file of the user's catalog, whose variants stand in place of those below.
fn into_own(model: &Model, changed: &[Variant]) -> Result<String> {
    let folder = places::own_catalog()?;
    let text = variants_file(&model.id, changed)?;
    let stem = format!("refresh-{}-{}", model.id, clock::utc().replace(':', ""));
    let path = files::write_new(&folder, &stem, "toml", text.as_bytes())?;
    Ok(path.display().to_string())
}
