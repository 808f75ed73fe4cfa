//! Where files are while they are not whole: a folder beside the model's own, on the same disk, with
//! names by which nothing takes them for a model. They get their own names once all are whole, last the
//! one by which the model is found.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::checked;
use super::part_file::{forget, left};
use super::wanted::Wanted;
use crate::edge::lock::try_lock;
use crate::edge::{files, probe};
use crate::fault;
use crate::units::Bytes;

/// How the folder's name begins.
const PREFIX: &str = ".planner-get-";
/// The ending of a file that is not whole.
const ENDING: &str = "part";

/// The folder of a model, and the one where its files are until they are whole.
fn folders(models: &Path, repository: &str) -> (PathBuf, PathBuf) {
    let (owner, name) = repository.split_once('/').unwrap_or(("", repository));
    // A link to another disk is followed, since a file can't be moved across by name.
    let real = |path: PathBuf| std::fs::canonicalize(&path).unwrap_or(path);
    let target = real(real(models.join(owner)).join(name));
    let staging = match (target.parent(), target.file_name()) {
        (Some(parent), Some(name)) => parent.join(format!("{PREFIX}{}", name.to_string_lossy())),
        _ => target.join(PREFIX),
    };
    (target, staging)
}

/// How a file stands before it is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A file of its size has its name; nobody has read it yet.
    Present,
    /// The file that has its name was read, and is what the hub says.
    Checked,
    /// Something else has its name.
    Taken,
    /// So many bytes of it are here.
    Missing(Bytes),
}

/// How a file of a repository stands.
#[must_use]
pub fn standing(models: &Path, repository: &str, local: &str, wanted: &Wanted) -> Standing {
    let (target, staging) = folders(models, repository);
    let place = target.join(local);
    if !files::is_there(&place) {
        return Standing::Missing(Bytes(left(&part_of(&staging, local), wanted).bytes()));
    }
    let whole = std::fs::metadata(&place);
    match whole.is_ok_and(|m| m.is_file() && m.len() == wanted.bytes.0) {
        true if checked::is_known(&place, wanted) => Standing::Checked,
        true => Standing::Present,
        false => Standing::Taken,
    }
}

/// Where a file of a repository is once it is whole.
pub(super) fn place_of(models: &Path, repository: &str, local: &str) -> PathBuf {
    folders(models, repository).0.join(local)
}

fn part_of(staging: &Path, local: &str) -> PathBuf {
    staging.join(local).with_added_extension(ENDING)
}

/// What is free on the disk that the models folder is on, or will be.
#[must_use]
pub fn room_of(models: &Path) -> Option<Bytes> {
    let there = models.ancestors().find(|folder| folder.is_dir())?;
    probe::free_on(there)
}

/// The place of one model's files, held by one run at a time.
pub struct Staging {
    target: PathBuf,
    folder: PathBuf,
    // Held until the run ends, however it ends.
    _lock: File,
}

impl Staging {
    /// Takes the place of a repository's files below the models folder.
    ///
    /// # Errors
    /// When another run has it, or the folder can't be written.
    pub fn hold(models: &Path, repository: &str) -> Result<Self> {
        let (target, folder) = folders(models, repository);
        let lock = try_lock(&folder.join("lock"))?.with_context(|| {
            fault!(
                "another run of planner is downloading from `{repository}`";
                "wait until it has ended"
            )
        })?;
        Ok(Self {
            target,
            folder,
            _lock: lock,
        })
    }

    /// The file that is not whole yet, whose folder is made.
    pub(super) fn part(&self, local: &str) -> Result<PathBuf> {
        let part = part_of(&self.folder, local);
        files::make_parent(&part)?;
        Ok(part)
    }

    /// Gives whole files their own names, in this order, and removes what was needed until then.
    ///
    /// # Errors
    /// When one can't be renamed, or something has its name by now.
    pub fn publish(self, all: &[(&str, &Wanted)]) -> Result<()> {
        for (local, wanted) in all {
            let (part, place) = (self.part(local)?, self.target.join(local));
            if files::is_there(&place) {
                bail!(fault!(
                    "something else is at {} by now", place.display();
                    "move it away, and run this again: what came is kept"
                ));
            }
            files::make_parent(&place)?;
            std::fs::rename(&part, &place)
                .with_context(|| format!("can't rename {}", part.display()))?;
            forget(&part)?;
            checked::remember(&place, wanted);
        }
        // What another quantization left unfinished stays.
        let below = all.iter().filter_map(|(l, _)| Path::new(l).parent());
        below.for_each(|folder| drop(std::fs::remove_dir(self.folder.join(folder))));
        if files::names_in(&self.folder)? == ["lock"] {
            files::remove(&self.folder.join("lock"))?;
            let _ = std::fs::remove_dir(&self.folder);
        }
        Ok(())
    }
}
