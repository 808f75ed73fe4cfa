//! Which installed model each model of a plan is.

use anyhow::{Context as _, Result, bail};

use crate::emit;
use crate::emit::Options;
use crate::fault;
use crate::lmstudio::Installed;
use crate::lmstudio::matching;
use crate::lmstudio::matching::{By, Match, Wanted};
use crate::plan::Plan;

/// The installed model that each model of the plan is, in the plan's order.
pub(super) fn find<'a>(
    plan: &Plan,
    options: &Options,
    all: &'a [Installed],
) -> Result<Vec<(&'a Installed, By)>> {
    let wanted = emit::keyed(plan, &options.keys)?;
    plan.loadout
        .iter()
        .zip(&wanted)
        .map(|(entry, wanted)| {
            let variant = entry.full_name();
            one(&variant, wanted, all)
                .with_context(|| format!("can't tell which installed model is `{variant}`"))
        })
        .collect()
}

/// The same of a plan whose models need not be installed; none where the files are not here whole.
pub(super) fn find_some<'a>(
    plan: &Plan,
    options: &Options,
    all: &'a [Installed],
) -> Result<Vec<Option<&'a Installed>>> {
    let here = |wanted: &Wanted| match matching::find(wanted, all) {
        Match::Found { model, .. } => Some(model),
        Match::Several(models) => models.first().copied(),
        Match::WrongSize(_) | Match::Missing(_) => None,
    };
    Ok(emit::keyed(plan, &options.keys)?.iter().map(here).collect())
}

fn one<'a>(variant: &str, wanted: &Wanted, all: &'a [Installed]) -> Result<(&'a Installed, By)> {
    let list = |models: &[&Installed]| -> String {
        let lines = models
            .iter()
            .map(|m| format!("\n  {} ({}, {})", m.model_key, m.path, m.size_bytes.both()));
        lines.collect()
    };
    match matching::find(wanted, all) {
        Match::Found { model, by } => Ok((model, by)),
        Match::WrongSize(model) => bail!(fault!(
            "`{}` has {} instead of {}", model.model_key, model.size_bytes.both(), wanted.size.both();
            "finish its download, or say that it is right: `--key {variant}={}`", model.model_key
        )),
        Match::Several(models) => bail!(fault!(
            "several match:{}", list(&models);
            "name one: `--key {variant}={}`", models[0].model_key
        )),
        Match::Missing(near) => {
            let place = wanted
                .repository
                .as_deref()
                .unwrap_or("a repository that the plan does not know");
            let files = wanted.files.as_deref().unwrap_or(&wanted.quantization);
            let near = |words: &str| match near.as_slice() {
                [] => String::new(),
                near => format!("; {words}:{}", list(near)),
            };
            if let Some(key) = &wanted.key {
                let near = near("near it");
                bail!(fault!(
                    "LM Studio has no model with the key `{key}` on this machine{near}";
                    "take a key from `lms ls --json`"
                ));
            }
            let near = near("of its size or quantization there are");
            bail!(fault!(
                "it is not installed ({files} of {place}){near}";
                "download it with `planner get PLAN` (`planner emit` writes download.sh), or name it: `--key {variant}=KEY` with a key of `lms ls --json`"
            ))
        }
    }
}
