//! The steps of a series as events.

use std::cell::Cell;

use crate::app::events::{Event, Events};

/// A series under way; it ends when this goes.
pub(in crate::app) struct Steps<'a> {
    events: &'a dyn Events,
    at: Cell<u64>,
}

impl<'a> Steps<'a> {
    /// A series of so many steps, of a model.
    pub(in crate::app) fn new(events: &'a dyn Events, steps: u64, model: &str) -> Self {
        events.tell(Event::SeriesBegan { model, steps });
        Self {
            events,
            at: Cell::new(0),
        }
    }

    /// Tells what is being measured.
    pub(in crate::app) fn doing(&self, what: &str) {
        self.events.tell(Event::Measuring(what));
    }

    /// Tells how far it is.
    pub(in crate::app) fn at(&self, step: u64) {
        self.at.set(step);
        self.events.tell(Event::SeriesAt(step));
    }

    /// One step further.
    pub(in crate::app) fn step(&self) {
        self.at(self.at.get() + 1);
    }
}

impl Drop for Steps<'_> {
    fn drop(&mut self) {
        self.events.tell(Event::SeriesEnded);
    }
}
