//! All that the screen knows.

use super::event::{Answer, Problem};
use super::models::{Column, Row};
use super::sliders::{self, Slider};
use super::wanted::{Choices, Wanted};
use crate::apply::document::StatusReport;
use crate::plan::Plan;
use crate::report::Screen;
use crate::units::Bytes;

/// Lines of what work said that are kept.
const LINES: usize = 200;
/// Columns of a text over the pane at most.
const WIDEST: usize = 110;

/// A pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pane {
    /// What is loaded.
    Now,
    /// What to load.
    Plan,
    /// What there is.
    Models,
    /// How fast it is.
    Bench,
}

impl Pane {
    /// All, from the left.
    pub(super) const ALL: [Self; 4] = [Self::Now, Self::Plan, Self::Models, Self::Bench];

    /// What it is called; its first letter is its key.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Now => "Now",
            Self::Plan => "Plan",
            Self::Models => "Models",
            Self::Bench => "Bench",
        }
    }

    /// So many panes to the right.
    pub(super) fn right(self, by: usize) -> Self {
        let at = Self::ALL.iter().position(|p| *p == self).unwrap_or(0);
        Self::ALL[(at + by) % Self::ALL.len()]
    }
}

/// What lies over the pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Over {
    /// The keys.
    Help,
    /// A text, with its title.
    Text(String, String),
    /// A question of the work under way.
    Question(String),
    /// A name is being typed for the plan.
    Name(String),
}

/// What is at work on LM Studio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Job {
    /// An apply.
    Apply,
    /// A benchmark.
    Bench,
}

/// The table of models as it stands.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// What was ranked last; none before that.
    pub(super) rows: Option<Answer<Vec<Row>>>,
    /// What it was ranked for.
    pub(super) of: Option<(Option<String>, usize)>,
    /// The filter's words.
    pub(super) filter: String,
    /// Whether the filter is being typed.
    pub(super) typing: bool,
    /// What it is sorted by.
    pub(super) by: Column,
    /// The other way round.
    pub(super) reversed: bool,
    /// The row that is chosen.
    pub(super) at: usize,
}

/// The state.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// What there is to choose from.
    pub(super) choices: Choices,
    /// Columns and rows of the terminal.
    pub(super) size: (u16, u16),
    /// In colour.
    pub(super) color: bool,
    /// The pane.
    pub(super) pane: Pane,
    /// What lies over it.
    pub(super) over: Option<Over>,
    /// Lines that the text in sight is scrolled by.
    pub(super) scroll: u16,
    /// What is asked for.
    pub(super) wanted: Wanted,
    /// What was asked for before, the last at the end.
    pub(super) before: Vec<Wanted>,
    /// The sliders.
    pub(super) sliders: Vec<Slider>,
    /// The one that is held.
    pub(super) held: usize,
    /// The last answer, with what it answers.
    pub(super) plan: Option<(Wanted, Answer<Box<Plan>>)>,
    /// The plan that the present one is compared with.
    pub(super) last: Option<Box<Plan>>,
    /// The memory of the machine that is planned for.
    pub(super) memory: Option<Bytes>,
    /// The models.
    pub(super) table: Table,
    /// What is loaded; none before it was read.
    pub(super) status: Option<Answer<Box<StatusReport>>>,
    /// What this machine says of itself.
    pub(super) here: String,
    /// It is being read.
    pub(super) reading: bool,
    /// Seconds since it was.
    pub(super) age: u32,
    /// The plan that should be loaded: the last one that was.
    pub(super) watched: Option<Box<Plan>>,
    /// Names of saved plans.
    pub(super) saved: Vec<String>,
    /// What is at work.
    pub(super) job: Option<Job>,
    /// What it said.
    pub(super) lines: Vec<String>,
    /// The result of the last benchmark.
    pub(super) bench: Option<Answer<String>>,
    /// A word at the bottom.
    pub(super) note: Option<Note>,
}

/// A word at the bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    /// Something was done.
    Done(String),
    /// Something went wrong.
    Wrong(Problem),
}

impl State {
    /// Nothing was solved or read yet.
    pub(super) fn new(choices: Choices, wanted: Wanted, size: (u16, u16), color: bool) -> Self {
        let sliders = sliders::all(&choices);
        let held = wanted.weights.iter().position(|w| *w > 0.0).unwrap_or(0);
        Self {
            memory: choices.machines.get(wanted.machine).and_then(|m| m.memory),
            choices,
            size,
            color,
            pane: Pane::Plan,
            over: None,
            scroll: 0,
            wanted,
            before: Vec::new(),
            sliders,
            held,
            plan: None,
            last: None,
            table: Table {
                rows: None,
                of: None,
                filter: String::new(),
                typing: false,
                by: Column::Quality,
                reversed: false,
                at: 0,
            },
            status: None,
            here: String::new(),
            reading: false,
            age: 0,
            watched: None,
            saved: Vec::new(),
            job: None,
            lines: Vec::new(),
            bench: None,
            note: None,
        }
    }

    /// The plan that is shown, where there is one.
    pub(super) fn shown(&self) -> Option<&Plan> {
        let (_, plan) = self.plan.as_ref()?;
        plan.as_ref().ok().map(Box::as_ref)
    }

    /// The plan that is shown and answers what is wanted, with models to load.
    pub(super) fn settled(&self) -> Option<&Plan> {
        let (of, _) = self.plan.as_ref()?;
        self.shown()
            .filter(|plan| *of == self.wanted && !plan.loadout.is_empty())
    }

    /// Whether the answer to what is wanted is still to come.
    pub(super) fn solving(&self) -> bool {
        self.plan.as_ref().is_none_or(|(of, _)| *of != self.wanted)
    }

    /// The screen that texts over the pane are laid out for.
    pub(super) fn screen(&self) -> Screen {
        Screen::new(
            usize::from(self.size.0.saturating_sub(6)).min(WIDEST),
            self.color,
        )
    }

    /// Keeps what work said.
    pub(super) fn say(&mut self, line: String) {
        self.lines.push(line);
        let surplus = self.lines.len().saturating_sub(LINES);
        self.lines.drain(..surplus);
    }

    /// The rows of the table that are in sight.
    pub(super) fn rows(&self) -> Vec<&Row> {
        let table = &self.table;
        match &table.rows {
            Some(Ok(rows)) => super::models::shown(rows, &table.filter, table.by, table.reversed),
            _ => Vec::new(),
        }
    }
}
