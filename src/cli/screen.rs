//! `planner` alone: the screen where there is a terminal, else the help.

use std::io::IsTerminal as _;
use std::sync::Arc;

use anyhow::Result;

use super::outcome::Outcome;
use super::output::Output;
use crate::app::Workspace;
use crate::app::studio::StudioChoice;
use crate::screen;

/// Shows the screen; without a terminal prints the help.
pub(super) fn run(help: &str, workspace: &Arc<Workspace>, output: &Output) -> Result<Outcome> {
    if !at_a_terminal() {
        output.text(help)?;
        return Ok(Outcome::Done);
    }
    let options = screen::Options {
        studio: StudioChoice::default(),
        color: output.screen.color,
    };
    screen::run(workspace, options)?;
    Ok(Outcome::Done)
}

#[expect(
    clippy::disallowed_methods,
    reason = "whether somebody sits there is asked of the terminal"
)]
fn at_a_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}
