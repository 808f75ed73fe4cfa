//! The questions of an apply, put to whoever sits before the client.
//!
//! A use case asks in the middle of its work; a client is asked between two calls. So the work is
//! done as far as its first question, which is answered with no, and once the user agreed it is done
//! again: agreed is to that very text, and what has changed meanwhile is asked for anew.

use std::cell::RefCell;

use anyhow::Result;

use super::reply::screen;
use crate::app::{Answer, Event, Events, Question};
use crate::report;

/// What was agreed to.
#[derive(Debug, Clone)]
pub(super) enum Agreed {
    /// Everything, by whoever started the server.
    All,
    /// These questions, by their text.
    To(Vec<String>),
}

/// An apply's questions.
pub(super) struct Consent<'a> {
    agreed: &'a Agreed,
    told: RefCell<String>,
    open: RefCell<Option<String>>,
}

impl<'a> Consent<'a> {
    pub(super) fn of(agreed: &'a Agreed) -> Self {
        Self {
            agreed,
            told: RefCell::default(),
            open: RefCell::default(),
        }
    }

    /// The question that nobody agreed to yet.
    pub(super) fn open(self) -> Option<String> {
        self.open.into_inner()
    }
}

impl Events for Consent<'_> {
    fn tell(&self, event: Event<'_>) {
        if let Event::Changes(report) = event {
            *self.told.borrow_mut() = report::apply::changes(&report.changes, &screen());
        }
    }

    fn ask(&self, question: Question) -> Result<Answer> {
        // No tool writes files, or runs a study.
        if !question.is_of_loading() {
            return Ok(Answer::No);
        }
        let text = format!("{}{}", self.told.borrow(), question.words());
        let agreed = match self.agreed {
            Agreed::All => true,
            Agreed::To(texts) => texts.contains(&text),
        };
        if agreed {
            return Ok(Answer::Yes);
        }
        *self.open.borrow_mut() = Some(text);
        Ok(Answer::No)
    }
}
