//! LM Studio's files put in place, with the record that takes it back.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{files, lms, places};
use crate::emit::{
    Base, ClientFile, INSTALL_SCHEMA, Installation, Placed, Placement, planned_text,
};
use crate::fault;

/// What became of a file on the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// It says again what it said before.
    Restored,
    /// It was new, and is gone.
    Removed,
    /// It was not as we left it, and stays.
    Changed,
}

impl Undone {
    /// For people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Restored => "restored",
            Self::Removed => "removed",
            Self::Changed => "changed since, left alone",
        }
    }
}

/// Where the record is kept.
///
/// # Errors
/// When the user's home is not known.
pub fn record_path() -> Result<PathBuf> {
    Ok(places::state_folder()?.join("install.json"))
}

/// The home of Bionic, LM Studio's sibling, where it is installed as well: it reads its own files.
#[must_use]
pub fn sibling(home: &Path) -> Option<PathBuf> {
    let sibling = home.join("apps/bionic");
    sibling.is_dir().then_some(sibling)
}

/// Puts the files in place: all are worked out before the first is written, and the record is
/// written before them.
///
/// # Errors
/// When a file has a shape that we do not know, or can't be written.
pub fn install(home: &Path, placements: &[Placement]) -> Result<Installation> {
    if !home.is_dir() {
        bail!(fault!(
            "LM Studio's home {} is not there", home.display();
            "start LM Studio once, or give `--lmstudio-home DIR`"
        ));
    }
    let mut done = Installation {
        schema: INSTALL_SCHEMA,
        files: Vec::new(),
    };
    for placement in placements {
        let path = home.join(&placement.path);
        let before = path
            .is_file()
            .then(|| files::read_text(&path))
            .transpose()?;
        let after = planned_text(placement, before.as_deref()).map_err(|error| {
            anyhow::anyhow!(fault!(
                "{} is left alone, and nothing was written: {error}", path.display();
                "move it away, and LM Studio writes a new one"
            ))
        })?;
        done.files.push(Placed {
            path,
            before,
            after,
        });
    }
    put(&done.files)?;
    Ok(done)
}

/// Writes what was worked out: the record first, so that it can be taken back.
///
/// # Errors
/// When a file or the record can't be written.
pub fn put(files: &[Placed]) -> Result<()> {
    let done = Installation {
        schema: INSTALL_SCHEMA,
        files: files.to_vec(),
    };
    let record = record_path()?;
    files::write_private_json(&record, &keep_first(&record, &done)?)?;
    for file in files {
        files::make_parent(&file.path)?;
        if let Some(folder) = file.path.parent() {
            files::sweep(folder)?;
        }
        files::write_atomic(&file.path, file.after.as_bytes())?;
    }
    Ok(())
}

/// Where a client keeps a file of its user: the first of its names that is there, else the usual one.
///
/// # Errors
/// When the user's home is not known.
pub fn client_path(file: &ClientFile) -> Result<PathBuf> {
    let home = etcetera::home_dir()
        .with_context(|| fault!("the user's home folder is not known"; "set HOME"))?;
    let named = |variable: &str| {
        let value = std::env::var_os(variable).filter(|v| !v.is_empty());
        value.map(PathBuf::from)
    };
    let config = || named("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
    let base = match file.base {
        Base::Home => home.clone(),
        Base::Config => config(),
        Base::LmStudio => lms::home()
            .with_context(|| fault!("LM Studio's home is not known"; "start LM Studio once"))?,
        Base::Named(variable, below) => named(variable).unwrap_or_else(|| home.join(below)),
        Base::VsCodeUser if cfg!(target_os = "macos") => {
            home.join("Library/Application Support/Code/User")
        }
        Base::VsCodeUser => config().join("Code/User"),
    };
    let mut paths = file.names.iter().map(|name| base.join(name));
    let there = paths.clone().find(|path| path.is_file());
    there
        .or_else(|| paths.next_back())
        .context("a client has no file")
}

/// Installing twice must not make our own first file the one that an undo restores.
fn keep_first(record: &Path, done: &Installation) -> Result<Installation> {
    let mut kept = match record.is_file() {
        true => read(record)?,
        false => Installation {
            schema: INSTALL_SCHEMA,
            files: Vec::new(),
        },
    };
    for file in &done.files {
        match kept.files.iter_mut().find(|k| k.path == file.path) {
            Some(known) if file.before.as_ref() == Some(&known.after) => {
                known.after.clone_from(&file.after)
            }
            Some(known) => known.clone_from(file),
            None => kept.files.push(file.clone()),
        }
    }
    Ok(kept)
}

fn read(record: &Path) -> Result<Installation> {
    serde_json::from_str(&files::read_text(record)?).with_context(|| {
        fault!(
            "{} is not a record of planner", record.display();
            "move it away; what it held can't be undone by `planner emit --undo` any more"
        )
    })
}

/// The files of the last installation; none where nothing was installed.
///
/// # Errors
/// When the record can't be read.
pub fn last() -> Result<Vec<Placed>> {
    let record = record_path()?;
    if !record.is_file() {
        return Ok(Vec::new());
    }
    Ok(read(&record)?.files)
}

/// Takes back what was installed into files that are meant, the last first; the record keeps the
/// rest. A file that is not as we left it stays.
///
/// # Errors
/// When nothing of it was installed, or a file can't be written.
pub fn undo(meant: &dyn Fn(&Path) -> bool) -> Result<Vec<(PathBuf, Undone)>> {
    let record = record_path()?;
    if !record.is_file() {
        bail!(fault!(
            "nothing to undo: planner has installed nothing (no {})", record.display();
            "`planner emit PLAN --install` installs a plan's settings"
        ));
    }
    let all = read(&record)?;
    let (taken, kept) = (all.files.into_iter()).partition::<Vec<_>, _>(|file| meant(&file.path));
    if taken.is_empty() {
        bail!(fault!(
            "nothing to undo: planner has installed nothing there";
            "`planner emit --undo` takes back all that it has installed"
        ));
    }
    let mut undone = Vec::new();
    for file in taken.into_iter().rev() {
        let now = file
            .path
            .is_file()
            .then(|| files::read_text(&file.path))
            .transpose()?;
        // One that was never written (an interruption) counts as undone.
        let ours = now.as_ref() == Some(&file.after) || now == file.before;
        let what = match (&file.before, ours) {
            (_, false) => Undone::Changed,
            (Some(before), true) => {
                files::write_atomic(&file.path, before.as_bytes())?;
                Undone::Restored
            }
            (None, true) => {
                files::remove(&file.path)?;
                Undone::Removed
            }
        };
        undone.push((file.path, what));
    }
    match kept.is_empty() {
        true => files::remove(&record)?,
        false => files::write_private_json(
            &record,
            &Installation {
                schema: INSTALL_SCHEMA,
                files: kept,
            },
        )?,
    }
    Ok(undone)
}
