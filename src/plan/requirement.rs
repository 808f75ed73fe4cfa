//! What a request demands, as far as demands can conflict.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::effort::Setting;
use crate::memory::Engine;
use crate::units::{Bytes, tokens};

/// One of the requirements that cannot hold together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conflicting {
    /// Which, with its figures.
    pub requirement: Requirement,
    /// As it was given.
    pub text: String,
}

impl From<Requirement> for Conflicting {
    fn from(requirement: Requirement) -> Self {
        Self {
            text: requirement.to_string(),
            requirement,
        }
    }
}

/// A requirement of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Requirement {
    /// All of it in the machine's memory.
    Memory {
        /// The machine's name.
        machine: String,
        /// What models may take.
        budget_bytes: Bytes,
    },
    /// A context.
    Context {
        /// Tokens.
        context: u32,
    },
    /// A least speed.
    LeastSpeed {
        /// Tokens per second.
        tokens_per_second: f64,
    },
    /// A longest wait for the first token of a turn.
    LongestFirstToken {
        /// Seconds.
        seconds: f64,
    },
    /// A longest turn.
    LongestTurn {
        /// Seconds.
        seconds: f64,
    },
    /// So many conversations at once, each with room for its turns.
    Agents {
        /// How many.
        agents: u32,
    },
    /// One reasoning effort for every model that thinks.
    Effort {
        /// Which.
        effort: Setting,
    },
    /// One engine.
    Engine {
        /// Which.
        engine: Engine,
    },
    /// A model that must be resident.
    Pin {
        /// Its name, as given.
        model: String,
    },
    /// Models that must not be.
    Excludes {
        /// Their names, as given.
        models: Vec<String>,
    },
    /// Only what is on the disk.
    Installed,
    /// Downloads of no more than this.
    Disk {
        /// Bytes that may be downloaded.
        most_bytes: Bytes,
    },
    /// Measurements of one campaign only.
    Campaign {
        /// Its name.
        name: String,
    },
    /// No predicted speeds.
    MeasuredOnly,
    /// The floors of a task.
    Floors {
        /// Id of the task.
        task: String,
        /// The floors in words.
        floors: String,
    },
    /// So many models at most.
    Models {
        /// How many.
        models: usize,
    },
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory {
                machine,
                budget_bytes,
            } => write!(
                f,
                "the memory of {machine}: {} for models",
                budget_bytes.both()
            ),
            Self::Context { context } => write!(f, "`--context {}`", tokens(*context)),
            Self::LeastSpeed { tokens_per_second } => {
                write!(
                    f,
                    "`--min-tps {tokens_per_second}` (of a prediction the low end counts)"
                )
            }
            Self::LongestFirstToken { seconds } => {
                write!(f, "`--max-first-token {seconds}s`")
            }
            Self::LongestTurn { seconds } => write!(f, "`--max-turn {seconds}s`"),
            Self::Agents { agents } => write!(f, "`--agents {agents}`"),
            Self::Effort { effort } => write!(f, "`--effort {effort}`"),
            Self::Engine { engine } => write!(f, "`--engine {engine}`"),
            Self::Pin { model } => write!(f, "`--pin {model}`"),
            Self::Excludes { models } => {
                write!(f, "`--exclude {}`", models.join("`, `--exclude "))
            }
            Self::Installed => f.write_str("`--installed`"),
            Self::Disk { most_bytes } => write!(f, "`--disk {}`", most_bytes.flag()),
            Self::Campaign { name } => write!(f, "`--campaign {name}`"),
            Self::MeasuredOnly => f.write_str("`--measured-only`"),
            Self::Floors { task, floors } => write!(f, "the floors of the task `{task}`: {floors}"),
            Self::Models { models } => write!(f, "`--models {models}`"),
        }
    }
}
