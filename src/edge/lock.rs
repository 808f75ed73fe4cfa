//! A file that one run of planner holds at a time, until it ends, however it ends.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context as _, Result};

use super::files;

/// Takes the lock at this path, whose folder is made; none where another run has it. It is held as
/// long as the file is open.
///
/// # Errors
/// When the file can't be made or locked.
pub(super) fn try_lock(path: &Path) -> Result<Option<File>> {
    files::make_parent(path)?;
    let shown = path.display();
    let file = File::create(path).with_context(|| format!("can't write {shown}"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("can't lock {shown}"))
        }
    }
}
