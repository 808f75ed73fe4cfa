//! Why each node of a plan keeps what it keeps: the plan of that machine alone for the tasks that are
//! its own, explained as any.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::advise::explain::Explanation;
use crate::fleet::document::{FleetPlan, PlannedNode};
use crate::plan::Plan;

/// Version of this document's shape.
pub const EXPLAIN_SCHEMA: u32 = 1;

/// What `explain` of a fleet's plan answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FleetExplanation {
    /// Version of this shape.
    pub schema: u32,
    /// The nodes that keep something loaded.
    pub nodes: Vec<NodeExplanation>,
}

/// Why a node keeps what it keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeExplanation {
    /// What it is called.
    pub node: String,
    /// The tasks that are its own.
    pub tasks: Vec<String>,
    /// What is left out of the explanation, and why.
    pub left_out: Option<String>,
    /// The plan of that machine alone for these tasks, explained.
    pub explanation: Option<Explanation>,
}

/// A node's part as a question of its own, or why it is none.
pub struct Part {
    /// What it is called.
    pub node: String,
    /// The tasks that are its own.
    pub tasks: Vec<String>,
    /// The plan that is explained.
    pub plan: Result<Plan, &'static str>,
}

const SHARDED: &str = "a sharded model is explained on no machine alone: `planner recommend --fleet` says which nodes keep which layers, and why over several";
const STANDS_BY: &str = "what stands by on it is chosen with the losses of other nodes in view, not for this machine alone: `planner recommend --fleet` without `--survive` makes a plan that can be explained";
const SHARED: &str =
    "conversations are divided among several nodes, which is decided for all of them at once";

impl FleetPlan {
    /// The parts of the nodes that keep something loaded.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let busy = self.nodes.iter().filter(|node| self.is_busy(node));
        busy.map(|node| self.part(node)).collect()
    }

    fn part(&self, node: &PlannedNode) -> Part {
        let own = || self.loadout.iter().filter(|e| e.is_on(&node.name));
        let mut tasks: Vec<String> = own().flat_map(|e| e.tasks.clone()).collect();
        tasks.sort_unstable();
        let elsewhere = self.loadout.iter().filter(|e| !e.is_on(&node.name));
        let shared = elsewhere
            .flat_map(|e| &e.tasks)
            .any(|task| tasks.contains(task));
        let plan = if own().any(|e| !e.shards.is_empty()) {
            Err(SHARDED)
        } else if own().any(|e| !e.stands_by_for.is_empty()) {
            Err(STANDS_BY)
        } else if shared {
            Err(SHARED)
        } else {
            let mut plan = self.of_node(node);
            plan.request.tasks.retain(|t| tasks.contains(&t.id));
            // The node's own choice, where it does not run all engines.
            if let [only] = node.engines[..] {
                plan.request.engine = Some(only);
            }
            Ok(plan)
        };
        Part {
            node: node.name.clone(),
            tasks,
            plan,
        }
    }
}
