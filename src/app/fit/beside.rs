//! What is loaded besides: named, in a saved plan, or by LM Studio itself.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::beside_loaded;
use super::request::FitRequest;
use crate::app::plan_file;
use crate::app::read;
use crate::basis::Basis;
use crate::catalog::Catalog;
use crate::fault;
use crate::fit::{Neighbour, Subject};
use crate::memory::Settings;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::plan::document::Memory;
use crate::units::parse_tokens;

/// Everything that is loaded besides, with its memory.
pub(super) fn neighbours(request: &FitRequest, catalog: &Catalog) -> Result<Vec<Neighbour>> {
    let mut all = Vec::new();
    for name in &request.beside {
        if name.ends_with(".json") {
            all.extend(of_plan(Path::new(name), catalog)?);
        } else {
            all.push(named(name, catalog).with_context(|| format!("--beside {name}"))?);
        }
    }
    if request.beside_loaded {
        all.extend(beside_loaded::neighbours(catalog)?);
    }
    Ok(all)
}

/// A model by name, at the context given after `@`, else at its own; otherwise as LM Studio loads
/// models by default.
fn named(text: &str, catalog: &Catalog) -> Result<Neighbour> {
    let (name, context) = match text.rsplit_once('@') {
        Some((name, context)) if parse_tokens(context).is_ok() => {
            (name, parse_tokens(context).ok())
        }
        _ => (text, None),
    };
    let subject = read::find(name, None, catalog)?.subject;
    let context = context
        .or(subject.context_length)
        .unwrap_or(SHORTEST_CONTEXT);
    let settings = Settings::lm_studio(subject.engine, context);
    of_subject(&subject, settings)
}

fn of_subject(subject: &Subject, settings: Settings) -> Result<Neighbour> {
    if let Err(reason) = &subject.architecture {
        bail!(fault!(
            "the memory of {} is not known: {reason}", subject.name;
            "name a .gguf file of it, or a folder with its `config.json`"
        ));
    }
    Ok(Neighbour {
        name: subject.name.clone(),
        memory: Memory::of(&subject.ledger(&settings)),
        settings: Some(settings),
        basis: subject.weights.basis,
        source: "the same ledger, with LM Studio's default settings".to_owned(),
    })
}

/// The models of a saved plan, as it saved them.
fn of_plan(path: &Path, catalog: &Catalog) -> Result<Vec<Neighbour>> {
    let shown = path.display();
    let plan = plan_file::read_known(path, catalog)?;
    let entries = plan.loadout.into_iter();
    Ok(entries
        .map(|entry| Neighbour {
            name: entry.title(),
            settings: Some(entry.settings),
            memory: entry.memory,
            basis: Basis::Computed,
            source: format!("the plan {shown}"),
        })
        .collect())
}
