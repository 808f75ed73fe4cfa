//! What is loaded with a model: a vision projector, a draft model, its own layers for prediction.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::request::{Companions, Projector};
use crate::app::read;
use crate::app::read::Found;
use crate::catalog::Catalog;
use crate::edge::files;
use crate::fault;
use crate::fit::{Subject, from_gguf};
use crate::memory::{Companion, Engine};

/// The model with everything that is loaded with it.
pub(super) fn load(found: Found, wanted: &Companions, catalog: &Catalog) -> Result<Subject> {
    let (vision, told) = vision(&found, wanted)?;
    let Found {
        mut subject,
        prediction,
        ..
    } = found;
    subject.companions.extend(vision);
    subject.notes.extend(told);
    if wanted.draft_tokens.is_some() {
        subject.companions.push(predicting(&subject, prediction)?);
        // What the note tells is done.
        subject.notes.retain(|note| !note.contains("`--mtp`"));
    }
    if let Some(name) = &wanted.draft {
        subject.companions.push(draft(name, &subject, catalog)?);
    }
    Ok(subject)
}

/// That what is to be loaded with each of several models is there at all: told once, not of each.
///
/// # Errors
/// When the draft model can't be found.
pub(super) fn exist(wanted: &Companions, engine: Option<Engine>, catalog: &Catalog) -> Result<()> {
    let draft = wanted.draft.as_deref();
    let found = draft.map(|name| read::find(name, engine, catalog));
    found.transpose().context("the draft model").map(drop)
}

/// What it sees with, and a word on it where nobody asked for it.
fn vision(found: &Found, wanted: &Companions) -> Result<(Option<Companion>, Option<String>)> {
    let told = |which: &str| {
        format!("{which} is counted, as LM Studio loads it; `--mmproj off` leaves it out")
    };
    let (path, told) = match &wanted.projector {
        Projector::Off => return Ok((None, None)),
        Projector::Auto => match (&found.senses, beside(found)?) {
            (Some(own), _) => return Ok((Some(own.clone()), Some(told("its vision part")))),
            (None, Some(path)) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let told = told(&format!("the projector `{name}` beside it"));
                (path, Some(told))
            }
            (None, None) => return Ok((None, None)),
        },
        Projector::File(path) => (path.clone(), None),
    };
    if found.subject.engine == Engine::Mlx {
        bail!(fault!(
            "a projector is a GGUF file, and {} runs in MLX, which has its own inside the folder", found.subject.name;
            "leave `--mmproj` out"
        ));
    }
    let (header, length) = read::gguf_header(&path)?;
    let projector =
        from_gguf::projector(&header, length).with_context(|| path.display().to_string())?;
    Ok((Some(projector), told))
}

/// The largest projector beside a GGUF file: LM Studio loads one that lies there.
fn beside(found: &Found) -> Result<Option<PathBuf>> {
    let Some(folder) = &found.folder else {
        return Ok(None);
    };
    if found.subject.engine != Engine::LlamaCpp {
        return Ok(None);
    }
    let here = Path::new(".");
    let folder = if folder.as_os_str().is_empty() {
        here
    } else {
        folder
    };
    let mut best = None;
    for name in files::names_in(folder)? {
        let lower = name.to_ascii_lowercase();
        if lower.starts_with("mmproj") && lower.ends_with(".gguf") {
            let path = folder.join(name);
            let (_, length) = files::open(&path)?;
            best = best.max(Some((length, path)));
        }
    }
    Ok(best.map(|(_, path)| path))
}

fn predicting(subject: &Subject, prediction: Option<Companion>) -> Result<Companion> {
    if subject.engine == Engine::Mlx {
        bail!(fault!(
            "drafting with a model's own layers is a setting of llama.cpp, and {} runs in MLX", subject.name;
            "leave `--mtp` out, or name a GGUF file of the model"
        ));
    }
    prediction.with_context(|| {
        fault!(
            "{} has no layers for multi-token prediction that planner knows of", subject.name;
            "leave `--mtp` out; of a variant of the catalog they are not known, so give the file"
        )
    })
}

fn draft(name: &str, subject: &Subject, catalog: &Catalog) -> Result<Companion> {
    let found = read::find(name, Some(subject.engine), catalog)?.subject;
    match found.architecture {
        Ok(architecture) => Ok(Companion::Draft {
            architecture: Box::new(architecture),
            weights: found.weights,
        }),
        Err(reason) => bail!(fault!(
            "the memory of the draft model `{name}` is not known: {reason}";
            "name a .gguf file of the draft model, or a folder with its `config.json`"
        )),
    }
}
