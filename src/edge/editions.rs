//! Catalogs that were taken in place of the binary's, on disk: a file for each, and one small file
//! that says which is in use, which is replaced last and at once.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::lock::try_lock;
use super::{files, places};
use crate::catalog::editions::{Editions, SCHEMA, Taken};
use crate::fault;

/// The file that says which are there.
const NAME: &str = "editions.json";

/// What was taken so far; nothing where nothing was.
///
/// # Errors
/// When the record is there and can't be read.
pub fn read() -> Result<Editions> {
    let Some(path) = places::editions_path().map(|folder| folder.join(NAME)) else {
        return Ok(Editions::default());
    };
    if !files::is_there(&path) {
        return Ok(Editions::default());
    }
    let shown = path.display();
    let damaged = || {
        fault!(
            "the record of catalog updates, {shown}, is damaged";
            "remove that file: the catalog in planner itself is used then, and `planner catalog update` takes another"
        )
    };
    let text = files::read_text(&path).with_context(damaged)?;
    let editions: Editions = serde_json::from_str(&text).with_context(damaged)?;
    if editions.schema > SCHEMA {
        bail!(fault!(
            "the record of catalog updates, {shown}, was written by a newer planner";
            "use that one"
        ));
    }
    Ok(editions)
}

/// The text of one that was taken.
///
/// # Errors
/// When it can't be read.
pub fn text(taken: &Taken) -> Result<String> {
    files::read_text(&folder()?.join(&taken.file))
}

/// The folder, held by one update at a time.
#[derive(Debug)]
pub struct Held {
    folder: PathBuf,
    // Held as long as the file is open, however this ends.
    _lock: File,
}

/// Takes the folder, which is made where it is not there.
///
/// # Errors
/// When it can't be written, or another update has it.
pub fn hold() -> Result<Held> {
    let folder = folder()?;
    let lock = try_lock(&folder.join("lock"))?.with_context(|| {
        fault!(
            "another `planner catalog update` is running";
            "wait until it has ended, and ask again"
        )
    })?;
    Ok(Held {
        folder,
        _lock: lock,
    })
}

impl Held {
    /// Writes a catalog under a name of its own, which is given.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&self, stem: &str, text: &str) -> Result<String> {
        let path = files::write_new(&self.folder, stem, "json", text.as_bytes())?;
        let name = path.file_name().and_then(|name| name.to_str());
        name.map(str::to_owned)
            .with_context(|| format!("{} has no name", path.display()))
    }

    /// Puts these into use, and removes the files of all others.
    ///
    /// # Errors
    /// When the record can't be written; then nothing has changed.
    pub fn put(&self, editions: &Editions) -> Result<()> {
        files::write_json(&self.folder.join(NAME), editions)?;
        let kept =
            |name: &String| name == NAME || editions.taken.iter().any(|taken| taken.file == *name);
        let names = files::names_in(&self.folder)?.into_iter();
        let others = names.filter(|name| name.ends_with(".json") && !kept(name));
        for name in others {
            files::remove(&self.folder.join(name))?;
        }
        files::sweep(&self.folder)
    }
}

fn folder() -> Result<PathBuf> {
    places::editions_path().with_context(|| fault!("the home folder is not known"; "set HOME"))
}
