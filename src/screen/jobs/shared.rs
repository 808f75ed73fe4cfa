//! What every thread of the work has.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;

use anyhow::Error;

use crate::app::{Workspace, hint_of};
use crate::report::Screen;
use crate::screen::event::{Answer, Effect, Event, Problem};
use crate::screen::options::Options;
use crate::screen::wanted::Choices;

/// An effect, and the screen that its text is laid out for.
pub(super) type Job = (Effect, Screen);

/// What every thread has.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) workspace: Arc<Workspace>,
    pub(super) choices: Arc<Choices>,
    pub(super) options: Options,
    pub(super) tell: Sender<Event>,
    pub(super) stop: Arc<AtomicBool>,
}

/// In words.
fn problem(error: &Error) -> Problem {
    Problem {
        error: format!("{error:#}"),
        hint: hint_of(error),
    }
}

/// An answer, with what went wrong in words.
pub(super) fn answer<T>(result: anyhow::Result<T>) -> Answer<T> {
    result.map_err(|error| problem(&error))
}
