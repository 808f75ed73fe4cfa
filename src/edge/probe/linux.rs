//! Reads a Linux machine: `/proc` and `/sys`, `nvidia-smi`, and `sysinfo` for the rest. Whatever is
//! not macOS is read in this way.

use std::fs;
use std::path::{Path, PathBuf};

use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use super::answer::{LIMIT, unread};
use super::common;
use crate::edge::{command, environment};
use crate::machine::assemble::{Answer, LinuxAnswers, MachineAnswers, NVIDIA_SMI};
use crate::machine::parse::{
    AMDGPU_FILES, PAGES_LIMIT, parse_meminfo, parse_processor, parse_swap,
};
use crate::machine::reading::NotRead;
use crate::units::Bytes;

/// A folder that stands for `/`: a container's host, or a copy of another machine's files.
const ROOT: &str = "PLANNER_SYSTEM_ROOT";

/// Where `/proc` and `/sys` are.
struct Root(Option<PathBuf>);

impl Root {
    fn of_user() -> Self {
        Self(environment::variable(ROOT).map(PathBuf::from))
    }

    fn at(&self, path: &str) -> PathBuf {
        match &self.0 {
            Some(root) => root.join(path.trim_start_matches('/')),
            None => PathBuf::from(path),
        }
    }

    fn read(&self, path: &str) -> Answer<String> {
        fs::read_to_string(self.at(path))
            .map_err(|error| NotRead::NotHere(format!("{path}: {error}")))
    }

    const fn is_this_machines(&self) -> bool {
        self.0.is_none()
    }
}

pub(super) fn ask(folder: Option<&Path>) -> MachineAnswers {
    let root = Root::of_user();
    let failed = |error: sysinfo::Error| unread("sysinfo", &error);
    let meminfo = root.read("/proc/meminfo");
    let memory = |key: &str| {
        meminfo
            .clone()
            .and_then(|text| Ok(parse_meminfo(&text, key)?))
    };
    MachineAnswers::Other(Box::new(LinuxAnswers {
        os_name: std::env::consts::OS.to_owned(),
        os_version: System::os_version().map_err(failed),
        kernel: System::kernel_version().map_err(failed),
        chip: chip(&root),
        cpu_cores: System::physical_core_count()
            .map_err(failed)
            .and_then(core_count),
        memory_total: memory("MemTotal"),
        memory_available: memory("MemAvailable"),
        swap: meminfo.clone().and_then(|text| Ok(parse_swap(&text)?)),
        cgroup_limit: root.is_this_machines().then(cgroup_limit).flatten(),
        nvidia_smi: command::text("nvidia-smi", &NVIDIA_SMI.map(str::as_ref), LIMIT),
        amdgpu: amdgpu(&root),
        common: common::answers(folder),
    }))
}

fn cgroup_limit() -> Option<Bytes> {
    let kind = RefreshKind::nothing().with_memory(MemoryRefreshKind::everything());
    let system = System::new_with_specifics(kind).ok()?;
    Some(Bytes(system.cgroup_limits()?.total_memory))
}

/// The processor as the kernel names it; on ARM, where it does not, as `sysinfo` does.
fn chip(root: &Root) -> Answer<String> {
    let named = root
        .read("/proc/cpuinfo")
        .and_then(|text| Ok(parse_processor(&text)?));
    match named {
        Err(_) if root.is_this_machines() => chip_by_part(),
        named => named,
    }
}

fn chip_by_part() -> Answer<String> {
    let kind = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing());
    let system = System::new_with_specifics(kind).map_err(|error| unread("sysinfo", &error))?;
    let brand = system
        .cpus()
        .first()
        .map(|cpu| cpu.brand().trim().to_owned());
    brand
        .filter(|brand| !brand.is_empty())
        .ok_or_else(|| NotRead::NotHere("the system does not name its processor".to_owned()))
}

