//! What is loaded besides: named on the command line, in a saved plan, or by LM Studio itself.

pub(super) mod loaded;

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use clap::Args as ClapArgs;

use super::target;
use crate::app::plan_file;
use crate::basis::Basis;
use crate::catalog::Catalog;
use crate::fit::{Neighbour, Subject};
use crate::memory::Settings;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::plan::document::Memory;
use crate::units::parse_tokens;

/// What is loaded besides.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Beside it")]
pub(super) struct BesideArgs {
    /// Loaded besides: a variant, a file or a folder, with `@CONTEXT` if not its own; or a saved
    /// plan (plan.json); may be repeated
    #[arg(long, value_name = "MODEL[@CONTEXT]|PLAN", num_args = 1..)]
    beside: Vec<String>,
    /// Beside what LM Studio has loaded now (`lms ps`)
    #[arg(long)]
    beside_loaded: bool,
}

/// Everything that is loaded besides, with its memory.
pub(super) fn neighbours(args: &BesideArgs, catalog: &Catalog) -> Result<Vec<Neighbour>> {
    let mut all = Vec::new();
    for name in &args.beside {
        if name.ends_with(".json") {
            all.extend(of_plan(Path::new(name))?);
        } else {
            all.push(named(name, catalog).with_context(|| format!("--beside {name}"))?);
        }
    }
    if args.beside_loaded {
        all.extend(loaded::neighbours(catalog)?);
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
    let subject = target::find(name, None, catalog)?.subject;
    let context = context
        .or(subject.context_length)
        .unwrap_or(SHORTEST_CONTEXT);
    let settings = Settings::lm_studio(subject.engine, context);
    of_subject(&subject, settings)
}

fn of_subject(subject: &Subject, settings: Settings) -> Result<Neighbour> {
    if let Err(reason) = &subject.architecture {
        bail!("the memory of {} is not known: {reason}", subject.name);
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
fn of_plan(path: &Path) -> Result<Vec<Neighbour>> {
    let shown = path.display();
    let plan = plan_file::read(path)?;
    let entries = plan.loadout.into_iter();
    Ok(entries
        .map(|entry| Neighbour {
            name: format!("{} {}", entry.name, entry.quantization),
            settings: Some(entry.settings),
            memory: entry.memory,
            basis: Basis::Computed,
            source: format!("the plan {shown}"),
        })
        .collect())
}
