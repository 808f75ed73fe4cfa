//! The folder of a program, with its files in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::fault;
use crate::trial::Program;

/// More is no check of one answer: it is copied for each.
const MOST_BYTES: u64 = 64 << 20;
const MOST_FILES: usize = 2000;

/// A folder that goes when it is dropped.
pub(super) struct Folder {
    _held: tempfile::TempDir,
    path: PathBuf,
}

impl Folder {
    /// An empty one.
    pub(super) fn new() -> Result<Self> {
        let held = tempfile::Builder::new()
            .prefix("planner-trial-")
            .tempdir()
            .context("can't make a folder for a program to run in")?;
        // A sandbox goes by the real path, and the usual one may be a link.
        let path = fs::canonicalize(held.path())
            .with_context(|| format!("can't read {}", held.path().display()))?;
        Ok(Self { _held: held, path })
    }

    /// One with a program's files.
    pub(super) fn holding(program: &Program) -> Result<Self> {
        let folder = Self::new()?;
        if let Some(beside) = &program.beside {
            copy(Path::new(beside), &folder.path, &mut Room::default())?;
        }
        for (name, text) in &program.files {
            let path = folder.path.join(name);
            fs::write(&path, text).with_context(|| format!("can't write {}", path.display()))?;
        }
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// What was copied so far.
#[derive(Default)]
struct Room {
    bytes: u64,
    files: usize,
}

/// Copies files and the folders that they are in; links are left out.
fn copy(from: &Path, to: &Path, room: &mut Room) -> Result<()> {
    let shown = from.display();
    let failed = || format!("can't read {shown}");
    for entry in fs::read_dir(from).with_context(failed)? {
        let entry = entry.with_context(failed)?;
        let (kind, place) = (
            entry.file_type().with_context(failed)?,
            to.join(entry.file_name()),
        );
        if kind.is_file() {
            room.files += 1;
            room.bytes += entry.metadata().with_context(failed)?.len();
            if room.bytes > MOST_BYTES || room.files > MOST_FILES {
                bail!(fault!(
                    "{shown} is too large to be copied for each answer";
                    "keep a task's folder below 64 MiB and {MOST_FILES} files"
                ));
            }
            fs::copy(entry.path(), &place).with_context(failed)?;
        } else if kind.is_dir() {
            fs::create_dir(&place).with_context(|| format!("can't make {}", place.display()))?;
            copy(&entry.path(), &place, room)?;
        }
    }
    Ok(())
}
