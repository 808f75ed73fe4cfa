//! planner's MCP server: the door that it listens behind, and its entry in the settings of a program
//! that agents run in.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::emit::{PutInPlace, merge_into};
use super::events::Events;
use crate::edge::{environment, files, install, places};
use crate::emit::{Left, server_files, without_server};
use crate::fault;

pub use crate::edge::install::Undone;
pub use crate::edge::loopback::Loopback;
pub use crate::edge::secret::Secret;
pub use crate::emit::Host;

/// The variable that a token can be given in.
pub const TOKEN: &str = "PLANNER_MCP_TOKEN";

/// Where clients of this machine knock, and the token that they show.
pub struct Door {
    /// Where it listens.
    pub listener: Loopback,
    /// What lets them in.
    pub token: Secret,
}

/// Listens on an address of this machine alone. The token is the environment's, else one that is made
/// once and kept.
///
/// # Errors
/// When the address is taken or not this machine's own, or the token can't be had.
pub fn open_door(address: &str) -> Result<Door> {
    let token = Secret::kept_in(TOKEN, &places::agents_token()?)?;
    let listener = Loopback::listen(address)?;
    Ok(Door { listener, token })
}

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

/// Takes the server out again, whatever else has been written into those files since: each file,
/// and what became of it. A skill that another program shares stays until that one goes too.
///
/// # Errors
/// When it is not there, or a file can't be read or written.
pub fn uninstall_server(host: Host) -> Result<Vec<(PathBuf, Undone)>> {
    let mut undone = Vec::new();
    for (file, ours) in server_files(host, "")? {
        let path = install::client_path(file)?;
        let what = if is_shared(host, &path)? {
            Undone::Shared
        } else {
            install::take_out(&path, &|now| without_server(host, file, &ours, now))?
        };
        undone.push((path, what));
    }
    let nothing = |(_, what): &(PathBuf, Undone)| matches!(what, Undone::Absent | Undone::Shared);
    if undone.iter().all(nothing) {
        bail!(fault!(
            "the server is not installed there";
            "`planner mcp install` installs it; `planner emit --undo` takes back all that planner has installed"
        ));
    }
    Ok(undone)
}

/// Whether another program whose settings have the server uses this file as well.
fn is_shared(host: Host, path: &Path) -> Result<bool> {
    for other in Host::ALL.into_iter().filter(|other| *other != host) {
        let (mut same, mut has_server) = (false, false);
        for (file, ours) in server_files(other, "")? {
            let place = install::client_path(file)?;
            same |= place == path;
            let text = files::is_file(&place).then(|| files::read_text(&place));
            let left = text.transpose()?;
            let left = left.map(|now| without_server(other, file, &ours, &now));
            has_server |= matches!(left, Some(Ok(Left::Text(_))));
        }
        if same && has_server {
            return Ok(true);
        }
    }
    Ok(false)
}