/// The files of all GPUs, a line `path:value` for each that is there.
fn amdgpu(root: &Root) -> Answer<String> {
    const CARDS: &str = "/sys/class/drm";
    let mut cards: Vec<String> = fs::read_dir(root.at(CARDS))
        .map_err(|error| NotRead::NotHere(format!("{CARDS}: {error}")))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| is_card(name))
        .collect();
    cards.sort();
    let paths = cards.iter().flat_map(|card| {
        AMDGPU_FILES
            .iter()
            .map(move |name| format!("{CARDS}/{card}/device/{name}"))
    });
    let lines = paths
        .chain([PAGES_LIMIT.to_owned()])
        .filter_map(|path| Some(format!("{path}:{}\n", root.read(&path).ok()?.trim())));
    Ok(lines.collect())
}

/// `card0`, and none of its outputs: `card0-DP-1`.
fn is_card(name: &str) -> bool {
    let number = name.strip_prefix("card");
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

fn core_count(cores: usize) -> Answer<u32> {
    u32::try_from(cores)
        .ok()
        .filter(|cores| *cores > 0)
        .ok_or_else(|| NotRead::NotHere("the system does not count its cores".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    /// Bytes behind a key of `/proc/meminfo`, read without the code under test.
    fn meminfo(key: &str) -> u64 {
        let text = std::fs::read_to_string("/proc/meminfo").unwrap();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap();
        let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib * 1024
    }

    #[test]
    fn the_reading_agrees_with_proc() {
        let reading = read();
        let total = reading.memory_physical_bytes.unwrap();
        assert_eq!(total, Bytes(meminfo("MemTotal:")));
        assert_eq!(
            reading.swap.unwrap().total_bytes,
            Bytes(meminfo("SwapTotal:"))
        );

        let memory = reading.memory.unwrap();
        let available = total.0 - memory.in_use_bytes.0;
        assert!(available > 0 && memory.in_use_bytes > Bytes::ZERO);
        // Other programs run between the two readings.
        let drift = available.abs_diff(meminfo("MemAvailable:"));
        assert!(drift < total.0 / 4, "{drift} bytes apart");

        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
        assert_eq!(reading.os.kernel.as_deref(), Some(kernel.trim()));
    }

    #[test]
    fn this_very_process_is_seen_with_its_memory() {
        let own = std::process::id();
        let seen = super::super::processes::read().unwrap();
        let process = seen.iter().find(|process| process.pid == own).unwrap();
        let path = std::env::current_exe().unwrap();
        assert_eq!(process.executable.as_deref(), path.to_str());
        assert!(process.resident_bytes > Bytes::from_mib(1));
        // A thread's memory is its process's: listed beside it, it would count again.
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let mut threads = 0;
        for task in tasks {
            let name = task.unwrap().file_name().into_string().unwrap();
            let thread: u32 = name.parse().unwrap();
            threads += 1;
            assert!(
                thread == own || seen.iter().all(|process| process.pid != thread),
                "thread {thread} is listed as a process"
            );
        }
        assert!(threads > 1, "the test harness runs this on a thread");
    }

    #[test]
    fn the_volume_of_a_folder_is_found_and_an_absent_folder_is_a_reason() {
        let reading = super::super::read_with_models_folder("/proc/self".as_ref());
        assert!(reading.disk.is_none(), "/proc has no size");
        let reading = super::super::read_with_models_folder("/".as_ref());
        let disk = reading.disk.unwrap();
        assert_eq!(disk.mount_point, "/");
        assert!(disk.available_bytes > Bytes::ZERO && disk.available_bytes <= disk.total_bytes);
        let reading = super::super::read_with_models_folder("/no such folder".as_ref());
        assert!(reading.disk.is_none());
        let why = reading
            .missing
            .iter()
            .find(|missing| missing.what == "disk");
        assert!(why.unwrap().reason.contains("no such folder"), "{why:?}");
    }

    /// What is `null` in the JSON has its reason, or is part of something that has.
    #[test]
    fn no_figure_is_missing_without_a_word() {
        let reading = read();
        let json = serde_json::to_value(&reading).unwrap();
        for (field, value) in json.as_object().unwrap() {
            let told = reading.missing.iter().any(|missing| missing.what == *field);
            assert_eq!(value.is_null(), told, "{field}");
        }
        assert!(reading.gpu_limit.bytes.is_none());
        assert!(
            reading
                .missing
                .iter()
                .any(|missing| missing.what == "gpu_limit.bytes")
        );
    }
}
