//! What happens while a use case is at work, and what it must ask.

use anyhow::Result;

/// Who hears of a use case at work, and answers its questions.
pub trait Events {
    /// Something happened.
    fn tell(&self, event: Event<'_>);

    /// Asks for consent.
    ///
    /// # Errors
    /// When nobody is there to answer.
    fn ask(&self, question: Question) -> Result<Answer>;
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A remark that belongs to no document.
    Note(&'a str),
    /// Work that takes a while has begun.
    Began(Work),
    /// It has ended.
    Ended(Work),
}

/// Work without steps that could be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A plan's variations are being solved.
    Variations,
}

/// What only the user can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Question {
    /// Whether to change what is loaded.
    ChangeLoaded,
}

/// The answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Go ahead.
    Yes,
    /// Leave it.
    No,
}

/// Hears nothing, and agrees to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Events for Silent {
    fn tell(&self, _: Event<'_>) {}

    fn ask(&self, _: Question) -> Result<Answer> {
        Ok(Answer::No)
    }
}
