//! A new entry of the catalog, as a file of the user's own.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::app::entry;
use crate::app::entry::Wanted;
use crate::app::events::{Event, Events};
use crate::app::workspace::Workspace;
use crate::audit;
use crate::audit::Finding;
use crate::catalog::Layer;
use crate::catalog::entry::{extending_file, new_file};
use crate::catalog::schema::Model;
use crate::edge::files;
use crate::edge::places;
use crate::fault;

/// Which model to add, and as what.
#[derive(Debug, Clone, PartialEq)]
pub struct AddRequest {
    /// A file, a folder, or a repository of a hub.
    pub model: String,
    /// Id of the new model; from its name when left out.
    pub id: Option<String>,
    /// The model of the catalog that it is a variant of.
    pub extends: Option<String>,
    /// Its scores by benchmark, on the benchmark's own scale.
    pub scores: Vec<(String, f64)>,
    /// The file to write; one in the user's own catalog when left out.
    pub out: Option<PathBuf>,
    /// The hub that is asked for repositories.
    pub endpoint: String,
}

/// An entry that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Each `model/variant` of it.
    pub variants: Vec<String>,
    /// The file.
    pub path: PathBuf,
    /// What nobody said of a new model.
    pub missing: Vec<Missing>,
}

/// What an entry can be without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The figures that decide memory.
    Architecture,
    /// Published scores.
    Scores,
    /// The day of its release.
    Released,
    /// Its license.
    License,
}

/// Writes an entry for a model, ready to be measured. What the check finds of it is told.
///
/// # Errors
/// When the model can't be read or lacks what an entry needs, its id is taken, or the file is there
/// already.
pub fn add(workspace: &Workspace, request: &AddRequest, events: &dyn Events) -> Result<Added> {
    let wanted = Wanted {
        model: &request.model,
        id: request.id.as_deref(),
        extends: request.extends.as_deref(),
        scores: &request.scores,
        endpoint: &request.endpoint,
    };
    let model = entry::read(&wanted, workspace.catalog()?, events)?;
    let text = match request.extends {
        Some(_) => extending_file(&model),
        None => new_file(&model),
    }
    .context("can't write the entry as TOML")?;
    let path = match &request.out {
        Some(path) => path.clone(),
        None => in_own_catalog(&model)?,
    };
    if files::is_file(&path) {
        bail!(fault!(
            "{} already exists", path.display();
            "move it away, or name another file with --out"
        ));
    }
    for finding in findings(&path, &text, &model, workspace)? {
        events.tell(Event::Found(&finding));
    }
    files::write_atomic(&path, text.as_bytes())?;
    Ok(Added {
        variants: names(&model),
        path,
        missing: match request.extends {
            Some(_) => Vec::new(),
            None => missing(&model),
        },
    })
}

fn names(model: &Model) -> Vec<String> {
    let variants = model.variants.iter();
    variants.map(|v| format!("{}/{}", model.id, v.id)).collect()
}

fn missing(model: &Model) -> Vec<Missing> {
    let all = [
        (Missing::Architecture, model.architecture.is_none()),
        (Missing::Scores, model.scores.is_empty()),
        (Missing::Released, model.released.is_none()),
        (Missing::License, model.license.is_none()),
    ];
    let missing = all.into_iter().filter(|(_, is)| *is);
    missing.map(|(what, _)| what).collect()
}

fn in_own_catalog(model: &Model) -> Result<PathBuf> {
    let folder = places::user_catalog_path().with_context(
        || fault!("the configuration folder is not known"; "name a file with --out"),
    )?;
    files::make_folder(&folder)?;
    let name = match model.variants.as_slice() {
        [one] => format!("{}-{}.toml", model.id, one.id),
        _ => format!("{}.toml", model.id),
    };
    Ok(folder.join(name))
}

/// What the check finds of the new entry, which is read as any catalog is.
fn findings(path: &Path, text: &str, model: &Model, workspace: &Workspace) -> Result<Vec<Finding>> {
    let shown = path.display().to_string();
    let layer = Layer::read([(shown.as_str(), text)])?;
    let catalog = workspace.catalog()?.clone().with_layer(&layer)?;
    let own = names(model);
    let all = audit::check(&catalog, &workspace.profiles().chips);
    let of_it = |f: &Finding| own.iter().any(|name| f.subject.contains(name));
    Ok(all
        .into_iter()
        .filter(|f| f.explanation.is_none() && of_it(f))
        .collect())
}
