//! From a fleet's file to the fleet: what it names exists, and what it says can be.

mod links;
mod nodes;
mod place;

use crate::fault;
use crate::fleet::error::FleetError;
use crate::fleet::file::FleetFile;
use crate::fleet::node::Fleet;
use crate::machine::Profiles;
use crate::toml_text;
use crate::toml_text::nothing_hidden;
use place::InFile;

/// Nodes of a fleet at most.
pub const MOST_NODES: usize = 16;

/// Reads a fleet.
///
/// # Errors
/// When the text is not a fleet's, or says what can't be; with file and line.
pub fn parse(path: &str, text: &str, profiles: &Profiles) -> Result<Fleet, FleetError> {
    nothing_hidden(path, text)?;
    let file: FleetFile = toml_text::parse(path, text)?;
    let at = InFile { path, text };
    if file.nodes.is_empty() {
        return Err(at.line(
            0,
            fault!(
                "the fleet has no nodes";
                "add `[[nodes]]` with `name` and `profile`; `planner fleet init --node NAME=PROFILE` writes one"
            ),
        ));
    }
    if let Some(beyond) = file.nodes.get(MOST_NODES) {
        return Err(at.error_at(
            beyond,
            fault!(
                "a fleet of {} nodes", file.nodes.len();
                "up to {MOST_NODES} can be planned; plan those that serve others apart"
            ),
        ));
    }
    let nodes = nodes::read(&at, &file.nodes, profiles)?;
    let links = links::read(&at, &file.links, &nodes)?;
    Ok(Fleet {
        nodes,
        links,
        survive: file.survive.iter().map(|id| id.get_ref().clone()).collect(),
    })
}
