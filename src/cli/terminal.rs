//! The terminal as the use cases' listener: shows what happens, and asks.

use std::cell::RefCell;
use std::time::Duration;

use anyhow::Result;
use indicatif::ProgressBar;

use super::output;
use crate::app::{Answer, Event, Events, Question, Work};

/// How often the sign of work moves, which only a terminal shows.
const TICK: Duration = Duration::from_millis(120);

/// Standard error, with a sign of work where it is a terminal.
#[derive(Default)]
pub(super) struct Terminal {
    wait: RefCell<Option<ProgressBar>>,
}

impl Events for Terminal {
    fn tell(&self, event: Event<'_>) {
        match event {
            Event::Note(text) => output::say(text),
            Event::Began(work) => {
                let words = match work {
                    Work::Variations => "solving the plan's variations",
                };
                let wait = ProgressBar::new_spinner().with_message(words);
                wait.enable_steady_tick(TICK);
                self.wait.replace(Some(wait));
            }
            Event::Ended(_) => {
                if let Some(wait) = self.wait.take() {
                    wait.finish_and_clear();
                }
            }
        }
    }

    fn ask(&self, _: Question) -> Result<Answer> {
        Ok(Answer::No)
    }
}
