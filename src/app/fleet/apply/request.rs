//! What is asked of an apply to a fleet.

use std::path::PathBuf;
use std::time::Duration;

use crate::emit::Options;

/// Where to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FleetGoal {
    /// To the plan of this file.
    Plan(PathBuf),
    /// On to the plan of an apply that was interrupted.
    Resume,
    /// Back to what was loaded before the last apply.
    Undo,
}

/// An apply to a fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetApplyRequest {
    /// Where to go.
    pub goal: FleetGoal,
    /// What the user knows beside the plan.
    pub options: Options,
    /// Only say what would be done.
    pub dry_run: bool,
    /// Leave other models loaded, if they fit beside the plan.
    pub keep_others: bool,
    /// Apply even where a node has less memory than the plan counts on.
    pub any_machine: bool,
    /// These nodes alone; all when left empty.
    pub nodes: Vec<String>,
    /// How long a node is waited for, where the usual is not enough or too much.
    pub node_timeout: Option<Duration>,
}
