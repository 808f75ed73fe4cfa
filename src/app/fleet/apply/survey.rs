//! What would change on each node of a fleet: all are asked at once, and nothing is changed.

use std::time::Duration;

use anyhow::{Result, bail};

use super::relay::OfNode;
use super::request::FleetApplyRequest;
use crate::app::apply::checks::{holds, no_namesake, nothing_busy, room_for_others};
use crate::app::apply::known::estimates;
use crate::app::events::{Answer, Event, Events, Question};
use crate::app::fleet::nodes::{asleep, each};
use crate::app::hints::hint_of;
use crate::app::studio::{Open, Targets};
use crate::app::workspace::Workspace;
use crate::apply::document::{EstimateRow, NOT_PLANNED, Outcome};
use crate::apply::fleet::{NodeApply, NodeJournal};
use crate::apply::{Difference, Journal, difference, is_llm};
use crate::edge::lms::Lms;
use crate::edge::ssh::Ssh;
use crate::fault;
use crate::lmstudio::{Loaded, OddRow, Running};
use crate::machine::Machine;
use crate::plan::Plan;
use crate::printable::on_one_line;

/// A node that LM Studio serves.
pub(super) struct Whole {
    pub(super) name: String,
    pub(super) target: String,
    pub(super) plan: Box<Plan>,
    pub(super) ssh: Ssh,
}

impl Whole {
    fn lms(&self) -> Lms {
        Lms::over(self.ssh.clone())
    }
}

/// What was found on a node.
pub(super) struct Found {
    targets: Targets,
    odd: Vec<OddRow>,
    now: Vec<Loaded>,
    changes: Difference,
    estimates: Vec<EstimateRow>,
}

/// A node that can be changed, and how, or why not.
pub(super) struct Surveyed {
    pub(super) node: Whole,
    pub(super) found: Result<Found>,
}

/// Starts LM Studio where it does not run and the user agrees; a try changes nothing, and starts it
/// nowhere.
pub(super) fn awake(nodes: &[Whole], dry_run: bool, events: &dyn Events) -> Result<()> {
    let running = each(nodes, |node| node.lms().what_runs());
    // Who is not reached at all is told with the rest of what is wrong.
    let asleep: Vec<&Whole> = (nodes.iter().zip(running))
        .filter(|(_, running)| matches!(running, Ok(Some(Running::Nothing))))
        .map(|(node, _)| node)
        .collect();
    if asleep.is_empty() || dry_run {
        return Ok(());
    }
    for node in &asleep {
        let node = node.name.as_str();
        OfNode { node, events }.tell(Event::NotRunning);
    }
    if events.ask(Question::StartStudio)? == Answer::No {
        bail!(fault!(
            "LM Studio does not run on {}", asleep[0].name;
            "start it there, or llmster with `lms daemon up`"
        ));
    }
    each(&asleep, |node| node.lms().start())
        .into_iter()
        .zip(&asleep)
        .try_for_each(|(started, node)| started.map_err(|e| e.context(node.name.clone())))
}

/// Looks at all nodes.
pub(super) fn survey(
    nodes: Vec<Whole>,
    request: &FleetApplyRequest,
    workspace: &Workspace,
) -> Vec<Surveyed> {
    let found = each(&nodes, |node| look(node, request, workspace));
    let both = nodes.into_iter().zip(found);
    both.map(|(node, found)| Surveyed { node, found }).collect()
}

fn look(node: &Whole, request: &FleetApplyRequest, workspace: &Workspace) -> Result<Found> {
    let lms = node.lms();
    if lms.what_runs()? == Some(Running::Nothing) {
        bail!(asleep(&node.target));
    }
    if lms.is_loading()? {
        bail!(fault!(
            "a load that planner began there is still under way";
            "wait until it has ended: `planner status` of the plan shows it"
        ));
    }
    if !request.any_machine {
        let machine = Machine::from_reading(&node.ssh.reading()?, workspace.profiles())?;
        holds(&node.plan, &machine)?;
    }
    let open = Open::over(lms);
    let mut odd = Vec::new();
    let mut told = |row: &OddRow| odd.push(row.clone());
    let targets = open.targets(&node.plan, &request.options, &mut told)?;
    let listing = open.loaded()?;
    odd.extend(listing.odd);
    let now = listing.rows;
    let removable = |l: &Loaded| !request.keep_others && is_llm(l);
    let changes = difference(&now, &targets.instances, &removable);
    room_for_others(&node.plan, &changes, &now)?;
    nothing_busy(&changes, &now)?;
    no_namesake(&changes, &now)?;
    let estimates = estimates(
        open.studio.as_ref(),
        &node.plan,
        (&targets.instances, &changes),
    )?;
    Ok(Found {
        targets,
        odd,
        now,
        changes,
        estimates,
    })
}

impl Surveyed {
    /// Whether anything is to be done on it.
    pub(super) fn changes(&self) -> bool {
        self.found.as_ref().is_ok_and(|f| !f.changes.is_done())
    }

    /// What is not certain of it, and what a load can't be told.
    pub(super) fn tell(&self, events: &dyn Events) {
        let events = OfNode {
            node: &self.node.name,
            events,
        };
        if let Ok(found) = &self.found {
            (found.odd.iter()).for_each(|row| events.tell(Event::OddRow(row)));
            found.targets.tell(&self.node.plan, &events);
        }
    }

    /// As it stands in the answer, before anything is done.
    pub(super) fn row(&self) -> NodeApply {
        let found = self.found.as_ref();
        let error = found.err();
        NodeApply {
            node: self.node.name.clone(),
            target: self.node.target.clone(),
            outcome: match self.changes() || error.is_some() {
                true => Outcome::NotStarted,
                false => Outcome::Unchanged,
            },
            changes: found.map_or(Vec::new(), |f| f.changes.rows(NOT_PLANNED)),
            estimates: found.map_or(Vec::new(), |f| f.estimates.clone()),
            loads: Vec::new(),
            error: error.map(|e| format!("{e:#}")),
            hint: error.and_then(hint_of),
        }
    }

    /// Its part of the record, where something is to be done on it.
    pub(super) fn journal(&self, plan: &str, keep_others: bool) -> Option<NodeJournal> {
        let found = self.found.as_ref().ok()?;
        let target = found.targets.instances.clone();
        self.changes().then(|| NodeJournal {
            node: self.node.name.clone(),
            target: self.node.target.clone(),
            journal: Journal::begun(plan, &found.now, target, keep_others),
        })
    }
}

/// How many of the nodes can't be changed, as an error that names each.
pub(super) fn refused(all: &[Surveyed], limit: Duration) -> Result<()> {
    let failed = || {
        all.iter()
            .filter_map(|s| Some((s, s.found.as_ref().err()?)))
    };
    let Some((_, first)) = failed().next() else {
        return Ok(());
    };
    let told: String = failed()
        .map(|(s, error)| {
            format!(
                "\n  {}: {}",
                s.node.name,
                on_one_line(&format!("{error:#}"))
            )
        })
        .collect();
    let hint = hint_of(first).unwrap_or_else(|| {
        format!(
            "each node has {} s to answer, `--node-timeout` gives it more",
            limit.as_secs()
        )
    });
    let count = failed().count();
    bail!(fault!(
        "{count} of {} nodes can't be changed, so none is:{told}", all.len();
        "{hint}; `--node NAME` applies the parts of the others alone"
    ))
}
