//! Files of the user's own catalog, by the model that they are of.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::app::workspace::Workspace;
use crate::catalog::Layer;
use crate::edge::{environment, files};
use crate::{fault, suggest};

/// Takes the files of a model out of the user's catalog. Gives each with the name that it has now.
///
/// # Errors
/// When the user's catalog has no file of the model, or one can't be renamed.
pub fn remove(id: &str) -> Result<Vec<(PathBuf, PathBuf)>> {
    let found = files_of(id)?;
    if found.is_empty() {
        let hint = match files::user_catalog() {
            Some(folder) => format!("your entries are in {}", folder.display()),
            None => "you have none: `planner catalog add` writes one".to_owned(),
        };
        bail!(fault!("your catalog has no entry of `{id}`"; "{hint}"));
    }
    let set_aside = |path: PathBuf| {
        let kept = files::set_aside(&path)?;
        Ok((path, kept))
    };
    found.into_iter().map(set_aside).collect()
}

/// Opens the user's file of a model in their editor, or a new one that adds to a shipped model; and
/// looks at what came of it.
///
/// # Errors
/// When there is no such model, the editor fails, or the file makes no sense then.
pub fn edit(workspace: &Workspace, id: &str) -> Result<PathBuf> {
    let found = files_of(id)?;
    let path = match found.as_slice() {
        [one] => one.clone(),
        [] => extending(workspace, id)?,
        [first, ..] => bail!(fault!(
            "`{id}` stands in {} of your files", found.len();
            "open one of them yourself: {}", first.display()
        )),
    };
    environment::edit(&path)?;
    let text = files::read_text(&path)?;
    let shown = path.display().to_string();
    let layer = Layer::read([(shown.as_str(), text.as_str())])?;
    workspace.catalog()?.clone().with_layer(&layer)?;
    Ok(path)
}

/// A new file that adds nothing yet to a model of the catalog.
fn extending(workspace: &Workspace, id: &str) -> Result<PathBuf> {
    let catalog = workspace.catalog()?;
    if catalog.model(id).is_none() {
        let near = suggest::nearest(id, catalog.models.iter().map(|m| m.id.as_str()));
        bail!(fault!(
            "model not found: `{id}`{}", suggest::or_nothing(near.as_deref());
            "`planner catalog add` writes an entry of a new one"
        ));
    }
    let folder = files::user_catalog_path().with_context(
        || fault!("the configuration folder is not known"; "set HOME or XDG_CONFIG_HOME"),
    )?;
    files::make_folder(&folder)?;
    let path = folder.join(format!("{id}.toml"));
    let text = format!(
        "# What you add to the shipped entry: [[variants]], [[scores]] or [[measurements]].\nextends = \"{id}\"\n"
    );
    files::write_first(&path, text.as_bytes())?;
    Ok(path)
}

/// The user's files that describe the model, or add to it. A file that can't be read as TOML goes by
/// its name, so that it can be mended or removed.
fn files_of(id: &str) -> Result<Vec<PathBuf>> {
    let Some(folder) = files::user_catalog() else {
        return Ok(Vec::new());
    };
    let texts = files::read_toml_folder(&folder)?;
    let of_model = |(path, text): &(String, String)| match text.parse::<toml::Table>() {
        Ok(table) => {
            let named = |key: &str| table.get(key).and_then(toml::Value::as_str) == Some(id);
            named("id") || named("extends")
        }
        Err(_) => Path::new(path).file_stem().is_some_and(|stem| stem == id),
    };
    let found = texts.into_iter().filter(of_model);
    Ok(found.map(|(path, _)| PathBuf::from(path)).collect())
}
