//! A saved plan as files, and LM Studio's own files put in place.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use super::events::{Answer, Event, Events, Question};
use super::installed;
use super::studio::StudioChoice;
use crate::edge::files;
use crate::edge::folder;
use crate::edge::folder::Standing;
use crate::edge::install;
use crate::edge::lms;
use crate::edge::lms::Lms;
use crate::emit;
use crate::emit::{Artifact, Client, ClientFile, MANIFEST, Manifest, Options, Placed, artifacts};
use crate::fault;
use crate::lmstudio::Running;
use crate::memory::Engine;
use crate::plan::Plan;

pub use crate::edge::install::Undone;

/// Version of the shape of what is said of written files.
const SCHEMA: u32 = 1;

/// A folder that was written.
#[derive(Debug, Serialize)]
pub struct Written {
    /// Version of this shape.
    pub schema: u32,
    /// The folder.
    pub folder: PathBuf,
    /// Where what was there before is now.
    pub backup: Option<PathBuf>,
    /// The names of its files.
    pub files: Vec<String>,
    /// The files.
    #[serde(skip)]
    pub artifacts: Vec<Artifact>,
}

/// Writes the files of a plan into a folder; an earlier one is kept beside it.
///
/// # Errors
/// When the plan can't be made into files, or the folder is another's or can't be written.
pub fn emit(plan: &Plan, options: &Options, path: &Path, events: &dyn Events) -> Result<Written> {
    let files = artifacts(plan, options)?;
    caution(plan, events);
    written(path, files)
}

/// Writes files into a folder of our own; an earlier one is kept beside it.
///
/// # Errors
/// When the folder is another's or can't be written.
pub(super) fn written(path: &Path, files: Vec<Artifact>) -> Result<Written> {
    replaceable(path)?;
    let backup = folder::write(path, &files)?;
    Ok(Written {
        schema: SCHEMA,
        folder: path.to_owned(),
        backup,
        files: files.iter().map(|f| f.path.clone()).collect(),
        artifacts: files,
    })
}

/// The whole path of a folder, which need not be there yet.
///
/// # Errors
/// When it is not known where this runs, or the path is no text.
pub fn absolute(path: &Path) -> Result<String> {
    files::absolute(path)
}

/// Files that were put into LM Studio's home.
#[derive(Debug)]
pub struct PutInPlace {
    /// The files, each with what was there before.
    pub files: Vec<Placed>,
    /// Where what was there is kept.
    pub record: PathBuf,
    /// The home of LM Studio's newer sibling, where it has one too.
    pub sibling: Option<PathBuf>,
}

/// Puts the models' defaults and presets into LM Studio's home, merged into what is there.
///
/// # Errors
/// When the home is not known or can't be written, or a model is not installed.
pub fn install(
    plan: &Plan,
    options: &Options,
    home: Option<&Path>,
    events: &dyn Events,
) -> Result<PutInPlace> {
    let home = home.map(Path::to_owned).or_else(lms::home).with_context(
        || fault!("LM Studio's home is not known"; "give it with `--lmstudio-home DIR`"),
    )?;
    caution(plan, events);
    if let Some(Running::Program { program, version }) = StudioChoice::default().awake(events)? {
        events.tell(Event::Answering {
            program: program.name(),
            version,
        });
    }
    let all = Lms::find()?.installed()?.rows;
    let found = installed::find(plan, options, &all)?;
    let models: Vec<_> = found.into_iter().map(|(model, _)| model).collect();
    let placements = emit::placements(plan, &models)?;
    Ok(PutInPlace {
        files: install::install(&home, &placements)?.files,
        record: install::record_path()?,
        sibling: install::sibling(&home),
    })
}

/// A file of a client, as a plan wants it.
#[derive(Debug, Clone, Serialize)]
pub struct ClientText {
    /// Its name among the files of a plan.
    pub name: &'static str,
    /// Where the client looks for it.
    pub path: PathBuf,
    /// What to add there.
    pub text: String,
}

/// The files of a client.
#[derive(Debug, Clone, Serialize)]
pub struct ClientTexts {
    /// Version of this shape.
    pub schema: u32,
    /// The files.
    pub files: Vec<ClientText>,
}

/// The files of one client, to look at.
///
/// # Errors
/// When the plan can't be made into files, or the user's home is not known.
pub fn client(plan: &Plan, options: &Options, client: Client) -> Result<ClientTexts> {
    let mut files = Vec::new();
    for (file, text) in emit::client_files(plan, options, client)? {
        files.push(ClientText {
            name: file.path(),
            path: install::client_path(file)?,
            text,
        });
    }
    Ok(ClientTexts {
        schema: SCHEMA,
        files,
    })
}

/// Merges the files of a client into the user's own: shown first, then asked for. None where that
/// was declined, or nothing would change.
///
/// # Errors
/// When a file can't be merged into or written; then nothing was written.
pub fn install_client(
    plan: &Plan,
    options: &Options,
    client: Client,
    events: &dyn Events,
) -> Result<Option<PutInPlace>> {
    let by_hand = "add it by hand: leave `--install` out to see what";
    merge_into(emit::client_files(plan, options, client)?, by_hand, events)
}

/// Merges texts into files of the user's: shown first, then asked for. None where that was declined,
/// or nothing would change.
pub(super) fn merge_into(
    files: Vec<(&ClientFile, String)>,
    by_hand: &str,
    events: &dyn Events,
) -> Result<Option<PutInPlace>> {
    let mut placed = Vec::new();
    for (file, ours) in files {
        let path = install::client_path(file)?;
        let before = files::is_file(&path)
            .then(|| files::read_text(&path))
            .transpose()?;
        let after = match &before {
            Some(text) => file.merged(text, &ours).map_err(|error| {
                fault!(
                    "{} is left alone, and nothing was written: {error}", path.display();
                    "{by_hand}"
                )
            })?,
            None => ours,
        };
        if before.as_ref() != Some(&after) {
            placed.push(Placed {
                path,
                before,
                after,
            });
        }
    }
    events.tell(Event::Placing(&placed));
    if placed.is_empty() || events.ask(Question::WriteFiles)? == Answer::No {
        return Ok(None);
    }
    install::put(&placed)?;
    Ok(Some(PutInPlace {
        files: placed,
        record: install::record_path()?,
        sibling: None,
    }))
}

/// Takes the last [`install()`] back: each file, and what became of it.
///
/// # Errors
/// When there was none, or a file can't be written.
pub fn undo() -> Result<Vec<(PathBuf, Undone)>> {
    install::undo()
}

/// What could keep a plan from holding once it is loaded, said before anybody loads it.
fn caution(plan: &Plan, events: &dyn Events) {
    let models: Vec<&str> = plan
        .loadout
        .iter()
        .filter(|e| e.settings.engine == Engine::Mlx && e.settings.slots > 1)
        .map(|e| e.identifier.as_str())
        .collect();
    if !models.is_empty() {
        events.tell(Event::ContextAtRisk { models: &models });
    }
}

/// Only an empty folder, or one of our own, gives way.
fn replaceable(path: &Path) -> Result<()> {
    let ours = match folder::standing(path, MANIFEST)? {
        Standing::Free => true,
        Standing::With(text) => serde_json::from_str::<Manifest>(&text).is_ok(),
        Standing::Other => false,
    };
    if ours {
        return Ok(());
    }
    bail!(fault!(
        "{} exists and was not written by planner", path.display();
        "give the name of a new folder"
    ))
}
