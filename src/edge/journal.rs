//! The journal of an apply on disk, and the lock that keeps two applies apart.

use std::fs::File;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::lock::try_lock;
use super::{files, places};
use crate::apply::{Journal, Record};
use crate::fault;

/// Where a journal can't be read.
const WHAT_TO_DO: &str =
    "see what is loaded with `planner status`, and apply a plan: the record is then set aside";
/// How often a lock is tried again.
const PAUSE: Duration = Duration::from_millis(200);

/// The locked file: whoever has it keeps the lock.
pub type Lock = Arc<File>;

/// The place of a journal, held by one apply at a time.
#[derive(Debug)]
pub struct Held<T = Journal> {
    path: PathBuf,
    // Held until the last of those who have the file open has ended, however it ends.
    lock: Lock,
    of: PhantomData<T>,
}

/// Takes the journal in this folder, the user's own state folder when left out. `waiting` is asked
/// while another has it, and gives up with false.
///
/// # Errors
/// When another apply has it, or the state folder can't be written.
pub fn hold<T: Record>(
    folder: Option<&Path>,
    waiting: &mut dyn FnMut() -> bool,
) -> Result<Held<T>> {
    let path = match folder {
        Some(folder) => folder.join(T::FILE),
        None => journal_path::<T>()?,
    };
    let lock_path = path.with_extension("lock");
    let lock = loop {
        match try_lock(&lock_path)? {
            Some(lock) => break lock,
            None if waiting() => thread::sleep(PAUSE),
            None => bail!(fault!(
                "another `planner apply` is running, or a load that it started";
                "wait until it has ended"
            )),
        }
    };
    Ok(Held {
        path,
        lock: Arc::new(lock),
        of: PhantomData,
    })
}

/// The last apply, whoever holds the journal; none where there was none.
///
/// # Errors
/// When the journal can't be read.
pub fn last<T: Record>() -> Result<Option<T>> {
    read(&journal_path::<T>()?)
}

fn journal_path<T: Record>() -> Result<PathBuf> {
    Ok(places::state_folder()?.join(T::FILE))
}

fn read<T: Record>(path: &Path) -> Result<Option<T>> {
    if !path.is_file() {
        return Ok(None);
    }
    let shown = path.display();
    let text = files::read_text(path)?;
    let damaged = || fault!("the record of the last apply, {shown}, is damaged"; "{WHAT_TO_DO}");
    let value: serde_json::Value = serde_json::from_str(&text).with_context(damaged)?;
    if value["schema"]
        .as_u64()
        .is_some_and(|s| s > u64::from(T::SCHEMA))
    {
        bail!(fault!(
            "the record of the last apply, {shown}, was written by a newer planner";
            "finish with that one, or look with `planner status` and apply a plan: the record is then set aside"
        ));
    }
    serde_json::from_value(value)
        .map(Some)
        .with_context(damaged)
}

/// Whether the record `A` was written after the record `B`, or there is no `B`.
///
/// # Errors
/// When the user's home is not known.
pub fn is_newer<A: Record, B: Record>() -> Result<bool> {
    let written = |path: PathBuf| std::fs::metadata(path).and_then(|m| m.modified()).ok();
    Ok(written(journal_path::<A>()?) > written(journal_path::<B>()?))
}

/// The records in the state folder that [`Held::set_aside`] gave another name.
#[must_use]
pub fn set_aside_in(folder: &Path) -> Vec<String> {
    let names = files::names_in(folder).unwrap_or_default().into_iter();
    let aside = names.filter(|name| name.contains("apply.unreadable-"));
    aside
        .map(|name| folder.join(name).display().to_string())
        .collect()
}

impl<T: Record> Held<T> {
    /// The locked file, for calls that must not outlive the lock.
    #[must_use]
    pub fn lock(&self) -> Lock {
        Arc::clone(&self.lock)
    }

    /// The last apply; none where there was none.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub fn read(&self) -> Result<Option<T>> {
        read(&self.path)
    }

    /// Gives a journal that can't be read another name, and says which.
    ///
    /// # Errors
    /// When it can't be renamed.
    pub fn set_aside(&self) -> Result<PathBuf> {
        let aside = |n| self.path.with_extension(format!("unreadable-{n}.json"));
        let aside = files::first_free(aside)?;
        std::fs::rename(&self.path, &aside)
            .with_context(|| format!("can't rename {}", self.path.display()))?;
        Ok(aside)
    }

    /// Writes the journal.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&self, journal: &T) -> Result<()> {
        files::write_json(&self.path, journal)
    }
}
