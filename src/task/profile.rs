//! A task profile: its benchmarks with their weights, the anchors of speed, and the floors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scales::{Benchmark, Floors, Scales};
use super::weights::Weights;
use super::workload::Workload;
use crate::catalog::roles::Role;
use crate::catalog::sampling::Sampling;
use crate::fault::{Fault, Hinted};
use crate::suggest;
use crate::toml_text::TomlError;

/// One task profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskProfile {
    /// Id: `code`.
    pub id: String,
    /// What the task is, in a line.
    pub summary: String,
    /// What it asks of a model: to converse, where nothing is said.
    #[serde(default, skip_serializing_if = "Role::is_chat")]
    pub role: Role,
    /// Weight of each utility; together 1.
    pub weights: Weights,
    /// How each figure becomes a number from 0 to 1.
    #[serde(default)]
    pub scales: Scales,
    /// The benchmarks that stand for quality.
    #[serde(default)]
    pub benchmarks: Vec<Benchmark>,
    /// Quality counts less so many of its standard errors: thin evidence does not win by luck.
    #[serde(default = "half")]
    pub caution: f64,
    /// What a turn is; where absent, that of questions of every kind.
    #[serde(default)]
    pub workload: Workload,
    /// What a candidate must reach to serve the task at all.
    #[serde(default)]
    pub floors: Floors,
    /// Sampling settings that clients should use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// What a profile for an earlier version names that is no longer read.
    #[serde(skip)]
    pub notes: Vec<String>,
}

const fn half() -> f64 {
    0.5
}

/// Why a task can't be had.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TaskError {
    /// A profile can't be read.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// A profile that makes no sense.
    #[error("{path}: {problem}")]
    Nonsense {
        /// The file.
        path: String,
        /// What is wrong, and how to mend it.
        problem: Fault,
    },
    /// No task of that name.
    #[error("task not found: `{name}`{}", suggest::or_nothing(.suggestion.as_deref()))]
    Unknown {
        /// What was asked for.
        name: String,
        /// All names.
        known: String,
        /// The nearest.
        suggestion: Option<String>,
    },
}

impl Hinted for TaskError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Toml(error) => return error.hint(),
            Self::Nonsense { problem, .. } => return problem.hint(),
            Self::Unknown { known, .. } => format!(
                "the tasks are {known}; a file of your own is given with its path, such as `./my-task.toml`"
            ),
        })
    }
}
