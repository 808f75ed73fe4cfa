//! A fleet's file written from names of machines.

use std::path::Path;

use anyhow::Result;

use crate::app::save;
use crate::app::save::Saved;
use crate::app::workspace::Workspace;
use crate::fleet::check;
use crate::fleet::write::{NewLink, NewNode, text};

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitRequest {
    /// The nodes.
    pub nodes: Vec<NewNode>,
    /// What joins them.
    pub links: Vec<NewLink>,
}

/// The text of a fleet's file that can be read, saved where a path is given.
///
/// # Errors
/// When a node or a link can't be, or the file can't be written.
pub fn init(
    workspace: &Workspace,
    request: &InitRequest,
    out: Option<&Path>,
) -> Result<(String, Option<Saved>)> {
    let text = text(&request.nodes, &request.links);
    let name = out.map_or_else(|| "fleet.toml".to_owned(), |p| p.display().to_string());
    check::parse(&name, &text, workspace.profiles())?;
    let saved = out
        .map(|path| save::bytes(path, text.as_bytes()))
        .transpose()?;
    Ok((text, saved))
}
