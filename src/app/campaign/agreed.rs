//! Events of steps whose study was agreed to.

use std::cell::Cell;

use anyhow::Result;

use crate::app::events::{Answer, Event, Events, Question};

/// Hands events on, agrees to every step, and counts what is recorded.
pub(super) struct Agreed<'a> {
    events: &'a dyn Events,
    recorded: Cell<usize>,
}

impl<'a> Agreed<'a> {
    pub(super) fn to(events: &'a dyn Events) -> Self {
        Self {
            events,
            recorded: Cell::new(0),
        }
    }

    /// Measurements recorded since this was last asked.
    pub(super) fn recorded(&self) -> usize {
        self.recorded.take()
    }
}

impl Events for Agreed<'_> {
    fn tell(&self, event: Event<'_>) {
        if let Event::Recorded { rows, .. } = event {
            self.recorded.set(self.recorded.get() + rows);
        }
        self.events.tell(event);
    }

    fn ask(&self, _: Question) -> Result<Answer> {
        Ok(Answer::Yes)
    }
}
