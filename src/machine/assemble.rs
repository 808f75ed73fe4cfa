//! From the raw answers of a machine to a [`Reading`]: what each answer means, which figure holds
//! when two disagree, and what is missing.
//!
//! Asks nobody: `edge::probe` brings the answers, so that all of this runs and is tested anywhere.

mod common;
mod linux;
pub mod remote;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parse::{Sysctl, parse_gpu_cores, parse_swapusage, parse_sysctl, parse_vm_stat};
use super::reading::{CountedAs, GpuLimit, GpuLimitSource, NotRead, Reading};
use super::working_sets::default_working_set;
use crate::units::Bytes;

pub use common::{Answer, CommonAnswers, LARGEST_PROCESSES};
use common::{common, memory_use};
pub use linux::{LinuxAnswers, NVIDIA_SMI, from_linux};

/// The sysctls to ask a Mac for, those that not every Mac has last.
pub const SYSCTL_KEYS: [&str; 9] = [
    "hw.memsize",
    "hw.model",
    "hw.physicalcpu",
    "machdep.cpu.brand_string",
    "kern.osrelease",
    "vm.swapusage",
    "kern.osproductversion",
    "iogpu.wired_limit_mb",
    "debug.iogpu.wired_limit",
];

/// What a machine answered, before anything is made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MachineAnswers {
    /// A Mac.
    Mac(Box<MacAnswers>),
    /// Whatever is no Mac.
    Other(Box<LinuxAnswers>),
}

impl MachineAnswers {
    /// What the answers say.
    #[must_use]
    pub fn reading(self) -> Reading {
        match self {
            Self::Mac(answers) => from_mac(*answers),
            Self::Other(answers) => from_linux(*answers),
        }
    }
}

/// What a Mac answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MacAnswers {
    /// What `sysctl` printed for [`SYSCTL_KEYS`].
    pub sysctl: Answer<String>,
    /// What `vm_stat` printed.
    pub vm_stat: Answer<String>,
    /// What `system_profiler SPDisplaysDataType -json` printed.
    pub displays: Answer<String>,
    /// Metal's `recommendedMaxWorkingSetSize`.
    pub metal: Answer<Bytes>,
    /// The rest.
    pub common: CommonAnswers,
}

/// Reads a Mac's answers.
#[must_use]
pub fn from_mac(answers: MacAnswers) -> Reading {
    let mut reading = Reading::default();
    "macos".clone_into(&mut reading.os.name);
    let sysctl = answers.sysctl.and_then(|text| Ok(parse_sysctl(&text)?));
    let keys = sysctl.as_ref().map_err(Clone::clone);
    let text = |key: &str| {
        keys.clone()
            .and_then(|keys| keys.text(key).map(str::to_owned))
    };

    reading.os.version = reading.take("os.version", text("kern.osproductversion"));
    reading.os.kernel = reading.take("os.kernel", text("kern.osrelease"));
    reading.chip = reading.take("chip", text("machdep.cpu.brand_string"));
    reading.model_identifier = reading.take("model_identifier", text("hw.model"));
    reading.cpu_cores = reading.take(
        "cpu_cores",
        keys.clone().and_then(|keys| keys.count("hw.physicalcpu")),
    );
    reading.memory_physical_bytes = reading.take(
        "memory_physical_bytes",
        keys.clone().and_then(|keys| keys.size("hw.memsize")),
    );
    let swap = text("vm.swapusage").and_then(|text| Ok(parse_swapusage(&text)?));
    reading.swap = reading.take("swap", swap);
    let cores = answers
        .displays
        .and_then(|text| Ok(parse_gpu_cores(&text)?));
    reading.gpu_cores = reading.take("gpu_cores", cores);
    gpu_limit(&mut reading, keys, answers.metal);
    beside_the_table(&mut reading);

    let processes = common(&mut reading, answers.common);
    let pages = answers.vm_stat.and_then(|text| Ok(parse_vm_stat(&text)?));
    if let Some(pages) = reading.take("memory", pages) {
        let in_use = pages.in_use();
        memory_use(
            &mut reading,
            in_use,
            CountedAs::WiredActiveCompressor,
            processes,
        );
        if let Some(memory) = &mut reading.memory {
            memory.pages = Some(pages);
        }
    }
    reading
}

/// Which of the sysctl and Metal holds. Metal was seen to follow the sysctl to the byte
/// (AlexsJones/llmfit pull request 754); should they ever differ, the smaller one is the safe one.
/// macOS 13's own key is asked only when the newer one is absent, and only after Metal, since its
/// unit rests on hearsay.
fn gpu_limit(reading: &mut Reading, keys: Answer<&Sysctl>, metal: Answer<Bytes>) {
    let (wired, wired_source) = match keys.clone().and_then(Sysctl::wired_limit) {
        Err(NotRead::NoKey(key)) => match keys.and_then(Sysctl::debug_wired_limit) {
            Ok(bytes) => (Ok(bytes), GpuLimitSource::DebugWiredLimitSysctl),
            Err(_) => (Err(NotRead::NoKey(key)), GpuLimitSource::WiredLimitSysctl),
        },
        other => (other, GpuLimitSource::WiredLimitSysctl),
    };
    let wired = reading.take("gpu_limit.wired_limit_bytes", wired);
    let metal = reading.take("gpu_limit.metal_bytes", metal);
    let set = wired.filter(|bytes| *bytes > Bytes::ZERO);
    let held = match (set, metal) {
        (Some(set), Some(metal)) if set != metal => {
            let sysctl_is_firm = wired_source == GpuLimitSource::WiredLimitSysctl;
            let held = if sysctl_is_firm && set < metal {
                (set, wired_source)
            } else {
                (metal, GpuLimitSource::Metal)
            };
            reading.notes.push(format!(
                "sysctl sets the GPU's limit to {} bytes, Metal reports {} bytes; {} bytes is used here",
                set.0, metal.0, held.0.0
            ));
            Some(held)
        }
        (Some(set), _) => Some((set, wired_source)),
        (None, Some(metal)) => Some((metal, GpuLimitSource::Metal)),
        (None, None) => None,
    };
    let held = reading.take(
        "gpu_limit.bytes",
        held.ok_or_else(|| NotRead::NotHere("neither sysctl nor Metal gave a limit".to_owned())),
    );
    reading.gpu_limit = GpuLimit {
        bytes: held.map(|(bytes, _)| bytes),
        source: held.map(|(_, source)| source),
        wired_limit_bytes: wired,
        metal_bytes: metal,
    };
}

/// What Metal reports by itself beside what the table says for this macOS and this much memory.
fn beside_the_table(reading: &mut Reading) {
    let version = reading.os.version.as_deref().and_then(|v| v.parse().ok());
    let stock = reading.gpu_limit.source == Some(GpuLimitSource::Metal);
    if let (Some(version), Some(memory), Some(found), true) = (
        version,
        reading.memory_physical_bytes,
        reading.gpu_limit.metal_bytes,
        stock,
    ) {
        let table = default_working_set(memory, version);
        if table.bytes != found {
            reading.notes.push(format!(
                "Metal reports {} bytes, and planner's table gives {} bytes for macOS {version} and {memory} of memory; Metal's figure is used here",
                found.0, table.bytes.0
            ));
        }
    }
}

#[cfg(test)]
mod tests;
