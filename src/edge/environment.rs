//! The user's environment: variables, and the editor that they name.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::fault;

/// A variable that is set and not empty.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where this program is.
///
/// # Errors
/// When the system does not say it, or the path is no text.
pub fn this_program() -> Result<String> {
    let path = std::env::current_exe().context("it is not known where planner is")?;
    path.into_os_string()
        .into_string()
        .map_err(|path| fault!("{} is not text", path.display(); "move planner elsewhere").into())
}

/// The editor that the user's environment names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor(String);

impl Editor {
    /// The user's editor, to open this file with.
    ///
    /// # Errors
    /// When none is named.
    pub fn of_user(path: &Path) -> Result<Self> {
        let named = variable("VISUAL").or_else(|| variable("EDITOR"));
        named.map(Self).with_context(|| {
            fault!(
                "no editor: neither VISUAL nor EDITOR is set";
                "set one, or open {} yourself", path.display()
            )
        })
    }

    /// Opens a file, and waits until it is closed.
    ///
    /// # Errors
    /// When the editor can't be run or fails.
    pub fn edit(&self, path: &Path) -> Result<()> {
        let Self(editor) = self;
        let mut words = shlex::split(editor).unwrap_or_else(|| vec![editor.clone()]);
        let program = words.remove(0);
        let mut command = std::process::Command::new(&program);
        let status = command.args(words).arg(path).status();
        let status = status.with_context(|| format!("can't run the editor `{editor}`"))?;
        if !status.success() {
            bail!(fault!(
                "the editor `{editor}` failed";
                "look at {}", path.display()
            ));
        }
        Ok(())
    }
}
