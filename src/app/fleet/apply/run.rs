//! An apply to a fleet under way: all nodes forward at once, and all back when one fails.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::relay::{OfNode, Relay};
use crate::app::apply::known::{of_target, size};
use crate::app::apply::steps::Steps;
use crate::app::events::{Event, Events};
use crate::app::fleet::nodes::each;
use crate::app::hints::hint_of;
use crate::apply::document::Outcome;
use crate::apply::fleet::{FleetApply, FleetJournal};
use crate::apply::{Journal, LoadTime, Phase, is_llm};
use crate::edge::converge::{self, Stopped, converge};
use crate::edge::journal::Held;
use crate::edge::lms::Lms;
use crate::edge::ssh::Ssh;
use crate::edge::studio::Studio;
use crate::lmstudio::Loaded;

/// How often Ctrl-C is looked for while nodes work.
const LOOK: Duration = Duration::from_millis(100);

/// How often a load that was left behind is looked for, and the pause between.
const LOOKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);

/// An apply to a fleet under way.
pub(super) struct Run<'a> {
    pub(super) held: &'a Held<FleetJournal>,
    pub(super) stop: &'a AtomicBool,
    pub(super) events: &'a dyn Events,
    /// How long a node is waited for.
    pub(super) limit: Duration,
}

/// What came of a node, and how long its loads took.
type Came = (Result<(), Stopped>, Vec<LoadTime>);

/// What is done on a node: by its LM Studio, after its record, until told to halt; with its steps.
type Work = dyn Fn(
        &dyn Studio,
        &Journal,
        &AtomicBool,
        &mut dyn FnMut(converge::Event<'_>),
    ) -> Result<(), Stopped>
    + Sync;

impl Run<'_> {
    /// Applies; when a node fails, all go back.
    pub(super) fn forward(
        &self,
        mut journal: FleetJournal,
        mut report: FleetApply,
    ) -> Result<FleetApply> {
        self.turn(&mut journal, Phase::Applying)?;
        let came = self.all(&journal, true, &|studio, own, halt, tell| {
            let removable = |l: &Loaded| !own.keep_others && is_llm(l);
            converge(studio, &own.target, &removable, halt, tell)
        });
        let mut whole = true;
        for (node, (came, loads)) in journal.nodes.iter_mut().zip(came) {
            node.journal.loads.extend(loads);
            let Some(row) = report.nodes.iter_mut().find(|row| row.node == node.node) else {
                continue;
            };
            row.loads.clone_from(&node.journal.loads);
            row.outcome = Outcome::Applied;
            let Err(stopped) = came else { continue };
            whole = false;
            // Those that were only told to stop have nothing to say.
            if let Stopped::Failed(error) = stopped {
                (row.error, row.hint) = (Some(format!("{error:#}")), hint_of(&error));
            }
        }
        if whole {
            self.turn(&mut journal, Phase::Applied)?;
            report.outcome = Outcome::Applied;
            return Ok(report);
        }
        self.tell_failures(&report);
        // From here on, a second Ctrl-C is an interruption of the way back.
        self.stop.store(false, Ordering::Relaxed);
        self.back(journal, report)
    }

    fn tell_failures(&self, report: &FleetApply) {
        let mut failed = report.nodes.iter().filter(|row| row.error.is_some());
        let tell = |events: &dyn Events, why: &str, hint: Option<&str>| {
            events.tell(Event::PuttingBack { why, hint });
        };
        let Some(first) = failed.next() else {
            return tell(self.events, "interrupted", None);
        };
        for row in std::iter::once(first).chain(failed) {
            let of_node = OfNode {
                node: &row.node,
                events: self.events,
            };
            let why = row.error.as_deref().unwrap_or_default();
            tell(&of_node, why, row.hint.as_deref());
        }
    }

    /// Waits a while for loads that were left behind, by an apply that was killed or a connection that
    /// was cut: their leash ends them.
    pub(super) fn settle(&self, journal: &FleetJournal) {
        let limit = self.limit;
        for look in 0..LOOKS {
            let loading = each(&journal.nodes, |node| {
                let lms = Lms::over(Ssh::to(&node.target, limit));
                // Who is not reached is not waited for.
                lms.is_loading().unwrap_or(false)
            });
            if !loading.contains(&true) || self.stop.load(Ordering::Relaxed) {
                return;
            }
            if look == 0 {
                self.events.tell(Event::WaitingForLoad);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Brings back what was loaded before, on each node whatever becomes of the others.
    pub(super) fn back(
        &self,
        mut journal: FleetJournal,
        mut report: FleetApply,
    ) -> Result<FleetApply> {
        self.turn(&mut journal, Phase::RollingBack)?;
        self.settle(&journal);
        let came = self.all(&journal, false, &|studio, own, halt, tell| {
            let removable = |l: &Loaded| of_target(own, l);
            converge(studio, &own.before, &removable, halt, tell)
        });
        report.outcome = Outcome::RolledBack;
        for (node, (came, _)) in journal.nodes.iter().zip(came) {
            let row = report.nodes.iter_mut().find(|row| row.node == node.node);
            let outcome = match came {
                Ok(()) => Outcome::RolledBack,
                Err(stopped) => {
                    let why = format!("{:#}", stopped.into_error());
                    let events = self.events;
                    let node = node.node.as_str();
                    OfNode { node, events }.tell(Event::Stuck { why: &why });
                    report.outcome = Outcome::Stuck;
                    Outcome::Stuck
                }
            };
            if let Some(row) = row {
                row.outcome = outcome;
            }
        }
        if report.outcome == Outcome::RolledBack {
            self.turn(&mut journal, Phase::RolledBack)?;
        } else {
            self.held.write(&journal)?;
        }
        Ok(report)
    }

    /// Works on all nodes at once, and tells their steps; with `together` the failure of one ends the
    /// work on all, before their next step.
    fn all(&self, journal: &FleetJournal, together: bool, work: &Work) -> Vec<Came> {
        let (halt, limit) = (&AtomicBool::new(false), self.limit);
        let (to, said) = mpsc::channel();
        thread::scope(|scope| {
            let mut working = Vec::new();
            for (number, node) in journal.nodes.iter().enumerate() {
                let relay = Relay {
                    node: number,
                    to: to.clone(),
                };
                working.push(scope.spawn(move || {
                    let lms = Lms::over(Ssh::to(&node.target, limit));
                    let mut steps = Steps::new(&relay);
                    let came = work(&lms, &node.journal, halt, &mut |e| steps.tell(e));
                    if together && came.is_err() {
                        halt.store(true, Ordering::Relaxed);
                    }
                    let mut loads = steps.loads();
                    if came.is_ok() && !loads.is_empty() {
                        size(&lms, &mut loads);
                    }
                    (came, loads)
                }));
            }
            drop(to);
            loop {
                match said.recv_timeout(LOOK) {
                    Ok((number, said)) => {
                        let node = &journal.nodes[number].node;
                        let events = self.events;
                        OfNode { node, events }.tell(said.event());
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                if self.stop.load(Ordering::Relaxed) {
                    halt.store(true, Ordering::Relaxed);
                }
            }
            let ended = working.into_iter().map(thread::ScopedJoinHandle::join);
            ended
                .map(|came| came.unwrap_or_else(|panic| resume_unwind(panic)))
                .collect()
        })
    }

    fn turn(&self, journal: &mut FleetJournal, phase: Phase) -> Result<()> {
        journal.phase = phase;
        for node in &mut journal.nodes {
            node.journal.phase = phase;
        }
        self.held.write(journal)
    }
}
