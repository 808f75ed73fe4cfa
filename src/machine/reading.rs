//! What was read of the real machine, and for everything that was not read, why.
//!
//! Never reads anything itself, and never stands in a zero or a guess for a figure that is not
//! known: such a figure is `None` and has an entry in [`Reading::missing`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::engines::EngineMemory;
pub use super::engines::ProcessMemory;
use super::gpu::Gpu;
pub use super::not_read::NotRead;
use super::parse::sysctl::Swap;
use super::parse::vm_stat::VmStat;
use crate::units::Bytes;

/// Everything that `planner probe` could read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reading {
    /// The operating system.
    pub os: Os,
    /// The chip as it names itself: `Apple M3 Ultra`.
    pub chip: Option<String>,
    /// `hw.model`: `Mac15,14`. Macs only.
    pub model_identifier: Option<String>,
    /// Physical CPU cores, all kinds together.
    pub cpu_cores: Option<u32>,
    /// GPU cores. Macs with Apple silicon only.
    pub gpu_cores: Option<u32>,
    /// Physical memory.
    pub memory_physical_bytes: Option<Bytes>,
    /// How much memory the GPU may use.
    pub gpu_limit: GpuLimit,
    /// GPUs as their drivers tell of them, of machines that are no Macs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<Gpu>,
    /// Memory in use, and by whom.
    pub memory: Option<MemoryUse>,
    /// Swap space.
    pub swap: Option<Swap>,
    /// The processes that hold the most memory, largest first.
    pub largest_processes: Option<Vec<ProcessMemory>>,
    /// The volume that holds the models.
    pub disk: Option<Disk>,
    /// What could not be read, and why.
    pub missing: Vec<Missing>,
    /// What people should know about the figures above.
    pub notes: Vec<String>,
}

/// The operating system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Os {
    /// `macos` or `linux`.
    pub name: String,
    /// Its version: `15.5`.
    pub version: Option<String>,
    /// The kernel's version: `24.5.0`.
    pub kernel: Option<String>,
}

/// The GPU's working-set limit: the figure in force, and what each place said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GpuLimit {
    /// The limit in force; absent when neither place gave one, and a table has to serve.
    pub bytes: Option<Bytes>,
    /// Where the limit in force was read.
    pub source: Option<GpuLimitSource>,
    /// The sysctl's value as it stands; zero is macOS's own word for its default.
    pub wired_limit_bytes: Option<Bytes>,
    /// What Metal recommends as the largest working set.
    pub metal_bytes: Option<Bytes>,
}

/// Where the GPU's limit was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GpuLimitSource {
    /// Somebody set `iogpu.wired_limit_mb`.
    WiredLimitSysctl,
    /// `recommendedMaxWorkingSetSize` of the Metal device.
    Metal,
    /// Somebody set `debug.iogpu.wired_limit`, the name before macOS 14.
    DebugWiredLimitSysctl,
}

/// Memory in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MemoryUse {
    /// What the operating system and all applications need now, model engines included.
    pub in_use_bytes: Bytes,
    /// How that was counted.
    pub counted_as: CountedAs,
    /// The model engines that run, and what they hold.
    pub engines: Vec<EngineMemory>,
    /// What is left of `in_use_bytes` without the engines. An estimate in both directions: a
    /// process's resident memory counts idle pages that `in_use_bytes` does not, and may leave out
    /// memory that it holds through the GPU.
    pub in_use_by_others_bytes: Option<Bytes>,
    /// The kernel's own page counts. macOS only.
    pub pages: Option<VmStat>,
}

/// How memory in use was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountedAs {
    /// Pages wired + active + occupied by the compressor. macOS.
    WiredActiveCompressor,
    /// Total less the kernel's estimate of what is available. Linux.
    TotalLessAvailable,
}

/// A volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disk {
    /// The folder that was asked about.
    pub folder: String,
    /// Where the volume that holds it is mounted.
    pub mount_point: String,
    /// The volume's size; on APFS, its container's.
    pub total_bytes: Bytes,
    /// What may still be written there.
    pub available_bytes: Bytes,
}

/// A figure that was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Missing {
    /// The figure, as its field is named.
    pub what: String,
    /// Why.
    pub reason: String,
}

impl Reading {
    /// Takes a value, or writes down why there is none.
    pub(super) fn take<T>(&mut self, what: &str, value: Result<T, NotRead>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(reason) => {
                self.missing.push(Missing {
                    what: what.to_owned(),
                    reason: reason.to_string(),
                });
                None
            }
        }
    }
}
