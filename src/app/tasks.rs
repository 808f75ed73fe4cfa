//! The tasks that a request names, and the mixes of them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, bail};

use crate::edge::files;
use crate::edge::places;
use crate::fault;
use crate::plan::score::STEPS;
use crate::suggest;
use crate::task;
use crate::task::{Mix, TaskProfile, mix as mixed};
use crate::toml_text::nothing_hidden;

/// Every shipped task.
///
/// # Errors
/// When a shipped file is broken, which a test rules out.
pub fn all() -> Result<Vec<TaskProfile>> {
    Ok(task::embedded()?.into_values().collect())
}

/// A task by its id, or from a file of the user's.
///
/// # Errors
/// When there is none of that name, or the file is no task.
pub fn find(name: &str) -> Result<TaskProfile> {
    if name.trim().is_empty() {
        bail!(fault!("no task given"; "name one, such as `code`; `planner tasks` lists them"));
    }
    if files::means_a_file(name) {
        let text = files::read_text(Path::new(name))?;
        nothing_hidden(name, &text)?;
        return Ok(task::parse(name, &text)?);
    }
    let tasks = task::embedded()?;
    if !tasks.contains_key(name) && mixes().is_ok_and(|mixes| mixes.contains_key(name)) {
        bail!(fault!("`{name}` is a mix, not a task"; "name it with `--for {name}`"));
    }
    Ok(task::find(&tasks, name)?.clone())
}

/// A task as it is written, comments and all, to begin an own one with.
///
/// # Errors
/// When a file of the user's can't be read.
pub fn text(name: &str, task: &TaskProfile) -> Result<String> {
    if files::means_a_file(name) {
        return files::read_text(Path::new(name));
    }
    match task::text(&task.id) {
        Some(text) => Ok(text.to_owned()),
        None => Ok(toml::to_string_pretty(task)?),
    }
}

/// Every mix: the shipped ones, and the user's own, which stand in place of those of their name.
///
/// # Errors
/// When a file of the user's can't be read or is no mix.
pub fn mixes() -> Result<BTreeMap<String, Mix>> {
    let mut all = mixed::embedded()?;
    if let Some(folder) = places::user_mixes().filter(|folder| files::is_folder(folder)) {
        for (path, text) in files::read_toml_folder(&folder)? {
            let mix = mixed::parse(&path, &text)?;
            all.insert(mix.id.clone(), mix);
        }
    }
    Ok(all)
}

/// A mix by its id, or from a file of the user's.
///
/// # Errors
/// When there is none of that name, or the file is no mix.
pub fn mix(name: &str) -> Result<Mix> {
    if files::means_a_file(name) {
        return Ok(mixed::parse(name, &files::read_text(Path::new(name))?)?);
    }
    let mut all = mixes()?;
    if let Some(mix) = all.remove(name) {
        return Ok(mix);
    }
    if let Ok(task) = find(name) {
        bail!(fault!("`{name}` is a task, not a mix"; "name it with `--task {}`", task.id));
    }
    let known: Vec<&str> = all.keys().map(String::as_str).collect();
    let near = suggest::nearest(name, known.iter().copied());
    bail!(fault!(
        "mix not found: `{name}`{}", suggest::or_nothing(near.as_deref());
        "the mixes are `{}`; a file of your own is given with its path, such as `./my-mix.toml`", known.join("`, `")
    ))
}

/// Tasks with their weights against each other, from `code`, `code=2` and so on; each once.
///
/// # Errors
/// When a weight is no number above zero, or a task is given twice or is not there.
pub fn weighted(given: &[String]) -> Result<Vec<(TaskProfile, f64)>> {
    let mut tasks: Vec<(TaskProfile, f64)> = Vec::new();
    for text in given {
        let (name, weight) = match text.rsplit_once('=') {
            Some((name, weight)) => (name, weight.parse::<f64>().ok()),
            None => (text.as_str(), Some(1.0)),
        };
        let Some(weight) = weight.filter(|w| w.is_finite() && *w > 0.0) else {
            bail!(fault!(
                "task `{text}`: the weight must be a number above zero";
                "write `--task code=2 --task general=1`"
            ));
        };
        let task = find(name)?;
        if tasks.iter().any(|(t, _)| t.id == task.id) {
            bail!(fault!(
                "the task `{}` is given twice", task.id;
                "give it once, with a weight: `--task {}=2`", task.id
            ));
        }
        tasks.push((task, weight));
    }
    counting(&tasks)?;
    Ok(tasks)
}

/// Whether every weight counts beside the others.
fn counting(tasks: &[(TaskProfile, f64)]) -> Result<()> {
    let sum: f64 = tasks.iter().map(|(_, weight)| weight).sum();
    let lost = |weight: f64| !sum.is_finite() || weight / sum * STEPS < 1.0;
    if let Some((task, weight)) = tasks.iter().find(|(_, weight)| lost(*weight)) {
        bail!(fault!(
            "the weight {weight:e} of task `{}` is too small, or too large, beside the others", task.id;
            "give weights of like size, such as `--task code=2 --task general=1`"
        ));
    }
    Ok(())
}
