//! An apply under way: forward step by verified step, and back on failure.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};

use super::checks::{no_namesake, nothing_busy, room_for_others, this_machine_holds};
use super::engines::older_than_known;
use super::known::{estimates, of_target, size};
use super::request::ApplyRequest;
use super::steps::Steps;
use crate::app::events::{Answer, Event, Events, Question};
use crate::app::hints::hint_of;
use crate::app::studio::Open;
use crate::app::workspace::Workspace;
use crate::apply::document::{ApplyReport, NOT_PLANNED, Outcome, SCHEMA};
use crate::apply::{Instance, Journal, Phase, difference, is_llm};
use crate::edge::converge::converge;
use crate::edge::journal::Held;
use crate::fault;
use crate::lmstudio::{Loaded, OddRow};
use crate::plan::Plan;

/// An apply under way.
pub(super) struct Run<'a> {
    pub(super) open: Open,
    /// The journal; none where nothing will be changed.
    pub(super) held: Option<Held>,
    pub(super) stop: &'a AtomicBool,
    pub(super) events: &'a dyn Events,
}

impl Run<'_> {
    /// Brings what is loaded to a plan.
    pub(super) fn fresh(
        &self,
        (name, plan): (&str, &Plan),
        request: &ApplyRequest,
        workspace: &Workspace,
    ) -> Result<ApplyReport> {
        let here = !request.any_machine && !request.studio.elsewhere();
        let too_small = match here.then(|| this_machine_holds(plan, workspace)) {
            // A dry run says what would be done all the same.
            Some(Err(error)) if request.dry_run => Some(error),
            Some(held) => held.map(|()| None)?,
            None => None,
        };
        let mut odd = |row: &OddRow| self.events.tell(Event::OddRow(row));
        let targets = (self.open).targets(plan, &request.options, &mut odd)?;
        targets.tell(plan, self.events);
        let target = targets.instances;
        let now = self.loaded()?;
        let removable = |l: &Loaded| !request.keep_others && is_llm(l);
        let changes = difference(&now, &target, &removable);
        room_for_others(plan, &changes, &now)?;
        let mut report = ApplyReport {
            schema: SCHEMA,
            outcome: Outcome::Unchanged,
            changes: changes.rows(NOT_PLANNED),
            estimates: estimates(self.open.studio.as_ref(), plan, (&target, &changes))?,
            to_mind: match changes.is_done() {
                true => Vec::new(),
                false => self.doubts(plan, workspace)?,
            },
            loads: Vec::new(),
            error: too_small.as_ref().map(|error| format!("{error:#}")),
            hint: too_small.as_ref().and_then(hint_of),
        };
        self.events.tell(Event::Changes(&report));
        if let Some(why) = &report.error {
            self.events.tell(Event::WouldNotBegin {
                why,
                hint: report.hint.as_deref(),
            });
        }
        if changes.is_done() {
            return Ok(report);
        }
        nothing_busy(&changes, &now)?;
        no_namesake(&changes, &now)?;
        report.outcome = Outcome::NotStarted;
        if request.dry_run || self.events.ask(Question::ChangeLoaded)? == Answer::No {
            return Ok(report);
        }
        let journal = Journal::begun(name, &now, target, request.keep_others);
        self.forward(journal, report)
    }

    /// What is known against loading the plan here.
    fn doubts(&self, plan: &Plan, workspace: &Workspace) -> Result<Vec<String>> {
        let mut all = older_than_known(plan, workspace.catalog()?, self.open.studio.as_ref());
        all.extend(plan.doubts_of_loading());
        Ok(all)
    }

    /// Finishes one that was interrupted.
    pub(super) fn resume(&self, journal: Journal) -> Result<ApplyReport> {
        if !journal.is_open() {
            bail!(
                fault!("the last apply was not interrupted"; "start one with `planner apply PLAN`")
            );
        }
        let mut report = self.report_of(&journal, &journal.target, NOT_PLANNED)?;
        if self.events.ask(Question::GoOn)? == Answer::No {
            report.outcome = Outcome::NotStarted;
            return Ok(report);
        }
        self.forward(journal, report)
    }

    /// Loads again what was loaded before.
    pub(super) fn undo(&self, journal: Journal) -> Result<ApplyReport> {
        if journal.phase == Phase::RolledBack {
            bail!(fault!(
                "the last apply was already undone";
                "start another with `planner apply PLAN`"
            ));
        }
        let mut report = self.report_of(&journal, &journal.before, "not loaded before")?;
        report.outcome = match self.events.ask(Question::GoOn)? {
            Answer::Yes => self.back(journal)?,
            Answer::No => Outcome::NotStarted,
        };
        Ok(report)
    }

    /// What is loaded now; rows that can't be read are told, and decide nothing.
    fn loaded(&self) -> Result<Vec<Loaded>> {
        let listing = self.open.loaded()?;
        for row in &listing.odd {
            self.events.tell(Event::OddRow(row));
        }
        Ok(listing.rows)
    }

    fn report_of(
        &self,
        journal: &Journal,
        target: &[Instance],
        foreign: &str,
    ) -> Result<ApplyReport> {
        let now = self.loaded()?;
        let report = ApplyReport {
            schema: SCHEMA,
            outcome: Outcome::Unchanged,
            changes: difference(&now, target, &|l| of_target(journal, l)).rows(foreign),
            estimates: Vec::new(),
            to_mind: Vec::new(),
            loads: Vec::new(),
            error: None,
            hint: None,
        };
        self.events.tell(Event::Changes(&report));
        Ok(report)
    }

    /// Applies; on failure goes back.
    fn forward(&self, mut journal: Journal, mut report: ApplyReport) -> Result<ApplyReport> {
        self.turn(&mut journal, Phase::Applying)?;
        let mut steps = Steps::new(self.events);
        let removable = |l: &Loaded| !journal.keep_others && is_llm(l);
        let came = converge(
            self.open.studio.as_ref(),
            &journal.target,
            &removable,
            self.stop,
            &mut |event| steps.tell(event),
        );
        journal.loads.extend(steps.loads());
        size(self.open.studio.as_ref(), &mut journal.loads);
        report.loads.clone_from(&journal.loads);
        match came {
            Ok(()) => {
                self.turn(&mut journal, Phase::Applied)?;
                report.outcome = Outcome::Applied;
            }
            Err(stopped) => {
                let error = stopped.into_error();
                let (why, hint) = (format!("{error:#}"), hint_of(&error));
                self.events.tell(Event::PuttingBack {
                    why: &why,
                    hint: hint.as_deref(),
                });
                (report.error, report.hint) = (Some(why), hint);
                // From here on, a second Ctrl-C is an interruption of the way back.
                self.stop.store(false, Ordering::Relaxed);
                report.outcome = self.back(journal)?;
            }
        }
        Ok(report)
    }

    /// Brings back what was loaded before.
    fn back(&self, mut journal: Journal) -> Result<Outcome> {
        self.turn(&mut journal, Phase::RollingBack)?;
        let mut steps = Steps::new(self.events);
        let came = converge(
            self.open.studio.as_ref(),
            &journal.before,
            &|l| of_target(&journal, l),
            self.stop,
            &mut |event| steps.tell(event),
        );
        match came {
            Ok(()) => {
                self.turn(&mut journal, Phase::RolledBack)?;
                Ok(Outcome::RolledBack)
            }
            Err(stopped) => {
                self.events.tell(Event::Stuck {
                    why: &format!("{:#}", stopped.into_error()),
                });
                Ok(Outcome::Stuck)
            }
        }
    }

    fn turn(&self, journal: &mut Journal, phase: Phase) -> Result<()> {
        journal.phase = phase;
        match &self.held {
            Some(held) => held.write(journal),
            None => Ok(()),
        }
    }
}
