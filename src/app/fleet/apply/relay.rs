//! What happens on nodes at the same time, told by one.

use std::sync::mpsc::Sender;

use anyhow::Result;

use crate::app::events::{Answer, Event, Events, Question};

/// What happens on a node, with its name.
pub(super) struct OfNode<'a> {
    pub(super) node: &'a str,
    pub(super) events: &'a dyn Events,
}

impl Events for OfNode<'_> {
    fn tell(&self, event: Event<'_>) {
        self.events.tell(Event::OnNode {
            node: self.node,
            event: &event,
        });
    }

    fn ask(&self, question: Question) -> Result<Answer> {
        self.events.ask(question)
    }
}

/// A step of an apply, as it goes from one thread to another.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    Unloading(String),
    Loading(String),
    Done(f64),
}

impl Said {
    pub(super) fn event(&self) -> Event<'_> {
        match self {
            Self::Unloading(name) => Event::Unloading(name),
            Self::Loading(name) => Event::Loading(name),
            Self::Done(seconds) => Event::StepDone { seconds: *seconds },
        }
    }
}

/// Hands the steps of a node on to whoever tells them.
pub(super) struct Relay {
    pub(super) node: usize,
    pub(super) to: Sender<(usize, Said)>,
}

impl Events for Relay {
    fn tell(&self, event: Event<'_>) {
        let said = match event {
            Event::Unloading(name) => Said::Unloading(name.to_owned()),
            Event::Loading(name) => Said::Loading(name.to_owned()),
            Event::StepDone { seconds } => Said::Done(seconds),
            // Bars of several nodes would draw over each other.
            _ => return,
        };
        // Nobody listens any more where the apply has ended.
        let _ = self.to.send((self.node, said));
    }

    /// All was asked before the first step.
    fn ask(&self, _: Question) -> Result<Answer> {
        Ok(Answer::No)
    }
}
