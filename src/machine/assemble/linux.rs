//! From what a Linux machine answered to a [`Reading`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Answer, CommonAnswers, common, memory_use};
use crate::machine::gpu::Gpu;
use crate::machine::parse::{Swap, parse_amdgpu, parse_nvidia_smi};
use crate::machine::reading::{CountedAs, NotRead, Reading};
use crate::units::Bytes;

/// What NVIDIA's GPUs are asked.
pub const NVIDIA_SMI: [&str; 2] = ["--query-gpu=name,memory.total,memory.used", "--format=csv"];

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
    /// What `nvidia-smi` printed for [`NVIDIA_SMI`].
    #[serde(default = "not_asked")]
    pub nvidia_smi: Answer<String>,
    /// What the driver of AMD's GPUs says in `/sys`, a line `path:value` for each file.
    #[serde(default = "not_asked")]
    pub amdgpu: Answer<String>,
    /// The rest.
    pub common: CommonAnswers,
}

/// Of answers that an earlier version wrote down.
fn not_asked() -> Answer<String> {
    Err(NotRead::NotHere("it was not asked".to_owned()))
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
            "only Macs have one limit; `gpus` tells each GPU's",
        ),
    ] {
        reading.take::<()>(what, Err(NotRead::NotHere(reason.to_owned())));
    }
    gpus(&mut reading, answers.nvidia_smi, answers.amdgpu);
    reading.swap = reading.take("swap", answers.swap);
    let in_use = in_use(answers.memory_total.clone(), answers.memory_available);
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
        let counted = CountedAs::TotalLessAvailable;
        memory_use(&mut reading, in_use, counted, processes);
    }
    beside_engines(&mut reading);
    reading
}

fn in_use(total: Answer<Bytes>, available: Answer<Bytes>) -> Answer<Bytes> {
    let (total, available) = (total?, available?);
    total.0.checked_sub(available.0).map(Bytes).ok_or_else(|| {
        NotRead::Contradiction(format!(
            "more memory is available ({} bytes) than there is ({} bytes)",
            available.0, total.0
        ))
    })
}

/// The GPUs of both makers. A maker that does not answer matters where there is no other, or where
/// its driver is there and fails.
fn gpus(reading: &mut Reading, nvidia: Answer<String>, amd: Answer<String>) {
    let nvidia = nvidia.and_then(|text| Ok(parse_nvidia_smi(&text)?));
    let amd = amd.and_then(|text| Ok(parse_amdgpu(&text)?));
    let found: Vec<Gpu> = [&nvidia, &amd]
        .into_iter()
        .flatten()
        .flatten()
        .cloned()
        .collect();
    for (what, answer) in [("gpus.nvidia", nvidia), ("gpus.amd", amd)] {
        match answer {
            Err(NotRead::NoCommand(_)) if !found.is_empty() => {}
            Err(why) => drop(reading.take::<()>(what, Err(why))),
            Ok(_) => {}
        }
    }
    if let [_, _, ..] = found[..] {
        reading.notes.push(
            "of several GPUs, models are planned on the one that may use the most memory"
                .to_owned(),
        );
    }
    reading.gpus = found;
}

/// What an engine holds through a GPU that shares the system's memory is in use, and no process's:
/// what others hold can't be told from it.
fn beside_engines(reading: &mut Reading) {
    let shared = reading.gpus.iter().any(|gpu| !gpu.separate);
    let Some(memory) = reading
        .memory
        .as_mut()
        .filter(|m| shared && !m.engines.is_empty())
    else {
        return;
    };
    if memory.in_use_by_others_bytes.take().is_some() {
        let why = "an engine runs, and what it holds through the GPU is not told";
        reading.take::<()>(
            "memory.in_use_by_others_bytes",
            Err(NotRead::NotHere(why.to_owned())),
        );
    }
}
