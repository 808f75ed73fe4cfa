//! A fleet from its file.

use std::path::Path;

use anyhow::Result;

use crate::app::workspace::Workspace;
use crate::edge::files;
use crate::fleet::{Fleet, check};

/// Reads a fleet.
///
/// # Errors
/// When the file can't be read, or is not a fleet's; with its line.
pub fn read(workspace: &Workspace, path: &Path) -> Result<Fleet> {
    let text = files::read_text(path)?;
    let name = path.display().to_string();
    Ok(check::parse(&name, &text, workspace.profiles())?)
}
