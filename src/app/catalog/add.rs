//! An entry of the catalog from a model's own files.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::app::events::{Event, Events};
use crate::app::read;
use crate::app::read::{Found, Remote};
use crate::app::workspace::Workspace;
use crate::audit;
use crate::audit::Finding;
use crate::basis::Basis;
use crate::catalog::entry::{Facts, id_of};
use crate::catalog::{Catalog, Layer};
use crate::edge::files;
use crate::fault;
use crate::memory::Companion;
use crate::model::gguf::PartName;
use crate::model::repository::quantization;
use crate::suggest;

/// Which model to add, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddRequest {
    /// A file, a folder, or a repository of a hub.
    pub model: String,
    /// Id of the new model; from its name when left out.
    pub id: Option<String>,
    /// The model of the catalog that it is a variant of.
    pub extends: Option<String>,
    /// The file to write; one in the user's own catalog when left out.
    pub out: Option<PathBuf>,
    /// The hub that is asked for repositories.
    pub endpoint: String,
}

/// An entry that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Its `model/variant`.
    pub variant: String,
    /// The file.
    pub path: PathBuf,
}

/// Writes an entry for a model, ready to be measured. What the check finds of it is told.
///
/// # Errors
/// When the model can't be read or lacks what an entry needs, its id is taken, or the file is there
/// already.
pub fn add(workspace: &Workspace, request: &AddRequest, events: &dyn Events) -> Result<Added> {
    let catalog = workspace.catalog()?;
    let found = find(request, catalog, events)?;
    let facts = facts(request, found, catalog)?;
    let text = match request.extends {
        Some(_) => facts.extending_file(),
        None => facts.new_file(),
    }
    .context("can't write the entry as TOML")?;
    let path = match &request.out {
        Some(path) => path.clone(),
        None => in_own_catalog(&facts)?,
    };
    if files::is_file(&path) {
        bail!(fault!(
            "{} is there already", path.display();
            "move it away, or name another file with --out"
        ));
    }
    for finding in findings(&path, &text, &facts, workspace)? {
        events.tell(Event::Found(&finding));
    }
    files::write_atomic(&path, text.as_bytes())?;
    Ok(Added {
        variant: format!("{}/{}", facts.id, facts.variant().id),
        path,
    })
}

fn find(request: &AddRequest, catalog: &Catalog, events: &dyn Events) -> Result<Found> {
    if !read::is_remote(&request.model) {
        return read::find(&request.model, None, catalog);
    }
    match read::remote(&request.model, &request.endpoint, events)? {
        Remote::One(found) => Ok(*found),
        Remote::Several(_, sets) => {
            let names: Vec<&str> = sets.iter().map(|s| s.quantization.as_str()).collect();
            bail!(fault!(
                "{} has several models", request.model;
                "name one with :QUANTIZATION, of {}", names.join(", ")
            ))
        }
    }
}

fn facts(request: &AddRequest, found: Found, catalog: &Catalog) -> Result<Facts> {
    let Found {
        subject,
        about,
        senses,
        ..
    } = found;
    let Some(context_length) = subject.context_length else {
        bail!(fault!(
            "{} does not say which context it was trained for", subject.name;
            "give another file of the model, or write its entry by hand: catalog/README.md explains each field"
        ));
    };
    if about.parameters.active == 0 {
        bail!(fault!(
            "{} is in the catalog already, or has no tensors", request.model;
            "give a file, a folder or a repository"
        ));
    }
    let name = about.title.unwrap_or_else(|| stem(&subject.name));
    let mut notes = subject.notes;
    if let Err(reason) = &subject.architecture {
        notes.push(format!("its memory is not known: {reason}"));
    }
    Ok(Facts {
        id: id(request, &name, catalog)?,
        name,
        publisher: about.publisher.unwrap_or_else(|| "unknown".to_owned()),
        parameters_total: about.parameters.total,
        parameters_active: about.parameters.active,
        context_length,
        architecture: subject.architecture.ok(),
        vision: matches!(senses, Some(Companion::Vision { .. })),
        engine: subject.engine.id().to_owned(),
        quantization: about.quantization.unwrap_or_else(|| "unknown".to_owned()),
        weights_bytes: subject.weights.gpu + subject.weights.cpu,
        cpu_weights_bytes: subject.weights.cpu,
        counted: subject.weights.basis == Basis::Computed,
        source: format!(
            "{} ({})",
            subject.weights.source,
            place(request, about.files.as_deref())
        ),
        repository: about.repository,
        files: about.files,
        notes,
    })
}

/// Where it was read; of a path on this machine only the name.
fn place(request: &AddRequest, file: Option<&str>) -> String {
    match file {
        Some(file) => file.to_owned(),
        None if read::is_remote(&request.model) => request.model.clone(),
        None => Path::new(&request.model).file_name().map_or_else(
            || request.model.clone(),
            |n| n.to_string_lossy().into_owned(),
        ),
    }
}

/// The name of a file without its ending, part and quantization.
fn stem(file: &str) -> String {
    let stem = PartName::parse(file).map_or_else(
        || file.trim_end_matches(".gguf").to_owned(),
        |part| part.stem,
    );
    match quantization(&stem) {
        Some(q) if stem.len() > q.len() => stem[..stem.len() - q.len()]
            .trim_end_matches(['-', '.'])
            .to_owned(),
        _ => stem,
    }
}

fn id(request: &AddRequest, name: &str, catalog: &Catalog) -> Result<String> {
    if let Some(id) = &request.extends {
        return match catalog.model(id) {
            Some(_) => Ok(id.clone()),
            None => {
                let ids = catalog.models.iter().map(|m| m.id.as_str());
                let near = suggest::or_nothing(suggest::nearest(id, ids).as_deref());
                bail!(fault!(
                    "`--extends {id}`: model not found{near}";
                    "`planner catalog list` shows them"
                ))
            }
        };
    }
    let id = request.id.clone().unwrap_or_else(|| id_of(name));
    if id != id_of(&id) || id.is_empty() {
        bail!(fault!(
            "`{id}` is not an id";
            "use lower case, digits, dots and dashes: `--id {}`", id_of(name)
        ));
    }
    if catalog.model(&id).is_some() {
        bail!(fault!(
            "the catalog has a model `{id}` already";
            "--extends {id} adds these files to it, --id names another model"
        ));
    }
    Ok(id)
}

fn in_own_catalog(facts: &Facts) -> Result<PathBuf> {
    let folder = files::user_catalog_path()
        .with_context(|| fault!("no configuration folder is known"; "name a file with --out"))?;
    files::make_folder(&folder)?;
    Ok(folder.join(format!("{}-{}.toml", facts.id, facts.variant().id)))
}

/// What the check finds of the new entry, which is read as any catalog is.
fn findings(path: &Path, text: &str, facts: &Facts, workspace: &Workspace) -> Result<Vec<Finding>> {
    let shown = path.display().to_string();
    let layer = Layer::read([(shown.as_str(), text)])?;
    let catalog = workspace.catalog()?.clone().with_layer(&layer)?;
    let own = format!("{}/{}", facts.id, facts.variant().id);
    let all = audit::check(&catalog, &workspace.profiles().chips);
    Ok(all
        .into_iter()
        .filter(|f| f.explanation.is_none() && f.subject.contains(&own))
        .collect())
}
