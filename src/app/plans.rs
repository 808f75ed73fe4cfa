//! Plans that are kept by name, to be gone back to.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::save;
use super::save::Saved;
use crate::edge::files;
use crate::edge::places;
use crate::fault;
use crate::plan::Plan;
use crate::suggest;

/// Keeps a plan under a name; one of that name that was there is kept beside it.
///
/// # Errors
/// When the name can't be a file's, or the file can't be written.
pub fn keep(name: &str, plan: &Plan) -> Result<Saved> {
    save::json(&file(name)?, plan)
}

/// The file of a plan that was kept.
///
/// # Errors
/// When there is none of that name; the error names the nearest.
pub fn find(name: &str) -> Result<PathBuf> {
    let path = file(name)?;
    if files::is_there(&path) {
        return Ok(path);
    }
    let known = names()?;
    let near = suggest::nearest(name, known.iter().map(String::as_str));
    let hint = match known.as_slice() {
        [] => "`planner recommend --save NAME` keeps one".to_owned(),
        known => format!(
            "there are `{}`; `planner recommend --save NAME` keeps another",
            known.join("`, `")
        ),
    };
    bail!(fault!(
        "saved plan not found: `{name}`{}", suggest::or_nothing(near.as_deref());
        "{hint}"
    ))
}

/// The names of the plans that were kept, sorted.
///
/// # Errors
/// When their folder can't be read.
pub fn names() -> Result<Vec<String>> {
    let folder = folder()?;
    if !files::is_folder(&folder) {
        return Ok(Vec::new());
    }
    let mut names = files::names_in(&folder)?;
    names.retain(|name| name.ends_with(".json"));
    let mut names: Vec<String> = names
        .iter()
        .map(|name| name.trim_end_matches(".json").to_owned())
        .collect();
    names.sort_unstable();
    Ok(names)
}

fn folder() -> Result<PathBuf> {
    places::plans_path()
        .ok_or_else(|| fault!("the home folder is not known"; "set HOME or XDG_DATA_HOME").into())
}

fn file(name: &str) -> Result<PathBuf> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        bail!(fault!(
            "`{name}` can't be the name of a plan";
            "take letters, digits, `-`, `_` and `.`, such as `night-coding`; a file is saved with `--out FILE`"
        ));
    }
    Ok(folder()?.join(format!("{name}.json")))
}
