//! What `apply`, `status` and `verify` answer, as documents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::difference::Difference;
use super::instance::Instance;
use super::journal::LoadTime;
use super::promises::Promises;
use super::standing::Standing;
use crate::machine::GpuMemory;
use crate::plan::document::Memory;
use crate::units::Bytes;

/// Version of these documents' shapes.
pub const SCHEMA: u32 = 1;

/// Said of a loaded model that the plan does not have.
pub const NOT_PLANNED: &str = "not in the plan";

/// What `apply` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApplyReport {
    /// Version of this shape.
    pub schema: u32,
    /// Which state the machine is in.
    pub outcome: Outcome,
    /// What differed between what was loaded and what should be.
    pub changes: Vec<ChangeRow>,
    /// What LM Studio thinks that the loads take, beside the plan's ledger.
    pub estimates: Vec<EstimateRow>,
    /// What is known of loading these models, where that is not only good.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_mind: Vec<String>,
    /// How long each load took.
    pub loads: Vec<LoadTime>,
    /// Why it failed, where it did.
    pub error: Option<String>,
    /// What to do about it, where something is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The state that an apply leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything was as planned already.
    Unchanged,
    /// A dry run, or the user said no.
    NotStarted,
    /// The plan is loaded.
    Applied,
    /// What was loaded before is loaded again.
    RolledBack,
    /// Neither: something could not be put back.
    Stuck,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeRow {
    /// What is to be done.
    pub action: Action,
    /// The name that clients ask for.
    pub identifier: String,
    /// LM Studio's key of the model.
    pub key: String,
    /// Why, or with which settings.
    pub reason: String,
}

/// What is to be done with a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is as it should be.
    Keep,
    /// It is not asked for, and goes.
    Unload,
    /// It is not asked for, and stays.
    Leave,
    /// It is loaded otherwise.
    Reload,
    /// It is not loaded.
    Load,
}

impl Action {
    /// The word on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Unload => "unload",
            Self::Leave => "leave",
            Self::Reload => "reload",
            Self::Load => "load",
        }
    }
}

/// Two opinions on a load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EstimateRow {
    /// The model.
    pub identifier: String,
    /// The plan's ledger: GPU memory.
    pub ledger_gpu_bytes: Bytes,
    /// LM Studio's estimate of GPU memory.
    pub estimate_gpu_bytes: Bytes,
    /// LM Studio says that its guardrails would refuse the load.
    pub refused: bool,
}

/// What `status` and `verify` answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatusReport {
    /// Version of this shape.
    pub schema: u32,
    /// Language models in memory on this machine.
    pub loaded: Vec<LoadedRow>,
    /// Models in memory on linked devices: they take nothing of this machine's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub linked: Vec<LinkedRow>,
    /// Names of what LM Studio lists in a form that can't be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
    /// What differs from the plan; absent without one.
    pub drift: Option<Vec<ChangeRow>>,
    /// Whether a measurement kept what a deployment promises; absent where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promises: Option<Vec<Promises>>,
    /// What is loaded beside the best plan for the tasks; absent where that was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Standing>,
    /// What the loaded models' ledgers add up to, where each is known.
    pub ledger_gpu_bytes: Option<Bytes>,
    /// What the loaded models may come to keep with use beyond that, in ordinary memory and the
    /// GPU's, where each is known.
    #[serde(default)]
    pub may_grow_bytes: Option<Bytes>,
    /// What LM Studio's processes hold now, as the system counts it: most of what grew is in it, and
    /// on a Mac the GPU's buffers are not.
    #[serde(default)]
    pub held_bytes: Option<Bytes>,
    /// What the GPU may use, where it is known.
    pub gpu_working_set_bytes: Option<Bytes>,
    /// How the GPU comes by that memory: macOS's working set unless stated.
    #[serde(default, skip_serializing_if = "GpuMemory::is_working_set")]
    pub gpu_memory: GpuMemory,
    /// Physical memory.
    pub physical_bytes: Option<Bytes>,
    /// What the system could give now without taking from anybody.
    pub available_bytes: Option<Bytes>,
}

/// A model that a linked device has loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkedRow {
    /// The name that clients ask for.
    pub identifier: String,
    /// LM Studio's key of the model.
    pub key: String,
    /// The device, as LM Studio names it.
    pub device: String,
}

/// A loaded model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoadedRow {
    /// The name that clients ask for.
    pub identifier: String,
    /// LM Studio's key of the model.
    pub key: String,
    /// Quantization as LM Studio names it.
    pub quantization: Option<String>,
    /// Bytes of its files.
    pub files_bytes: Bytes,
    /// The context in force.
    pub context: Option<u32>,
    /// Requests at once.
    pub slots: Option<u32>,
    /// Seconds without a request after which it is unloaded.
    pub ttl_seconds: Option<u64>,
    /// `idle`, `generating`, ...
    pub status: Option<String>,
    /// Its memory by our ledger, where the plan or the catalog knows the model.
    pub memory: Option<Memory>,
}

impl Difference {
    /// The rows of this difference, in the order in which people read them; `foreign` is said of
    /// what is loaded and not asked for.
    #[must_use]
    pub fn rows(&self, foreign: &str) -> Vec<ChangeRow> {
        let row = |action, instance: &Instance, reason| ChangeRow {
            action,
            identifier: instance.identifier.clone(),
            key: instance.key.clone(),
            reason,
        };
        let mut rows = Vec::new();
        rows.extend(self.keep.iter().map(|i| row(Action::Keep, i, settings(i))));
        for gone in &self.extra {
            let action = if gone.stays {
                Action::Leave
            } else {
                Action::Unload
            };
            let reason = gone.copy_of.as_ref().map_or_else(
                || foreign.to_owned(),
                |of| format!("a second copy of `{of}`"),
            );
            rows.push(row(action, &gone.is, reason));
        }
        for change in &self.reconfigure {
            let words: Vec<String> = change.mismatches.iter().map(ToString::to_string).collect();
            rows.push(row(Action::Reload, &change.should, words.join(", ")));
        }
        rows.extend(self.load.iter().map(|i| row(Action::Load, i, settings(i))));
        rows
    }

    /// The rows of what is not as planned.
    #[must_use]
    pub fn drift(&self) -> Vec<ChangeRow> {
        let mut rows = self.rows(NOT_PLANNED);
        rows.retain(|r| r.action != Action::Keep);
        rows
    }
}

fn settings(instance: &Instance) -> String {
    let part = |name: &str, value: Option<u64>| value.map(|v| format!("{name} {v}"));
    let parts = [
        part("context", instance.context.map(u64::from)),
        part("slots", instance.parallel.map(u64::from)),
        part("TTL", instance.ttl_seconds).map(|t| t + " s"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
