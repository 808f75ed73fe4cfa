//! planner's MCP server in the settings of a program that agents run in.

use std::path::PathBuf;

use anyhow::Result;

use super::emit::{PutInPlace, merge_into};
use super::events::Events;
use crate::edge::{environment, install};
use crate::emit::server_files;

pub use crate::edge::install::Undone;
pub use crate::emit::Host;

/// Merges the server and its skill into the user's files: shown first, then asked for. None where
/// that was declined, or nothing would change.
///
/// # Errors
/// When a file can't be merged into or written; then nothing was written.
pub fn install_server(host: Host, events: &dyn Events) -> Result<Option<PutInPlace>> {
    let command = environment::this_program()?;
    let by_hand = "mend that file first, or add the server by hand: its command is `planner mcp`";
    merge_into(server_files(host, &command)?, by_hand, events)
}

/// Takes that back: each file, and what became of it.
///
/// # Errors
/// When it was not installed there, or a file can't be written.
pub fn uninstall_server(host: Host) -> Result<Vec<(PathBuf, Undone)>> {
    let mut paths = Vec::new();
    for (file, _) in server_files(host, "")? {
        paths.push(install::client_path(file)?);
    }
    install::undo(&|path| paths.iter().any(|ours| ours == path))
}
