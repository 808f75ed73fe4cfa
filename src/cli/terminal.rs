//! The terminal as the use cases' listener: shows what happens, and asks.

use std::cell::RefCell;
use std::io::{IsTerminal as _, Write as _};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use super::context::Format;
use super::output;
use super::output::Output;
use super::progress::Progress;
use super::remark::remark;
use crate::app::{Answer, Event, Events, Question};
use crate::apply::document::ApplyReport;
use crate::apply::fleet::FleetApply;
use crate::catalog::update::Update;
use crate::{fault, report};

/// Standard error for what happens, standard output for what belongs to the answer.
pub(super) struct Terminal<'a> {
    output: &'a Output,
    agreeing: bool,
    progress: RefCell<Progress>,
}

impl<'a> Terminal<'a> {
    /// A terminal where nothing has happened yet.
    pub(super) fn of(output: &'a Output) -> Self {
        Self {
            output,
            agreeing: false,
            progress: RefCell::default(),
        }
    }

    /// One whose user agreed to everything beforehand.
    pub(super) fn agreeing(self, agreeing: bool) -> Self {
        Self { agreeing, ..self }
    }

    /// What will be written, for somebody to read.
    fn document<T: Serialize>(&self, document: &T) {
        if let Ok(text) = output::json_text(document) {
            output::say(&text);
        }
    }

    /// What another catalog would change, where the answer is text: it belongs to it.
    fn catalog(&self, update: &Update) {
        if self.output.format == Format::Text {
            // A reader that went away does not stop the question.
            let text = report::catalog_update::text(update, &self.output.screen);
            let _ = self.output.text(&text);
        }
    }

    /// What will be changed on the nodes of a fleet, where the answer is text: it belongs to it.
    fn fleet_changes(&self, report: &FleetApply) {
        if self.output.format == Format::Text {
            let text = report::fleet_apply::changes(report, &self.output.screen);
            // A reader that went away does not stop a change of what is loaded.
            let _ = self.output.text(&text);
        }
    }

    /// What will be changed, where the answer is text: it belongs to it.
    fn changes(&self, report: &ApplyReport) {
        if self.output.format == Format::Json {
            return;
        }
        let screen = &self.output.screen;
        let changes = report::apply::changes(&report.changes, screen);
        let estimates = report::apply::estimates(&report.estimates, screen);
        let to_mind = report::apply::to_mind(&report.to_mind, screen);
        // A reader that went away does not stop a change of what is loaded.
        let _ = self.output.text(&format!("{changes}{estimates}{to_mind}"));
    }
}

impl Events for Terminal<'_> {
    fn tell(&self, event: Event<'_>) {
        match event {
            Event::Saved(saved) => self.output.saved(saved),
            Event::Changes(report) => self.changes(report),
            Event::FleetChanges(report) => self.fleet_changes(report),
            Event::Bundle(bundle) => self.document(bundle),
            Event::CatalogUpdate(update) => self.catalog(update),
            Event::Contribution(given) => self.document(given),
            Event::Study(run) => output::say(&report::campaign::text(run, &self.output.screen)),
            Event::Placing(files) => output::say(&report::placing::changes(files)),
            Event::Stuck { why } => self
                .output
                .error(&fault!("{why}"; "`planner apply --undo` tries again").into()),
            other => match remark(&other) {
                Some(text) => output::say(&text),
                None => self.progress.borrow_mut().show(&other),
            },
        }
        let inner = match event {
            Event::OnNode { event, .. } => *event,
            other => other,
        };
        if let Event::PuttingBack {
            hint: Some(hint), ..
        }
        | Event::WouldNotBegin {
            hint: Some(hint), ..
        } = inner
        {
            self.output.hint(hint);
        }
    }

    fn ask(&self, question: Question) -> Result<Answer> {
        // `--undo` and `--resume` say themselves that it goes on.
        if self.agreeing || question == Question::GoOn {
            return Ok(Answer::Yes);
        }
        match confirm(question.words())? {
            Some(true) => Ok(Answer::Yes),
            Some(false) => Ok(Answer::No),
            None => bail!(fault!(
                "no terminal to confirm on";
                "add `--yes`"
            )),
        }
    }
}

/// Asks a question that is answered with yes or no; none where nobody is there to answer.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks somebody at the terminal"
)]
fn confirm(question: &str) -> Result<Option<bool>> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(None);
    }
    let mut stderr = std::io::stderr();
    write!(stderr, "{question} [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    stdin
        .read_line(&mut answer)
        .context("can't read the answer")?;
    Ok(Some(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    )))
}
