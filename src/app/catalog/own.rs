//! Files of the user's own catalog, by the model that they are of.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::app::layers;
use crate::app::names::no_model;
use crate::app::workspace::Workspace;
use crate::edge::environment::Editor;
use crate::edge::files;
use crate::edge::places;
use crate::fault;

/// Takes the files of a model out of the user's catalog. Gives each with the name that it has now.
///
/// # Errors
/// When the user's catalog has no file of the model, or one can't be renamed.
pub fn remove(id: &str) -> Result<Vec<(PathBuf, PathBuf)>> {
    let found = files_of(id)?;
    if found.is_empty() {
        let hint = match places::user_catalog() {
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
/// looks at what came of it. None where a new file was left as it was: it is gone again.
///
/// # Errors
/// When there is no such model or no editor, it fails, or the file makes no sense then.
pub fn edit(workspace: &Workspace, id: &str) -> Result<Option<PathBuf>> {
    let found = files_of(id)?;
    let (path, new) = match found.as_slice() {
        [one] => (one.clone(), None),
        [] => {
            let (path, text) = extending(workspace, id)?;
            (path, Some(text))
        }
        [first, ..] => bail!(fault!(
            "`{id}` stands in {} of your files", found.len();
            "open one of them yourself: {}", first.display()
        )),
    };
    let editor = Editor::of_user(&path)?;
    if let Some(text) = &new {
        files::write_first(&path, text.as_bytes())?;
    }
    let edited = editor.edit(&path);
    let text = files::read_text(&path);
    if let (Some(new), Ok(text)) = (&new, &text)
        && new == text
    {
        files::remove(&path)?;
        return edited.map(|()| None);
    }
    edited?;
    let shown = path.display().to_string();
    let layer = layers::layer(&[(shown, text?)])?;
    workspace.catalog()?.clone().with_layer(&layer)?;
    Ok(Some(path))
}

/// A new file that adds nothing yet to a model of the catalog, and what is to stand in it.
fn extending(workspace: &Workspace, id: &str) -> Result<(PathBuf, String)> {
    let catalog = workspace.catalog()?;
    if catalog.model(id).is_none() {
        let hint = "`planner catalog add` writes an entry of a new one";
        bail!(no_model("", id, catalog, hint));
    }
    let folder = places::own_catalog()?;
    let text = format!(
        "# What you add to the shipped entry: [[variants]], [[scores]] or [[measurements]].\nextends = \"{id}\"\n"
    );
    Ok((folder.join(format!("{id}.toml")), text))
}

/// The user's files that describe the model, or add to it. A file that can't be read as TOML goes by
/// its name, so that it can be mended or removed.
fn files_of(id: &str) -> Result<Vec<PathBuf>> {
    let Some(folder) = places::user_catalog() else {
        return Ok(Vec::new());
    };
    let of_model = |path: &PathBuf| {
        let text = files::read_text(path).ok();
        match text.and_then(|text| text.parse::<toml::Table>().ok()) {
            Some(table) => {
                let named = |key: &str| table.get(key).and_then(toml::Value::as_str) == Some(id);
                named("id") || named("extends")
            }
            None => path.file_stem().is_some_and(|stem| stem == Path::new(id)),
        }
    };
    let mut found = files::toml_files(&folder)?;
    found.retain(of_model);
    Ok(found)
}
