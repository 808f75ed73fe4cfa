//! LM Studio's files put in place, with the record that takes it back.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{files, lms, places};
use crate::emit::{
    Base, CantMerge, ClientFile, INSTALL_SCHEMA, Installation, Left, Placed, Placement,
    planned_text,
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
    /// Our part was taken out of it; what else it says by now stays.
    TakenOut,
    /// Nothing of ours was in it.
    Absent,
    /// Another program that was installed needs it too.
    Shared,
}

impl Undone {
    /// For people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Restored => "restored",
            Self::Removed => "removed",
            Self::Changed => "changed since, left alone",
            Self::TakenOut => "taken out",
            Self::Absent => "not in it",
            Self::Shared => "kept for another program",
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
        let before = text_of(&path)?;
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

/// Writes what was worked out: the record first, so that it can be taken back, also when planner is
/// killed. Where one can't be written, none is.
///
/// # Errors
/// When a file or the record can't be written.
pub fn put(files: &[Placed]) -> Result<()> {
    for file in files {
        files::make_parent(&file.path)?;
    }
    let record = record_path()?;
    let before = read_or_none(&record)?;
    write_record(&record, keep_first(before.clone(), files))?;
    for (at, file) in files.iter().enumerate() {
        if let Err(error) = write(file) {
            for written in &files[..at] {
                restore(written)?;
            }
            write_record(&record, before)?;
            return Err(error);
        }
    }
    Ok(())
}

fn write(file: &Placed) -> Result<()> {
    if let Some(folder) = file.path.parent() {
        files::sweep(folder)?;
    }
    files::write_atomic(&file.path, file.after.as_bytes())
}

/// Makes a file what it was before we wrote it.
fn restore(file: &Placed) -> Result<Undone> {
    match &file.before {
        Some(before) => {
            files::write_atomic(&file.path, before.as_bytes())?;
            Ok(Undone::Restored)
        }
        None => {
            files::remove(&file.path)?;
            Ok(Undone::Removed)
        }
    }
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
fn keep_first(mut kept: Vec<Placed>, done: &[Placed]) -> Vec<Placed> {
    for file in done {
        match kept.iter_mut().find(|k| k.path == file.path) {
            Some(known) if file.before.as_ref() == Some(&known.after) => {
                known.after.clone_from(&file.after);
            }
            Some(known) => known.clone_from(file),
            None => kept.push(file.clone()),
        }
    }
    kept
}

/// What a record says; nothing where there is none.
fn read_or_none(record: &Path) -> Result<Vec<Placed>> {
    if !record.is_file() {
        return Ok(Vec::new());
    }
    let read: Installation =
        serde_json::from_str(&files::read_text(record)?).with_context(|| {
            fault!(
                "{} is not a record of planner", record.display();
                "move it away; what it held can't be undone by `planner emit --undo` any more"
            )
        })?;
    Ok(read.files)
}

/// Keeps these files for an undo; where there are none, no record is left.
fn write_record(record: &Path, files: Vec<Placed>) -> Result<()> {
    if files.is_empty() {
        return files::remove(record);
    }
    let schema = INSTALL_SCHEMA;
    files::write_private_json(record, &Installation { schema, files })
}

/// The files of the last installation; none where nothing was installed.
///
/// # Errors
/// When the record can't be read.
pub fn last() -> Result<Vec<Placed>> {
    read_or_none(&record_path()?)
}

/// Takes back what was installed, the last first. A file that is not as we left it stays.
///
/// # Errors
/// When nothing was installed, or a file can't be written.
pub fn undo() -> Result<Vec<(PathBuf, Undone)>> {
    let record = record_path()?;
    let all = read_or_none(&record)?;
    if all.is_empty() {
        bail!(fault!(
            "nothing to undo: planner has installed nothing (no {})", record.display();
            "`planner emit PLAN --install` installs a plan's settings"
        ));
    }
    let mut undone = Vec::new();
    for file in all.into_iter().rev() {
        let now = text_of(&file.path)?;
        // One that was never written (an interruption) counts as undone.
        let ours = now.as_ref() == Some(&file.after) || now == file.before;
        let what = if ours {
            restore(&file)?
        } else {
            Undone::Changed
        };
        undone.push((file.path, what));
    }
    files::remove(&record)?;
    Ok(undone)
}

/// Takes our part out of one file, whatever else has been written into it since and whether or not
/// we have a record of it: every byte as before where nobody has changed it.
///
/// # Errors
/// When the file can't be read for what it is, or can't be written.
pub fn take_out(path: &Path, left: &dyn Fn(&str) -> Result<Left, CantMerge>) -> Result<Undone> {
    let record = record_path()?;
    let (known, rest): (Vec<_>, Vec<_>) =
        (read_or_none(&record)?.into_iter()).partition(|file| file.path == path);
    // What was there before may have had a server of ours already, from before the record.
    let as_before = |file: &&Placed| {
        let before = file.before.as_deref().map(left);
        !matches!(before, Some(Ok(Left::Text(_) | Left::Nothing)))
    };
    let what = match text_of(path)? {
        None => Undone::Absent,
        Some(now) => match known.iter().filter(as_before).find(|f| f.after == now) {
            Some(file) => restore(file)?,
            None => match left(&now).map_err(|error| unreadable(path, &error))? {
                Left::Text(text) => {
                    files::write_atomic(path, text.as_bytes())?;
                    Undone::TakenOut
                }
                Left::Nothing => {
                    files::remove(path)?;
                    Undone::Removed
                }
                Left::All => Undone::Absent,
                Left::Changed => return Ok(Undone::Changed),
            },
        },
    };
    if !known.is_empty() {
        write_record(&record, rest)?;
    }
    Ok(what)
}

fn unreadable(path: &Path, error: &CantMerge) -> anyhow::Error {
    anyhow::anyhow!(fault!(
        "{} is left alone: {error}", path.display();
        "mend that file, or take the server `planner` out of it by hand"
    ))
}

/// What a file says; none where there is none.
fn text_of(path: &Path) -> Result<Option<String>> {
    path.is_file().then(|| files::read_text(path)).transpose()
}
