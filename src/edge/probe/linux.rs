//! Reads a Linux machine, through `sysinfo`. Whatever is not macOS is read in this way.

use std::path::Path;

use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use super::answer::unread;
use super::common;
use crate::machine::assemble::{Answer, LinuxAnswers, MachineAnswers};
use crate::machine::parse::Swap;
use crate::machine::reading::NotRead;
use crate::units::Bytes;

pub(super) fn ask(folder: Option<&Path>) -> MachineAnswers {
    let failed = |error: sysinfo::Error| unread("sysinfo", &error);
    let kind = RefreshKind::nothing()
        .with_memory(MemoryRefreshKind::everything())
        .with_cpu(CpuRefreshKind::nothing());
    let system = System::new_with_specifics(kind).map_err(failed);
    let system = system.as_ref().map_err(Clone::clone);
    MachineAnswers::Other(Box::new(LinuxAnswers {
        os_name: std::env::consts::OS.to_owned(),
        os_version: System::os_version().map_err(failed),
        kernel: System::kernel_version().map_err(failed),
        chip: system.clone().and_then(chip),
        cpu_cores: System::physical_core_count()
            .map_err(failed)
            .and_then(core_count),
        memory_total: system
            .clone()
            .and_then(|system| size("MemTotal", system.total_memory())),
        memory_available: system
            .clone()
            .and_then(|system| size("MemAvailable", system.available_memory())),
        swap: system.clone().map(|system| Swap {
            total_bytes: Bytes(system.total_swap()),
            used_bytes: Bytes(system.used_swap()),
        }),
        cgroup_limit: system
            .ok()
            .and_then(System::cgroup_limits)
            .map(|limits| Bytes(limits.total_memory)),
        common: common::answers(folder),
    }))
}

/// `sysinfo` says zero for what it could not read.
fn size(what: &str, bytes: u64) -> Answer<Bytes> {
    match bytes {
        0 => Err(NotRead::NotHere(format!(
            "/proc/meminfo does not tell {what}"
        ))),
        bytes => Ok(Bytes(bytes)),
    }
}

fn chip(system: &System) -> Answer<String> {
    system
        .cpus()
        .first()
        .map(|cpu| cpu.brand().trim().to_owned())
        .filter(|brand| !brand.is_empty())
        .ok_or_else(|| NotRead::NotHere("the system does not name its processor".to_owned()))
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
