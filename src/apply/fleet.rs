//! What `status` and `apply` answer of a fleet, and the record of an apply to one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{ChangeRow, EstimateRow, Outcome, StatusReport};
use super::journal::{Journal, LoadTime, Phase, Record};
use crate::units::Bytes;

/// Version of these documents' shapes.
pub const FLEET_SCHEMA: u32 = 1;

/// What `status` of a fleet answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FleetStatus {
    /// Version of this shape.
    pub schema: u32,
    /// The file that names the nodes.
    pub file: String,
    /// Each node, in the order of the file.
    pub nodes: Vec<NodeStatus>,
}

/// How a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// Exactly its part of the plan is loaded.
    AsPlanned,
    /// Something else is.
    Drifted,
    /// It was read, and there is no plan to compare it with.
    Read,
    /// The plan has nothing for it.
    NotUsed,
    /// It keeps a part of a sharded model, which llama.cpp serves: LM Studio does not know of it.
    OtherEngine,
    /// It is reached, and LM Studio does not run on it.
    NotRunning,
    /// It is reached, and can't be asked or compared.
    Failed,
    /// It is not reached.
    NotReached,
}

impl NodeState {
    /// Whether nothing is known to be wrong with it.
    #[must_use]
    pub const fn is_well(self) -> bool {
        matches!(
            self,
            Self::AsPlanned | Self::Read | Self::NotUsed | Self::OtherEngine
        )
    }
}

/// A node now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeStatus {
    /// What it is called.
    pub node: String,
    /// ssh's name for it; absent where nothing says where it is.
    pub target: Option<String>,
    /// How it stands.
    pub state: NodeState,
    /// What is wrong, where something is.
    pub error: Option<String>,
    /// What to do about it, where something is known.
    pub hint: Option<String>,
    /// Which of LM Studio's programs answers, with its version; absent where it does not say.
    pub program: Option<String>,
    /// The parts of sharded models that the plan has for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// Physical memory, where the node said it.
    pub physical_bytes: Option<Bytes>,
    /// What its system could give now without taking from anybody.
    pub available_bytes: Option<Bytes>,
    /// What LM Studio has loaded on it; absent where it was not asked, or gave no list.
    pub status: Option<StatusReport>,
}

/// What `apply` of a fleet answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FleetApply {
    /// Version of this shape.
    pub schema: u32,
    /// Which state the fleet is in.
    pub outcome: Outcome,
    /// The file of the plan.
    pub plan: String,
    /// The nodes that LM Studio serves.
    pub nodes: Vec<NodeApply>,
    /// What was left alone: nodes that another engine serves, with what to run for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<LeftNode>,
}

/// A node that an apply leaves as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftNode {
    /// What it is called.
    pub node: String,
    /// Why, and what serves it.
    pub why: String,
}

/// What an apply came to on a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeApply {
    /// What it is called.
    pub node: String,
    /// ssh's name for it.
    pub target: String,
    /// Which state it is in.
    pub outcome: Outcome,
    /// What differed between what was loaded and what should be.
    pub changes: Vec<ChangeRow>,
    /// What LM Studio thinks that the loads take, beside the plan's ledger.
    pub estimates: Vec<EstimateRow>,
    /// How long each load took.
    pub loads: Vec<LoadTime>,
    /// Why it failed, where it did.
    pub error: Option<String>,
    /// What to do about it, where something is known.
    pub hint: Option<String>,
}

/// What `get` of a fleet's plan answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FleetFiles {
    /// Version of this shape.
    pub schema: u32,
    /// The file of the plan.
    pub plan: String,
    /// The nodes that keep something loaded.
    pub nodes: Vec<NodeFiles>,
}

/// What has to lie on a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeFiles {
    /// What it is called.
    pub node: String,
    /// ssh's name for it; absent where nothing says where it is.
    pub target: Option<String>,
    /// The models.
    pub models: Vec<NodeModel>,
    /// What downloads those that are not there, or not known to be; absent where nothing has to come.
    pub command: Option<String>,
    /// What else brings files there.
    pub note: Option<String>,
    /// Why it is not known what is there.
    pub error: Option<String>,
    /// What to do about it, where something is known.
    pub hint: Option<String>,
}

/// A model that has to lie on a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeModel {
    /// `model/variant`.
    pub variant: String,
    /// Bytes of its files.
    pub bytes: Bytes,
    /// Where they come from, where that is known.
    pub repository: Option<String>,
    /// Whether they are there whole; absent where that is not known.
    pub here: Option<bool>,
}

impl FleetFiles {
    /// Whether all is known to be there.
    #[must_use]
    pub fn complete(&self) -> bool {
        let mut models = self.nodes.iter().flat_map(|node| &node.models);
        models.all(|model| model.here == Some(true))
    }
}

/// An apply to a fleet: where each node came from, where it was going, how far all got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetJournal {
    /// Version of this shape.
    pub schema: u32,
    /// How far all came.
    pub phase: Phase,
    /// The file of the plan.
    pub plan: String,
    /// The nodes on which something is to change.
    pub nodes: Vec<NodeJournal>,
}

/// One node's part of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeJournal {
    /// What it is called.
    pub node: String,
    /// ssh's name for it.
    pub target: String,
    /// The record of this machine alone.
    pub journal: Journal,
}

impl Record for FleetJournal {
    const SCHEMA: u32 = 1;
    const FILE: &'static str = "fleet-apply.json";
}

impl FleetJournal {
    /// Whether it was interrupted.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.phase.is_open()
    }
}
