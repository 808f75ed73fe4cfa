//! The user's folder of tasks.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::edge::files;
use crate::fault;
use crate::trial::Task;

/// More tasks of one folder are none of small ones.
const MOST_TASKS: usize = 200;
const FILE: &str = "task.toml";

/// A task for each folder in it that has a `task.toml`.
pub(super) fn tasks(folder: &Path) -> Result<Vec<Task>> {
    let shown = folder.display();
    let names = files::names_in(folder)?;
    let is_task = |name: &String| files::is_file(&folder.join(name).join(FILE));
    let names: Vec<String> = names.into_iter().filter(is_task).collect();
    if names.is_empty() || names.len() > MOST_TASKS {
        let count = names.len();
        bail!(fault!(
            "{shown} holds {count} tasks, and should hold 1 to {MOST_TASKS}";
            "make a folder in it for each, with a {FILE} and a prompt.md"
        ));
    }
    names.iter().map(|name| task(folder, name)).collect()
}

fn task(folder: &Path, name: &str) -> Result<Task> {
    let folder = folder.join(name);
    let toml = files::read_text(&folder.join(FILE))?;
    let prompt = files::read_text(&folder.join("prompt.md"))
        .with_context(|| fault!("the task `{name}` has no prompt"; "write it into prompt.md"))?;
    Ok(Task::own(name, &files::absolute(&folder)?, &toml, &prompt)?)
}
