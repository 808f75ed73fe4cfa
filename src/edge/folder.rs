//! A folder of files, written whole or not at all.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::files;
use crate::emit::Artifact;

/// What stands where a folder is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing, or an empty folder.
    Free,
    /// A folder with this file in it, and its text.
    With(String),
    /// Something else.
    Other,
}

/// What stands at this path: `marker` is the file that tells a folder of ours.
///
/// # Errors
/// When the folder can't be read.
pub fn standing(path: &Path, marker: &str) -> Result<Standing> {
    if std::fs::symlink_metadata(path).is_err() {
        return Ok(Standing::Free);
    }
    if !path.is_dir() {
        return Ok(Standing::Other);
    }
    if let Ok(text) = files::read_text(&path.join(marker)) {
        return Ok(Standing::With(text));
    }
    let mut entries =
        std::fs::read_dir(path).with_context(|| format!("can't read {}", path.display()))?;
    Ok(if entries.next().is_none() {
        Standing::Free
    } else {
        Standing::Other
    })
}

/// Writes the files into a neighbour, which then takes the folder's name. What stood there is kept
/// beside it, under the name that is returned.
///
/// # Errors
/// When something can't be written; then nothing has changed.
pub fn write(path: &Path, artifacts: &[Artifact]) -> Result<Option<PathBuf>> {
    let parent = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(parent).with_context(|| format!("can't make {}", parent.display()))?;
    let new = tempfile::Builder::new()
        .prefix(".planner-")
        .tempdir_in(parent)
        .with_context(|| format!("can't write into {}", parent.display()))?;
    for file in artifacts {
        write_one(&new.path().join(&file.path), file)?;
    }
    permit(new.path(), 0o755)?;
    let backup = if path.is_dir() {
        set_aside(path)?
    } else {
        None
    };
    if let Err(error) = std::fs::rename(new.path(), path) {
        if let Some(backup) = &backup {
            // The old folder goes back where it was; the error below tells the rest.
            let _ = std::fs::rename(backup, path);
        }
        return Err(error).with_context(|| format!("can't write {}", path.display()));
    }
    // It has its name now; only the handle on the old name is left to forget.
    drop(new.keep());
    Ok(backup)
}

fn write_one(path: &Path, file: &Artifact) -> Result<()> {
    let failed = || format!("can't write {}", file.path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(failed)?;
    }
    let mut handle = std::fs::File::create(path).with_context(failed)?;
    handle
        .write_all(file.text.as_bytes())
        .with_context(failed)?;
    handle.sync_all().with_context(failed)?;
    permit(path, if file.executable { 0o755 } else { 0o644 })
}

/// Moves a folder to the first free name beside it. An empty one just goes.
fn set_aside(path: &Path) -> Result<Option<PathBuf>> {
    if std::fs::remove_dir(path).is_ok() {
        return Ok(None);
    }
    let backup = files::first_free(|n| files::with_ending(path, &format!(".backup-{n}")))?;
    std::fs::rename(path, &backup)
        .with_context(|| format!("can't move {} aside", path.display()))?;
    Ok(Some(backup))
}

#[cfg(unix)]
fn permit(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
        .with_context(|| format!("can't set permissions of {}", path.display()))
}

#[cfg(not(unix))]
fn permit(_: &Path, _: u32) -> Result<()> {
    Ok(())
}
