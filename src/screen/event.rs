//! What the screen hears, and what it wants done.

use crossterm::event::KeyCode;

use super::models::Row;
use super::wanted::Wanted;
use crate::apply::document::{ApplyReport, StatusReport};
use crate::plan::Plan;
use crate::units::Bytes;

/// What went wrong, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// What.
    pub(super) error: String,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

/// An answer, or why there is none.
pub(super) type Answer<T> = Result<T, Problem>;

/// What the screen hears.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// A key.
    Key(KeyCode),
    /// A click, by column and row.
    Click(u16, u16),
    /// The wheel: up or down.
    Wheel(bool),
    /// The terminal is so wide and high.
    Resized(u16, u16),
    /// A second went by.
    Tick,
    /// A plan was solved for what was wanted then.
    Solved {
        /// What was wanted.
        wanted: Box<Wanted>,
        /// The plan.
        plan: Answer<Box<Plan>>,
        /// The machine's memory, where it could be read.
        memory: Option<Bytes>,
    },
    /// The models were ranked for the task and machine that were wanted.
    Ranked(Answer<Vec<Row>>),
    /// What is loaded was read.
    Status(Answer<Box<StatusReport>>),
    /// What this machine says of itself, as text: where LM Studio says nothing.
    Here(String),
    /// The names of saved plans.
    Saved(Answer<Vec<String>>),
    /// A plan was kept under this name.
    Kept(Answer<String>),
    /// A text to read, with its title.
    Text(String, Answer<String>),
    /// The work under way asks this, and waits.
    Asks(String),
    /// The work under way says this.
    Says(String),
    /// An apply came to its end: of this plan, or of what was before.
    Applied {
        /// The plan; none where the last apply was taken back.
        plan: Option<Box<Plan>>,
        /// What came of it.
        report: Answer<Box<ApplyReport>>,
    },
    /// A benchmark came to its end, with its result as text.
    Benched(Answer<String>),
}

/// What the screen wants done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Effect {
    /// Solve this; what was to be solved before is not wanted any more.
    Solve(Box<Wanted>),
    /// Rank the models.
    Rank(Box<Wanted>),
    /// Read what is loaded, and hold it against a plan.
    ReadStatus(Option<Box<Plan>>),
    /// List the saved plans.
    ListSaved,
    /// Keep a plan under a name.
    Keep(String, Box<Plan>),
    /// Load a plan.
    Apply(Box<Plan>),
    /// Load a saved plan.
    Swap(String),
    /// Load again what was loaded before.
    TakeBack,
    /// The answer to what was asked.
    Answer(bool),
    /// Say what is known of a model, and why it does not serve in the plan.
    Describe(String, Option<Box<Plan>>),
    /// Explain the plan.
    Explain(Box<Plan>),
    /// Measure what is loaded.
    Bench,
    /// Stop that, or an apply before its next step.
    Stop,
    /// Leave.
    Quit,
}
