//! Files that a user asks for: nothing that was there is lost.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use crate::edge::files;
use crate::fault;

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Saved {
    /// Where.
    pub path: PathBuf,
    /// Where what was there before is now; none where there was nothing, or the same.
    pub backup: Option<PathBuf>,
}

impl Saved {
    /// Whether it can be read again: a device such as `/dev/null` keeps nothing.
    #[must_use]
    pub fn is_file(&self) -> bool {
        files::is_file(&self.path)
    }
}

/// Whether something has this name.
#[must_use]
pub fn is_there(path: &Path) -> bool {
    files::is_there(path)
}

/// Saves a document as JSON.
///
/// # Errors
/// When the file, or the copy of what was there, can't be written.
pub fn json<T: Serialize>(path: &Path, document: &T) -> Result<Saved> {
    files::make_parent(path)?;
    bytes(path, &as_json(path, document)?)
}

/// Saves a document as JSON where nothing is yet.
///
/// # Errors
/// When something has the file's name, or it can't be written.
pub fn first_json<T: Serialize>(path: &Path, document: &T) -> Result<Saved> {
    files::write_first(path, &as_json(path, document)?)?;
    Ok(Saved {
        path: path.to_owned(),
        backup: None,
    })
}

fn as_json<T: Serialize>(path: &Path, document: &T) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(document)
        .with_context(|| format!("can't write {} as JSON", path.display()))?;
    text.push(b'\n');
    Ok(text)
}

/// Saves a file whole.
///
/// # Errors
/// When the file, or the copy of what was there, can't be written.
pub fn bytes(path: &Path, bytes: &[u8]) -> Result<Saved> {
    if path == Path::new("-") {
        bail!(fault!(
            "`-` is not the name of a file";
            "leave the flag out: answers go to standard output, as documents with `--format json`; a file of that name is `./-`"
        ));
    }
    let backup = files::write_backed_up(path, bytes)?;
    Ok(Saved {
        path: path.to_owned(),
        backup,
    })
}

/// Saves several files into a folder, which is made where it is not there.
///
/// # Errors
/// When the folder or a file can't be written.
pub fn all(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<Vec<Saved>> {
    files::make_folder(folder)?;
    let files = files.iter();
    files
        .map(|(name, content)| bytes(&folder.join(name), content))
        .collect()
}
