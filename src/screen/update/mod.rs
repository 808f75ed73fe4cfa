//! The next state, and what is to be done: a function of the state and what was heard.

mod asking;
mod heard;
mod keys;
mod mouse;
mod over;
#[cfg(test)]
mod tests;

use crossterm::event::KeyCode;

use super::event::{Effect, Event};
use super::state::{Job, Pane, State};
use asking::look;

/// Seconds between two readings of what is loaded, while it is looked at and while it is not.
const LOOK: u32 = 2;
const GLANCE: u32 = 10;

/// What is to be done at the beginning.
pub(super) fn first(state: &mut State) -> Vec<Effect> {
    state.reading = true;
    vec![
        Effect::Solve(Box::new(state.wanted.clone())),
        Effect::ReadStatus(None),
        Effect::ListSaved,
    ]
}

/// Changes the state by what was heard, and says what is to be done.
pub(super) fn update(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(KeyCode::Null) => keys::leave(state),
        Event::Key(key) if state.over.is_some() => over::key(state, key),
        Event::Key(key) => keys::key(state, key),
        Event::Click(column, row) => mouse::click(state, column, row),
        Event::Wheel(up) => mouse::wheel(state, up),
        Event::Resized(columns, rows) => {
            state.size = (columns, rows);
            Vec::new()
        }
        Event::Tick => tick(state),
        other => heard::heard(state, other),
    }
}

fn tick(state: &mut State) -> Vec<Effect> {
    state.age = state.age.saturating_add(1);
    let every = if state.pane == Pane::Now {
        LOOK
    } else {
        GLANCE
    };
    // An apply reads for itself, and shows its steps.
    let busy = state.reading || state.job == Some(Job::Apply);
    if busy || state.age < every {
        return Vec::new();
    }
    look(state)
}
