//! The nodes of a plan or of a fleet's file as machines that ssh reaches.

use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::plan_file::{is_plan, read_plan};
use super::read::read;
use crate::app::workspace::Workspace;
use crate::edge::lms;
use crate::edge::ssh::Ssh;
use crate::fault;
use crate::fault::Fault;
use crate::fleet::document::PlannedNode;
use crate::fleet::{FleetPlan, Node};
use crate::memory::limits::Limits;
use crate::plan::Plan;

/// How long a node is waited for where nothing else is said: what is asked of it takes it a second.
pub(super) const ANSWER: Duration = Duration::from_secs(20);
/// The same where LM Studio may have to come up first.
pub(super) const LIMIT: Duration = lms::LIMIT;

/// What a node keeps loaded by a plan.
pub(super) enum Part {
    /// There is no plan.
    Unknown,
    /// Nothing.
    Nothing,
    /// Whole models, which LM Studio serves.
    Whole(Box<Plan>),
    /// Parts of sharded models, in words: llama.cpp serves these.
    Shards(Vec<String>),
}

/// A node.
pub(super) struct NodeAt {
    pub(super) name: String,
    /// ssh's name for it.
    pub(super) target: Option<String>,
    pub(super) limits: Limits,
    pub(super) part: Part,
}

impl NodeAt {
    /// The way to it.
    ///
    /// # Errors
    /// When nothing says where it is.
    pub(super) fn ssh(&self, limit: Duration) -> Result<Ssh> {
        let target = self.target.as_ref().with_context(|| {
            fault!(
                "nothing says where `{}` is", self.name;
                "give it an `address`, or a `host` for ssh, in the fleet's file; a plan has it once it is made anew"
            )
        })?;
        Ok(Ssh::to(target, limit))
    }
}

/// The nodes that a file names, which is a plan of a fleet or a fleet's own.
pub(super) fn nodes(workspace: &Workspace, file: &Path) -> Result<Vec<NodeAt>> {
    if is_plan(file) {
        return Ok(of_plan(&read_plan(file)?));
    }
    let fleet = read(workspace, file)?;
    let one = |node: &Node| NodeAt {
        name: node.name.clone(),
        target: node.target(),
        limits: Limits::of(&node.machine),
        part: Part::Unknown,
    };
    Ok(fleet.nodes.iter().map(one).collect())
}

/// The nodes of a plan.
pub(super) fn of_plan(plan: &FleetPlan) -> Vec<NodeAt> {
    let one = |node: &PlannedNode| NodeAt {
        name: node.name.clone(),
        target: node.target(),
        limits: node.limits.clone(),
        part: part(plan, node),
    };
    plan.nodes.iter().map(one).collect()
}

fn part(plan: &FleetPlan, node: &PlannedNode) -> Part {
    if !plan.is_busy(node) {
        return Part::Nothing;
    }
    let shards = plan.shards_on(node);
    match shards.is_empty() {
        true => Part::Whole(Box::new(plan.of_node(node))),
        false => Part::Shards(shards),
    }
}

/// That LM Studio does not run on a node, which asking its `lms` more would start.
pub(super) fn asleep(target: &str) -> Fault {
    fault!(
        "neither LM Studio nor llmster runs there";
        "start it: `ssh {target} '~/.lmstudio/bin/lms daemon up'`"
    )
}

/// Asks all nodes at once; the answers are in the order of the nodes.
pub(super) fn each<N: Sync, T: Send>(nodes: &[N], ask: impl Fn(&N) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let asked: Vec<_> = nodes.iter().map(|node| scope.spawn(|| ask(node))).collect();
        let joined = asked.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .map(|answer| answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
