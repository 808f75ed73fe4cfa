//! What planner read, as it came.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::machine::assemble::{Answer, MachineAnswers};
use crate::machine::parse::PowerAnswers;

/// Version of a bundle's shape.
pub const SCHEMA: u32 = 1;

/// Everything that `planner doctor` read, before anything is made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bundle {
    /// Version of this shape.
    pub schema: u32,
    /// Which program wrote it.
    pub generator: String,
    /// When, in UTC.
    pub read_at: String,
    /// The machine.
    pub machine: MachineAnswers,
    /// Power and heat.
    pub power: PowerAnswers,
    /// LM Studio.
    pub studio: StudioAnswers,
    /// What planner itself keeps.
    pub records: Records,
    /// The catalog.
    pub catalog: CatalogSeen,
}

/// What LM Studio said of itself, command by command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StudioAnswers {
    /// Its home folder.
    pub home: Answer<String>,
    /// Whether its newer sibling Bionic has a home there.
    pub bionic: bool,
    /// Where `lms` is.
    pub lms: Answer<String>,
    /// `lms version --json`.
    pub version: Answer<String>,
    /// `lms load --help`.
    pub load_help: Answer<String>,
    /// `lms daemon status`.
    pub running: Answer<String>,
    /// `lms server status --json`.
    pub server: Answer<String>,
    /// `lms ls --json`.
    pub installed: Answer<String>,
    /// `lms ps --json`.
    pub loaded: Answer<String>,
    /// `lms runtime ls`.
    pub runtimes: Answer<String>,
    /// `lms link status --json`.
    pub link: Answer<String>,
    /// `settings.json` of its home.
    pub settings: Answer<String>,
    /// `.internal/http-server-config.json` of its home.
    pub server_config: Answer<String>,
}

/// What planner keeps on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Records {
    /// The record of the last apply.
    pub journal: JournalSeen,
    /// Records of applies that could not be read and were set aside.
    pub set_aside: Vec<String>,
    /// What a run left that was killed while it wrote.
    pub left_behind: Vec<String>,
    /// Files that `emit --install` wrote and that say something else by now.
    pub changed_since_install: Vec<String>,
    /// Files of the user's own configuration that can't be read.
    pub broken: Vec<Fault>,
}

/// The record of the last apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JournalSeen {
    /// There is none.
    None,
    /// It came to its end.
    Closed,
    /// It was interrupted.
    Open {
        /// The plan.
        plan: String,
    },
    /// It can't be read.
    Unreadable(Fault),
}

/// Something that can't be read, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// What is wrong, with the file's name.
    pub error: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// The catalog, as far as its state matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogSeen {
    /// The newest date of a model or a measurement in it: `2026-11-20`.
    pub newest: Option<String>,
    /// How many models it has.
    pub models: usize,
    /// Why it can't be used.
    pub broken: Option<Fault>,
}
