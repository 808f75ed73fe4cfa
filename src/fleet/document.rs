//! The plan of a fleet as a document: a node per entry, and what the loss of a node takes down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fleet::link::Link;
use crate::memory::Engine;
use crate::memory::limits::{Binding, Limits};
use crate::plan::advice::Advice;
use crate::plan::document::{Entry, MachineSummary, Memory, OptimalityStatus, RequestSummary};

/// Version of this document's shape.
pub const SCHEMA: u32 = 1;

/// Whether a document is such a plan, of whatever version.
#[must_use]
pub fn is_fleet_plan(document: &Value) -> bool {
    document.get("nodes").is_some() && document.get("losses").is_some()
}

/// The answer to `recommend --fleet`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FleetPlan {
    /// Version of this shape.
    pub schema: u32,
    /// Which program made it.
    pub generator: String,
    /// The machines, with what each has left.
    pub nodes: Vec<PlannedNode>,
    /// What joins them.
    pub links: Vec<Link>,
    /// What was asked for.
    pub request: RequestSummary,
    /// Ids of the tasks that have to outlive the loss of any one node.
    pub survive: Vec<String>,
    /// What to keep loaded, each entry with its node; empty where nothing can be.
    pub loadout: Vec<Entry>,
    /// How sure it is that nothing is better.
    pub optimality: FleetOptimality,
    /// For each node that keeps something loaded, what its loss takes down.
    pub losses: Vec<Loss>,
    /// What to mind of loading its files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<Advice>,
    /// Why there is no loadout; absent where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub infeasible: Option<NotServed>,
}

/// A machine of the fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedNode {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub machine: MachineSummary,
    /// Where ssh reaches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// As whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The private address that its servers are bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The port of its server.
    pub port: u16,
    /// What it runs; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub engines: Vec<Engine>,
    /// Where its models' files lie, where not in LM Studio's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<String>,
    /// Sums over what it keeps loaded.
    pub totals: Memory,
    /// What it can hold.
    pub limits: Limits,
    /// The limit with least room left.
    pub binding: Binding,
    /// Bytes left under it.
    pub headroom_bytes: i64,
}

/// How sure it is that no division among the nodes is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FleetOptimality {
    /// What was proven.
    pub status: OptimalityStatus,
    /// The score: each task's, by its share; what stands by counts a hundredth of its own.
    pub objective: f64,
    /// What no division can exceed.
    pub bound: f64,
    /// `bound` less `objective`.
    pub gap: f64,
    /// Over which placements that holds.
    pub placements: Placements,
    /// Candidates that fit on a node of their own, over all nodes, and those that linked nodes hold
    /// together.
    pub candidates: usize,
    /// Solves of single nodes that the proof took.
    pub columns: usize,
    /// Time of the solve.
    pub seconds: f64,
}

/// Which placements were considered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Placements {
    /// Each model whole on a node, and copies of it on others.
    Whole,
    /// Beside these, a model that no node holds whole over up to four nodes that links join, which
    /// keep nothing else.
    WholeOrSharded,
}

/// What the loss of a node takes down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Loss {
    /// The node.
    pub node: String,
    /// What becomes of each task that it serves.
    pub tasks: Vec<LostTask>,
}

/// What becomes of a task when a node is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LostTask {
    /// Its id.
    pub task: String,
    /// Nodes that go on serving it.
    pub served_by: Vec<String>,
    /// The node that takes it over, and its model there, as `model/variant`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_over_by: Option<TakenOver>,
}

impl LostTask {
    /// Whether nothing serves it any more.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.served_by.is_empty() && self.taken_over_by.is_none()
    }
}

/// What takes a task over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TakenOver {
    /// The node.
    pub node: String,
    /// The model, as `model/variant`.
    pub variant: String,
}

/// Why a fleet serves not all tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotServed {
    /// What stands in the way.
    pub why: NotServedWhy,
    /// The tasks that it concerns.
    pub tasks: Vec<ServableBy>,
}

/// What stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotServedWhy {
    /// No node can serve these tasks.
    NoNode,
    /// One node alone can serve these tasks, which have to outlive its loss.
    OneNode,
    /// Each task could be served, and not all of them at once.
    NotTogether,
}

/// A task, and which nodes could serve it if they did nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServableBy {
    /// Its id.
    pub task: String,
    /// The nodes.
    pub nodes: Vec<String>,
}
