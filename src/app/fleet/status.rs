//! What is loaded on each node of a fleet, and whether it is what was planned.

use std::path::Path;
use std::time::Duration;

use anyhow::{Error, Result};

use super::nodes;
use super::nodes::{ANSWER, NodeAt, Part, asleep, each};
use crate::app::hints::hint_of;
use crate::app::status::{Seen, compared};
use crate::app::studio::Open;
use crate::app::workspace::Workspace;
use crate::apply::document::StatusReport;
use crate::apply::fleet::{FLEET_SCHEMA, FleetStatus, NodeState, NodeStatus};
use crate::catalog::Catalog;
use crate::edge::lms::Lms;
use crate::edge::ssh::Ssh;
use crate::emit::Options;
use crate::fleet::reach::Unreached;
use crate::lmstudio::Running;
use crate::machine::{Machine, Profiles};

/// What is asked of all nodes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StatusAsked {
    /// What the user knows beside the plan.
    pub options: Options,
    /// How long a node is waited for, where the usual is not enough or too much.
    pub node_timeout: Option<Duration>,
}

/// How all nodes of a plan, or of a fleet's file, stand now. A node that is not reached is an answer
/// like others.
///
/// # Errors
/// When the file can't be read.
pub fn status(workspace: &Workspace, file: &Path, asked: &StatusAsked) -> Result<FleetStatus> {
    let nodes = nodes::nodes(workspace, file)?;
    let asking = Asking {
        catalog: workspace.catalog()?,
        profiles: workspace.profiles(),
        options: &asked.options,
        limit: asked.node_timeout.unwrap_or(ANSWER),
    };
    Ok(FleetStatus {
        schema: FLEET_SCHEMA,
        file: file.display().to_string(),
        nodes: each(&nodes, |node| asking.node(node)),
    })
}

/// What each node is asked with.
struct Asking<'a> {
    catalog: &'a Catalog,
    profiles: &'a Profiles,
    options: &'a Options,
    limit: Duration,
}

impl Asking<'_> {
    fn node(&self, node: &NodeAt) -> NodeStatus {
        let mut found = NodeStatus {
            node: node.name.clone(),
            target: node.target.clone(),
            state: NodeState::NotReached,
            error: None,
            hint: None,
            program: None,
            parts: match &node.part {
                Part::Shards(parts) => parts.clone(),
                _ => Vec::new(),
            },
            physical_bytes: None,
            available_bytes: None,
            status: None,
        };
        if let Err(error) = self.fill(node, &mut found) {
            if error.is::<Unreached>() {
                found.state = NodeState::NotReached;
            }
            tell(&mut found, &error);
        }
        found
    }

    /// Asks as far as it answers.
    fn fill(&self, node: &NodeAt, found: &mut NodeStatus) -> Result<()> {
        let ssh = node.ssh(self.limit)?;
        // Until more is known: it answered, and that was all.
        found.state = NodeState::Failed;
        let seen = self.seen(node, &ssh)?;
        (found.physical_bytes, found.available_bytes) = (seen.physical_bytes, seen.available_bytes);
        if let Part::Shards(_) = node.part {
            found.state = NodeState::OtherEngine;
            return Ok(());
        }
        let lms = Lms::over(ssh);
        match lms.what_runs()? {
            // To ask further would start it.
            Some(Running::Nothing) => {
                if matches!(node.part, Part::Nothing) {
                    found.state = NodeState::NotUsed;
                    return Ok(());
                }
                found.state = NodeState::NotRunning;
                let target = node.target.as_deref().unwrap_or_default();
                tell(found, &asleep(target).into());
                return Ok(());
            }
            running => found.program = running.and_then(|r| program(&r)),
        }
        let studio = Open::over(lms);
        let bare = |plan| compared(self.catalog, &studio, (plan, self.options), &seen);
        let Part::Whole(plan) = &node.part else {
            found.status = Some(bare(None)?);
            found.state = match node.part {
                Part::Nothing => NodeState::NotUsed,
                _ => NodeState::Read,
            };
            return Ok(());
        };
        match bare(Some(plan)) {
            Ok(report) => {
                found.state = compared_state(&report);
                found.status = Some(report);
            }
            // A model that is not installed does not hide what is loaded.
            Err(error) => {
                found.status = bare(None).ok();
                tell(found, &error);
            }
        }
        Ok(())
    }

    /// Its memory; what it does not say of its GPU is the plan's.
    fn seen(&self, node: &NodeAt, ssh: &Ssh) -> Result<Seen> {
        let reading = ssh.reading()?;
        let machine = Machine::from_reading(&reading, self.profiles).ok();
        let mut seen = Seen::of(&reading, machine.as_ref());
        if seen.gpu_working_set_bytes.is_none() {
            seen.gpu_working_set_bytes = node.limits.gpu_working_set_bytes;
            seen.gpu_memory = node.limits.gpu_memory;
        }
        Ok(seen)
    }
}

fn compared_state(report: &StatusReport) -> NodeState {
    match report.drift.as_deref() {
        None | Some([]) => NodeState::AsPlanned,
        Some(_) => NodeState::Drifted,
    }
}

fn program(running: &Running) -> Option<String> {
    let Running::Program { program, version } = running else {
        return None;
    };
    let version = version.map_or_else(String::new, |v| format!(" {v}"));
    Some(format!("{}{version}", program.name()))
}

fn tell(found: &mut NodeStatus, error: &Error) {
    found.error = Some(format!("{error:#}"));
    found.hint = hint_of(error);
}
