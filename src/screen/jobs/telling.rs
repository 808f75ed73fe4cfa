//! What a use case tells and asks, as events of the screen.

use std::sync::mpsc::{Receiver, Sender};

use anyhow::{Result, bail};

use crate::app::{Answer, Event as Told, Events, Question};
use crate::fault;
use crate::printable::printable;
use crate::report;
use crate::report::Screen;
use crate::screen::event::Event;

/// Percents of a load that are told.
const STEP: u8 = 25;

/// Tells the screen, and waits for its user's answers.
pub(super) struct Telling<'a> {
    tell: &'a Sender<Event>,
    answered: &'a Receiver<bool>,
    screen: Screen,
    changes: std::cell::RefCell<String>,
}

impl<'a> Telling<'a> {
    pub(super) fn new(
        tell: &'a Sender<Event>,
        answered: &'a Receiver<bool>,
        screen: Screen,
    ) -> Self {
        Self {
            tell,
            answered,
            screen,
            changes: std::cell::RefCell::default(),
        }
    }

    fn say(&self, words: String) {
        // The screen is gone.
        let _ = self.tell.send(Event::Says(words));
    }
}

impl Events for Telling<'_> {
    fn tell(&self, event: Told<'_>) {
        match event {
            Told::Changes(report) => {
                *self.changes.borrow_mut() = report::apply::changes(&report.changes, &self.screen);
            }
            Told::Unloading(name) => self.say(format!("unloading {}", printable(name))),
            Told::Loading(name) => self.say(format!("loading {}", printable(name))),
            Told::Percent(percent) if percent % STEP == 0 => self.say(format!("  {percent} %")),
            Told::StepDone { seconds } => self.say(format!("  done in {seconds:.1} s")),
            Told::PuttingBack { why, .. } => {
                self.say(format!("{}: putting back what was loaded", printable(why)));
            }
            Told::Stuck { why } => self.say(printable(why).into_owned()),
            Told::WaitingForLoad => self.say("waiting for another load to end".to_owned()),
            Told::SeriesBegan { model, steps } => {
                self.say(format!("{}: {steps} requests", printable(model)));
            }
            Told::Measuring(what) => self.say(format!("  {}", printable(what))),
            _ => {}
        }
    }

    fn ask(&self, question: Question) -> Result<Answer> {
        if !question.is_of_loading() {
            return Ok(Answer::No);
        }
        let text = format!("{}\n{}", self.changes.borrow(), question.words());
        // Answers of an earlier question are none of this one.
        self.answered.try_iter().for_each(drop);
        let gone = || fault!("nobody is there to answer"; "start planner again");
        if self.tell.send(Event::Asks(text)).is_err() {
            bail!(gone());
        }
        match self.answered.recv() {
            Ok(true) => Ok(Answer::Yes),
            Ok(false) => Ok(Answer::No),
            Err(_) => bail!(gone()),
        }
    }
}
