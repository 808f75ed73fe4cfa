//! Brings the nodes of a fleet to its plan over ssh, and all of them back when one fails.

mod relay;
mod request;
mod run;
mod survey;

pub use request::{FleetApplyRequest, FleetGoal};

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Result, bail};

use super::nodes::{LIMIT, NodeAt, Part, each, of_plan};
use super::plan_file::read_known_plan;
use crate::app::apply::interrupted;
use crate::app::apply::known::of_target;
use crate::app::events::{Answer, Event, Events, Question};
use crate::app::hints::hint_of;
use crate::app::studio::Open;
use crate::app::workspace::Workspace;
use crate::apply::document::{NOT_PLANNED, Outcome};
use crate::apply::fleet::{
    FLEET_SCHEMA, FleetApply, FleetJournal, LeftNode, NodeApply, NodeJournal,
};
use crate::apply::{Instance, Journal, Phase, Record as _, difference};
use crate::edge::journal::Held;
use crate::edge::lms::Lms;
use crate::edge::ssh::Ssh;
use crate::edge::{files, journal};
use crate::fault;
use crate::lmstudio::Loaded;
use crate::suggest;
use run::Run;
use survey::{Surveyed, Whole};

/// Whether the last apply of this user was one to a fleet: the one that was interrupted, else the
/// later one.
///
/// # Errors
/// When the user's home is not known.
pub fn was_last() -> Result<bool> {
    // A record that can't be read is told by whoever goes on with it.
    let fleet = journal::last::<FleetJournal>().unwrap_or_default();
    let own = journal::last::<Journal>().unwrap_or_default();
    let fleet = fleet.is_some_and(|last| last.is_open());
    match fleet == own.is_some_and(|last| last.is_open()) {
        true => journal::is_newer::<FleetJournal, Journal>(),
        false => Ok(fleet),
    }
}

/// Applies the plan of a fleet, or goes on with the last apply of one, or takes it back. The changes
/// are told before consent is asked for. `stop` ends it before the next steps; what was loaded on each
/// node is then put back.
///
/// # Errors
/// When it can't start: no plan, another apply at work, a node that can't be changed.
pub fn apply(
    workspace: &Workspace,
    request: &FleetApplyRequest,
    events: &dyn Events,
    stop: &AtomicBool,
) -> Result<FleetApply> {
    match &request.goal {
        FleetGoal::Plan(path) => fresh(workspace, path, request, events, stop),
        FleetGoal::Resume | FleetGoal::Undo => again(request, events, stop),
    }
}

fn fresh(
    workspace: &Workspace,
    path: &Path,
    request: &FleetApplyRequest,
    events: &dyn Events,
    stop: &AtomicBool,
) -> Result<FleetApply> {
    let limit = request.node_timeout.unwrap_or(LIMIT);
    let nodes = of_plan(&read_known_plan(path, workspace.catalog()?)?);
    let (whole, left) = sorted(nodes, &request.nodes, limit)?;
    let held = match request.dry_run {
        true => None,
        false => Some(free(events)?),
    };
    survey::awake(&whole, request.dry_run, events)?;
    let all = survey::survey(whole, request, workspace);
    let mut report = FleetApply {
        schema: FLEET_SCHEMA,
        outcome: Outcome::Unchanged,
        plan: files::absolute(path)?,
        nodes: all.iter().map(Surveyed::row).collect(),
        left,
    };
    all.iter().for_each(|one| one.tell(events));
    events.tell(Event::FleetChanges(&report));
    if request.dry_run && all.iter().any(|one| one.found.is_err()) {
        report.outcome = Outcome::NotStarted;
        return Ok(report);
    }
    survey::refused(&all, limit)?;
    if !all.iter().any(Surveyed::changes) {
        return Ok(report);
    }
    report.outcome = Outcome::NotStarted;
    let (Some(held), Answer::Yes) = (&held, ask(request.dry_run, events)?) else {
        return Ok(report);
    };
    let journals = all
        .iter()
        .filter_map(|one| one.journal(&report.plan, request.keep_others));
    let journal = FleetJournal {
        schema: FleetJournal::SCHEMA,
        phase: Phase::Applying,
        plan: report.plan.clone(),
        nodes: journals.collect(),
    };
    let run = Run {
        held,
        stop,
        events,
        limit,
    };
    run.forward(journal, report)
}

fn ask(dry_run: bool, events: &dyn Events) -> Result<Answer> {
    match dry_run {
        true => Ok(Answer::No),
        false => events.ask(Question::ChangeLoaded),
    }
}

