//! What is loaded with a model: a vision projector, a draft model, its own layers for prediction.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args as ClapArgs;

use super::gguf;
use super::target;
use super::target::Found;
use crate::catalog::Catalog;
use crate::edge::files;
use crate::fault;
use crate::fit::{Subject, from_gguf};
use crate::memory::{Companion, Engine};

/// What to load with the model.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Loaded with it")]
pub(super) struct CompanionArgs {
    /// The vision projector: a file, `auto` (one beside the file, or inside the folder), or `off`
    #[arg(long, value_name = "FILE|auto|off", default_value = "auto")]
    mmproj: String,
    /// A smaller model that drafts tokens: a file or a variant of the catalog
    #[arg(long, value_name = "MODEL")]
    draft: Option<String>,
    /// Draft with the model's own layers for multi-token prediction, so many tokens at a time
    #[arg(long, value_name = "TOKENS", num_args = 0..=1, default_missing_value = "3", value_parser = clap::value_parser!(u32).range(1..=64), conflicts_with = "draft")]
    mtp: Option<u32>,
}

/// The model with everything that is loaded with it.
pub(super) fn load(found: Found, args: &CompanionArgs, catalog: &Catalog) -> Result<Subject> {
    let (vision, told) = vision(&found, args)?;
    let Found {
        mut subject,
        prediction,
        ..
    } = found;
    subject.companions.extend(vision);
    subject.notes.extend(told);
    if args.mtp.is_some() {
        subject.companions.push(predicting(&subject, prediction)?);
        // What the note tells is done.
        subject.notes.retain(|note| !note.contains("`--mtp`"));
    }
    if let Some(name) = &args.draft {
        subject.companions.push(draft(name, &subject, catalog)?);
    }
    Ok(subject)
}

/// Tokens that the model drafts ahead of itself; none where nothing does. A separate draft model
/// makes the engine keep no copies (`n_rs_seq` is 0 in its log).
pub(super) fn draft_tokens(args: &CompanionArgs) -> Option<u32> {
    args.mtp
}

/// What it sees with, and a word on it where nobody asked for it.
fn vision(found: &Found, args: &CompanionArgs) -> Result<(Option<Companion>, Option<String>)> {
    let told = |which: &str| {
        format!("{which} is counted, as LM Studio loads it; `--mmproj off` leaves it out")
    };
    let (path, told) = match args.mmproj.as_str() {
        "off" => return Ok((None, None)),
        "auto" => match (&found.senses, beside(found)?) {
            (Some(own), _) => return Ok((Some(own.clone()), Some(told("its vision part")))),
            (None, Some(path)) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let told = told(&format!("the projector `{name}` beside it"));
                (path, Some(told))
            }
            (None, None) => return Ok((None, None)),
        },
        file => (PathBuf::from(file), None),
    };
    if found.subject.engine == Engine::Mlx {
        bail!(fault!(
            "`--mmproj` names a GGUF projector, and {} runs in MLX, which has its own inside the folder", found.subject.name;
            "leave `--mmproj` out"
        ));
    }
    let (header, length) = gguf::header(&path)?;
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
            "`--mtp` is a setting of llama.cpp, and {} runs in MLX", subject.name;
            "leave `--mtp` out, or name a GGUF file of the model"
        ));
    }
    prediction.with_context(|| {
        fault!(
            "{} has no layers for multi-token prediction that planner knows of", subject.name;
            "leave --mtp out; of a variant of the catalog they are not known, so give the file"
        )
    })
}

fn draft(name: &str, subject: &Subject, catalog: &Catalog) -> Result<Companion> {
    let found = target::find(name, Some(subject.engine), catalog)?.subject;
    match found.architecture {
        Ok(architecture) => Ok(Companion::Draft {
            architecture: Box::new(architecture),
            weights: found.weights,
        }),
        Err(reason) => bail!(fault!(
            "`--draft {name}`: its memory is not known: {reason}";
            "name a .gguf file of the draft model, or a folder with its `config.json`"
        )),
    }
}
