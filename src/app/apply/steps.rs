//! The steps of an apply as events, and how long each load took.

use crate::app::events::{Event, Events};
use crate::apply::LoadTime;
use crate::edge::{clock, converge};

/// Steps as they happen.
pub(in crate::app) struct Steps<'a> {
    events: &'a dyn Events,
    began_seconds: f64,
    loading: Option<String>,
    loads: Vec<LoadTime>,
}

impl<'a> Steps<'a> {
    /// Nothing happened yet.
    pub(in crate::app) fn new(events: &'a dyn Events) -> Self {
        Self {
            events,
            began_seconds: 0.0,
            loading: None,
            loads: Vec::new(),
        }
    }

    /// How long each load took that came to its end.
    pub(in crate::app) fn loads(self) -> Vec<LoadTime> {
        self.loads
    }

    /// Tells what is happening.
    pub(in crate::app) fn tell(&mut self, event: converge::Event<'_>) {
        match event {
            converge::Event::Unloading(i) => {
                self.begin(None);
                self.events.tell(Event::Unloading(&i.identifier));
            }
            converge::Event::Loading(i) => {
                self.begin(Some(i.identifier.clone()));
                self.events.tell(Event::Loading(&i.identifier));
            }
            converge::Event::Progress(percent) => self.events.tell(Event::Percent(percent)),
            converge::Event::Done => self.done(),
        }
    }

    fn begin(&mut self, loading: Option<String>) {
        self.loading = loading;
        self.began_seconds = clock::seconds();
    }

    fn done(&mut self) {
        let seconds = clock::seconds() - self.began_seconds;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "milliseconds since the step began"
        )]
        let milliseconds = (seconds * 1000.0) as u64;
        let load = self.loading.take().map(|identifier| LoadTime {
            identifier,
            milliseconds,
            files_bytes: None,
        });
        self.loads.extend(load);
        self.events.tell(Event::StepDone { seconds });
    }
}