/// The nodes that LM Studio serves, and those that are left as they are.
fn sorted(
    nodes: Vec<NodeAt>,
    only: &[String],
    limit: Duration,
) -> Result<(Vec<Whole>, Vec<LeftNode>)> {
    let names = || nodes.iter().map(|n| n.name.as_str());
    if let Some(wrong) = only.iter().find(|name| names().all(|n| n != *name)) {
        let near = suggest::nearest(wrong, names());
        bail!(fault!(
            "no node of the plan is called `{wrong}`{}", suggest::or_nothing(near.as_deref());
            "it has {}", names().collect::<Vec<_>>().join(", ")
        ));
    }
    let (mut whole, mut left) = (Vec::new(), Vec::new());
    for node in nodes {
        let named = only.is_empty() || only.contains(&node.name);
        let why = match &node.part {
            _ if !named => continue,
            Part::Unknown | Part::Nothing => "the plan has nothing for it".to_owned(),
            Part::Shards(parts) => format!(
                "{} by llama.cpp's RPC, which LM Studio does not serve: `planner emit PLAN --server llama.cpp --out DIR` writes `launch.sh`, which brings it up",
                parts.join(", ")
            ),
            Part::Whole(_) => String::new(),
        };
        let ssh = node.ssh(limit);
        match (node.part, node.target) {
            (Part::Whole(plan), target) => whole.push(Whole {
                ssh: ssh?,
                target: target.unwrap_or_default(),
                name: node.name,
                plan,
            }),
            _ => left.push(LeftNode {
                node: node.name,
                why,
            }),
        }
    }
    if whole.is_empty() {
        let told: String = left
            .iter()
            .map(|n| format!("\n  {}: {}", n.node, n.why))
            .collect();
        bail!(fault!(
            "no node of the plan is served by LM Studio:{told}";
            "`planner emit PLAN --server llama.cpp --out DIR` writes what serves them"
        ));
    }
    Ok((whole, left))
}

/// The record, where no other apply to a fleet is at work, and none was interrupted.
fn free(events: &dyn Events) -> Result<Held<FleetJournal>> {
    let held: Held<FleetJournal> = journal::hold(None, &mut || false)?;
    let Ok(last) = held.read() else {
        events.tell(Event::JournalSetAside(&held.set_aside()?));
        return Ok(held);
    };
    if let Some(open) = last.filter(FleetJournal::is_open) {
        bail!(interrupted(&format!("{} to a fleet", open.plan)));
    }
    Ok(held)
}

/// Goes on with the last apply to a fleet, or takes it back.
fn again(
    request: &FleetApplyRequest,
    events: &dyn Events,
    stop: &AtomicBool,
) -> Result<FleetApply> {
    let held: Held<FleetJournal> = journal::hold(None, &mut || false)?;
    let last = held.read()?;
    let resume = request.goal == FleetGoal::Resume;
    let journal = match last {
        Some(last) if resume && !last.is_open() => bail!(fault!(
            "the last apply, of {}, was not interrupted", last.plan;
            "start one with `planner apply PLAN`"
        )),
        Some(last) if last.phase == Phase::RolledBack => bail!(fault!(
            "the last apply, of {}, was already undone", last.plan;
            "start another with `planner apply PLAN`"
        )),
        Some(last) => last,
        None => bail!(fault!(
            "no apply to a fleet to go on with";
            "start one with `planner apply PLAN`"
        )),
    };
    let limit = request.node_timeout.unwrap_or(LIMIT);
    let run = Run {
        held: &held,
        stop,
        events,
        limit,
    };
    run.settle(&journal);
    let mut report = FleetApply {
        schema: FLEET_SCHEMA,
        outcome: Outcome::NotStarted,
        plan: journal.plan.clone(),
        nodes: each(&journal.nodes, |node| row(node, resume, limit)),
        left: Vec::new(),
    };
    events.tell(Event::FleetChanges(&report));
    if request.dry_run || events.ask(Question::GoOn)? == Answer::No {
        return Ok(report);
    }
    // What could not be read is tried all the same, and told by what comes of it.
    for row in &mut report.nodes {
        (row.error, row.hint) = (None, None);
    }
    match resume {
        true => run.forward(journal, report),
        false => run.back(journal, report),
    }
}

/// What is to change on a node of the record.
fn row(node: &NodeJournal, resume: bool, limit: Duration) -> NodeApply {
    let own = &node.journal;
    let (target, foreign): (&[Instance], _) = match resume {
        true => (&own.target, NOT_PLANNED),
        false => (&own.before, "not loaded before"),
    };
    let open = Open::over(Lms::over(Ssh::to(&node.target, limit)));
    let now = open.loaded();
    let removable = |l: &Loaded| of_target(own, l);
    let changes = now
        .as_ref()
        .map(|now| difference(&now.rows, target, &removable).rows(foreign));
    NodeApply {
        node: node.node.clone(),
        target: node.target.clone(),
        outcome: Outcome::NotStarted,
        changes: changes.unwrap_or_default(),
        estimates: Vec::new(),
        loads: own.loads.clone(),
        error: now.as_ref().err().map(|e| format!("{e:#}")),
        hint: now.as_ref().err().and_then(hint_of),
    }
}
