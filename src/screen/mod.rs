//! The screen to live in: what is loaded, what to load, and every what-if while a slider moves.
//!
//! Another front of the use cases. `state` is all that it knows; `update` makes the next state
//! and effects of an event, and nothing else; `draw` is a function of the state; `jobs` carries
//! effects out on threads of their own, so that nothing keeps the screen waiting.

mod compare;
mod draw;
mod event;
mod jobs;
mod models;
mod options;
mod sliders;
mod state;
mod steps;
mod terminal;
mod update;
mod wanted;

use std::sync::Arc;

use anyhow::Result;

use crate::app::Workspace;
pub use options::Options;

/// Shows the screen until its user leaves.
///
/// # Errors
/// When the terminal can't be drawn on, or a shipped profile is broken.
pub fn run(workspace: &Arc<Workspace>, options: Options) -> Result<()> {
    terminal::run(workspace, options)
}
