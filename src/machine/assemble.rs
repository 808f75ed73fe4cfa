//! From the raw answers of a machine to a [`Reading`]: what each answer means, which figure holds
//! when two disagree, and what is missing.
//!
//! Asks nobody: `edge::probe` brings the answers, so that all of this runs and is tested anywhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::engines::engines_among;
use super::parse::{Swap, Sysctl, parse_gpu_cores, parse_swapusage, parse_sysctl, parse_vm_stat};
use super::reading::{
    CountedAs, Disk, GpuLimit, GpuLimitSource, MemoryUse, NotRead, ProcessMemory, Reading,
};
use super::working_sets::default_working_set;
use crate::units::Bytes;

/// How many processes a reading names.
pub const LARGEST_PROCESSES: usize = 8;

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

/// An answer, or why there is none.
pub type Answer<T> = Result<T, NotRead>;

/// Answers that every system gives in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommonAnswers {
    /// All processes whose memory could be read.
    pub processes: Answer<Vec<ProcessMemory>>,
    /// The volume that holds the models folder.
    pub disk: Answer<Disk>,
}

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

/// What a Linux machine answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinuxAnswers {
    /// What the operating system is called: `linux`.
    pub os_name: String,
    /// The distribution's version.
    pub os_version: Answer<String>,
    /// The kernel's version.
    pub kernel: Answer<String>,
    /// The processor's name.
    pub chip: Answer<String>,
    /// Physical CPU cores.
    pub cpu_cores: Answer<u32>,
    /// `MemTotal`.
    pub memory_total: Answer<Bytes>,
    /// `MemAvailable`.
    pub memory_available: Answer<Bytes>,
    /// `SwapTotal` and what of it is used.
    pub swap: Answer<Swap>,
    /// The memory limit of the control group this process runs in.
    pub cgroup_limit: Option<Bytes>,
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

/// Reads a Linux machine's answers.
#[must_use]
pub fn from_linux(answers: LinuxAnswers) -> Reading {
    let mut reading = Reading::default();
    reading.os.name = answers.os_name;
    reading.os.version = reading.take("os.version", answers.os_version);
    reading.os.kernel = reading.take("os.kernel", answers.kernel);
    reading.chip = reading.take("chip", answers.chip);
    reading.cpu_cores = reading.take("cpu_cores", answers.cpu_cores);
    for (what, reason) in [
        ("model_identifier", "only Macs have one"),
        ("gpu_cores", "read on Apple silicon only"),
        (
            "gpu_limit.bytes",
            "graphics cards with memory of their own are not planned for",
        ),
    ] {
        reading.take::<()>(what, Err(NotRead::NotHere(reason.to_owned())));
    }
    reading.swap = reading.take("swap", answers.swap);
    let in_use = answers
        .memory_total
        .clone()
        .and_then(|total| Ok((total, answers.memory_available?)))
        .and_then(
            |(total, available)| match total.0.checked_sub(available.0) {
                Some(in_use) => Ok(Bytes(in_use)),
                None => Err(NotRead::Contradiction(format!(
                    "more memory is available ({} bytes) than there is ({} bytes)",
                    available.0, total.0
                ))),
            },
        );
    reading.memory_physical_bytes = reading.take("memory_physical_bytes", answers.memory_total);
    if let (Some(limit), Some(total)) = (answers.cgroup_limit, reading.memory_physical_bytes)
        && limit < total
    {
        reading.notes.push(format!(
            "this process runs in a control group that may use {} of the machine's {}",
            limit.both(),
            total.both()
        ));
    }
    let processes = common(&mut reading, answers.common);
    if let Some(in_use) = reading.take("memory", in_use) {
        memory_use(
            &mut reading,
            in_use,
            CountedAs::TotalLessAvailable,
            processes,
        );
    }
    reading
}

/// Disk and processes; gives back all processes.
fn common(reading: &mut Reading, answers: CommonAnswers) -> Option<Vec<ProcessMemory>> {
    reading.disk = reading.take("disk", answers.disk);
    let mut processes = reading.take("largest_processes", answers.processes)?;
    processes.sort_by(|a, b| {
        (b.resident_bytes, &a.name, a.pid).cmp(&(a.resident_bytes, &b.name, b.pid))
    });
    reading.largest_processes = Some(processes.iter().take(LARGEST_PROCESSES).cloned().collect());
    Some(processes)
}

fn memory_use(
    reading: &mut Reading,
    in_use_bytes: Bytes,
    counted_as: CountedAs,
    processes: Option<Vec<ProcessMemory>>,
) {
    let engines = processes.as_deref().map(engines_among);
    let others = match &engines {
        None => Err(NotRead::NotHere(
            "without the processes, engines cannot be told from others".to_owned(),
        )),
        Some(engines) => {
            let own: Bytes = engines.iter().map(|engine| engine.resident_bytes).sum();
            // More resident than in use: idle pages of a loaded model. Then nothing can be said.
            in_use_bytes.0.checked_sub(own.0).map(Bytes).ok_or_else(|| {
                NotRead::Contradiction(format!(
                    "model engines hold {} bytes resident, more than the {} bytes counted as in use",
                    own.0, in_use_bytes.0
                ))
            })
        }
    };
    let in_use_by_others_bytes = reading.take("memory.in_use_by_others_bytes", others);
    reading.memory = Some(MemoryUse {
        in_use_bytes,
        counted_as,
        engines: engines.unwrap_or_default(),
        in_use_by_others_bytes,
        pages: None,
    });
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
