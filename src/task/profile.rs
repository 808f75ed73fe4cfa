//! A task profile: its benchmarks with their weights, the anchors of speed, and the floors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scales::{Benchmark, Floors, Scales};
use super::workload::Workload;
use crate::catalog::sampling::Sampling;
use crate::fault::{Fault, Hinted};
use crate::suggest;
use crate::toml_text::TomlError;

/// What a score is made of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Utility {
    /// Published scores on the task's benchmarks.
    Quality,
    /// Seconds of a turn.
    Speed,
    /// Decode speed per GB of weights.
    Efficiency,
    /// Context length in tokens.
    Context,
    /// Share of requests that passed.
    Reliability,
    /// Load time in seconds.
    LoadTime,
    /// Bits per weight.
    Precision,
    /// Whether the publisher made the model for this task.
    Specialty,
}

impl Utility {
    /// All, in the order that scores print.
    pub const ALL: [Self; 8] = [
        Self::Quality,
        Self::Speed,
        Self::Efficiency,
        Self::Context,
        Self::Reliability,
        Self::LoadTime,
        Self::Precision,
        Self::Specialty,
    ];

    /// The name in profiles and on screen.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Speed => "speed",
            Self::Efficiency => "efficiency",
            Self::Context => "context",
            Self::Reliability => "reliability",
            Self::LoadTime => "load_time",
            Self::Precision => "precision",
            Self::Specialty => "specialty",
        }
    }
}

/// One task profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskProfile {
    /// Id: `code`.
    pub id: String,
    /// What the task is, in a line.
    pub summary: String,
    /// The shipped task whose specialists are its specialists; its own id where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specialists_in: Option<String>,
    /// Weight of each utility; together 1.
    pub weights: Weights,
    /// How each figure becomes a number from 0 to 1.
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
}

const fn half() -> f64 {
    0.5
}

impl TaskProfile {
    /// The id by which publishers' specialties are told.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.specialists_in.as_deref().unwrap_or(&self.id)
    }
}

/// The weight of each utility: every one is named, so that none is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// See [`Utility::Quality`].
    pub quality: f64,
    /// See [`Utility::Speed`].
    pub speed: f64,
    /// See [`Utility::Efficiency`].
    pub efficiency: f64,
    /// See [`Utility::Context`].
    pub context: f64,
    /// See [`Utility::Reliability`].
    pub reliability: f64,
    /// See [`Utility::LoadTime`].
    pub load_time: f64,
    /// See [`Utility::Precision`].
    pub precision: f64,
    /// See [`Utility::Specialty`].
    pub specialty: f64,
}

impl Weights {
    /// The weight of one utility.
    #[must_use]
    pub const fn of(&self, utility: Utility) -> f64 {
        match utility {
            Utility::Quality => self.quality,
            Utility::Speed => self.speed,
            Utility::Efficiency => self.efficiency,
            Utility::Context => self.context,
            Utility::Reliability => self.reliability,
            Utility::LoadTime => self.load_time,
            Utility::Precision => self.precision,
            Utility::Specialty => self.specialty,
        }
    }
}

impl From<[f64; 8]> for Weights {
    /// In the order of [`Utility::ALL`].
    fn from(all: [f64; 8]) -> Self {
        let [
            quality,
            speed,
            efficiency,
            context,
            reliability,
            load_time,
            precision,
            specialty,
        ] = all;
        Self {
            quality,
            speed,
            efficiency,
            context,
            reliability,
            load_time,
            precision,
            specialty,
        }
    }
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
