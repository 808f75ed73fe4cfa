//! Readings assembled from captured answers.

use super::*;
use crate::machine::reading::{Disk, ProcessMemory};

fn capture(name: &str) -> String {
    match name {
        "vm_stat" => include_str!("../../../tests/data/probe/vm_stat-apple-silicon-16gib.txt"),
        "sysctl" => include_str!("../../../tests/data/probe/sysctl-m2-pro-mac-mini.txt"),
        _ => include_str!("../../../tests/data/probe/displays-m2-max.json"),
    }
    .to_owned()
}

fn process(pid: u32, path: &str, mib: u64) -> ProcessMemory {
    ProcessMemory {
        pid,
        name: path.rsplit('/').next().unwrap_or_default().to_owned(),
        executable: Some(path.to_owned()),
        resident_bytes: Bytes::from_mib(mib),
    }
}

fn mac() -> MacAnswers {
    MacAnswers {
        sysctl: Ok(capture("sysctl")),
        vm_stat: Ok(capture("vm_stat")),
        displays: Ok(capture("displays")),
        metal: Ok(Bytes(26_800_603_136)),
        common: CommonAnswers {
            processes: Ok((1..=9)
                .map(|pid| process(pid, "/bin/other", u64::from(pid)))
                .chain([process(99, "/Users/n/.lmstudio/.internal/utils/node", 4096)])
                .collect()),
            disk: Ok(Disk {
                folder: "/Users/n/.lmstudio/models".to_owned(),
                mount_point: "/System/Volumes/Data".to_owned(),
                total_bytes: Bytes(971_350_180 * 1024),
                available_bytes: Bytes(672_065_964 * 1024),
            }),
        },
    }
}

fn why(reading: &Reading, what: &str) -> Option<String> {
    let mut found = reading
        .missing
        .iter()
        .filter(|missing| missing.what == what);
    let reason = found.next().map(|missing| missing.reason.clone());
    assert_eq!(found.next(), None, "{what} is missing twice");
    reason
}

fn timed_out() -> NotRead {
    NotRead::TimedOut {
        who: "vm_stat".to_owned(),
        seconds: 5,
    }
}

#[test]
fn a_mac_with_a_default_limit_uses_metals() {
    let reading = from_mac(mac());
    assert_eq!(reading.model_identifier.as_deref(), Some("Mac14,12"));
    assert_eq!(reading.memory_physical_bytes, Some(Bytes::from_gib(32)));
    assert_eq!(reading.gpu_cores, Some(30));
    assert_eq!(reading.gpu_limit.bytes, Some(Bytes(26_800_603_136)));
    assert_eq!(reading.gpu_limit.source, Some(GpuLimitSource::Metal));
    assert_eq!(reading.gpu_limit.wired_limit_bytes, Some(Bytes::ZERO));
    assert_eq!(why(&reading, "gpu_limit.bytes"), None);
    // The published lines leave these out, and the reading says so.
    for what in ["chip", "cpu_cores", "swap", "os.version", "os.kernel"] {
        assert!(why(&reading, what).is_some(), "{what} was made up");
    }
    assert_eq!(reading.chip, None);
}

#[test]
fn engines_are_taken_off_and_the_largest_come_first() {
    let reading = from_mac(mac());
    let memory = reading.memory.unwrap();
    let pages = (176_160 + 251_285 + 389_264) * 16_384;
    assert_eq!(memory.in_use_bytes, Bytes(pages));
    assert_eq!(
        memory.in_use_by_others_bytes,
        Some(Bytes(pages - 4096 * 1024 * 1024))
    );
    let names: Vec<u32> = reading
        .largest_processes
        .unwrap()
        .iter()
        .map(|p| p.pid)
        .collect();
    assert_eq!(names, [99, 9, 8, 7, 6, 5, 4, 3]);
}

#[test]
fn an_engine_with_more_resident_than_in_use_leaves_no_figure_for_others() {
    let mut answers = mac();
    answers.common.processes = Ok(vec![process(1, "/usr/local/bin/llama-server", 64 * 1024)]);
    let reading = from_mac(answers);
    assert!(
        why(&reading, "memory.in_use_by_others_bytes")
            .unwrap()
            .contains("68719476736")
    );
    let memory = reading.memory.unwrap();
    assert_eq!(memory.in_use_by_others_bytes, None);
    assert_eq!(memory.engines[0].resident_bytes, Bytes::from_gib(64));
}

#[test]
fn a_set_limit_holds_and_a_disagreement_is_shown() {
    let limit = |sysctl: &str, metal: Answer<Bytes>| {
        let mut answers = mac();
        answers.sysctl = Ok(sysctl.to_owned());
        answers.metal = metal;
        let reading = from_mac(answers);
        let said = reading.notes.len();
        (reading.gpu_limit.bytes, reading.gpu_limit.source, said)
    };
    let gib = Bytes::from_gib;
    let (new, old) = (
        GpuLimitSource::WiredLimitSysctl,
        GpuLimitSource::DebugWiredLimitSysctl,
    );
    let metal = GpuLimitSource::Metal;
    let set = "iogpu.wired_limit_mb: 114688\n";
    assert_eq!(limit(set, Ok(gib(112))), (Some(gib(112)), Some(new), 0));
    assert_eq!(limit(set, Err(timed_out())), (Some(gib(112)), Some(new), 0));
    assert_eq!(limit(set, Ok(gib(107))), (Some(gib(107)), Some(metal), 1));
    assert_eq!(limit(set, Ok(gib(120))), (Some(gib(112)), Some(new), 1));
    let debug = "debug.iogpu.wired_limit: 51539607552\n";
    assert_eq!(
        limit(debug, Err(timed_out())),
        (Some(gib(48)), Some(old), 0)
    );
    assert_eq!(limit(debug, Ok(gib(56))), (Some(gib(56)), Some(metal), 1));
    assert_eq!(limit("hw.model: x\n", Err(timed_out())), (None, None, 0));
}

#[test]
fn nothing_answered_is_nothing_read_and_every_figure_has_its_reason() {
    let no = || Err(timed_out());
    let reading = from_mac(MacAnswers {
        sysctl: no(),
        vm_stat: no(),
        displays: no(),
        metal: Err(timed_out()),
        common: CommonAnswers {
            processes: Err(timed_out()),
            disk: Err(timed_out()),
        },
    });
    let mut bare = Reading {
        missing: reading.missing.clone(),
        ..Reading::default()
    };
    "macos".clone_into(&mut bare.os.name);
    assert_eq!(reading, bare);
    assert_eq!(reading.missing.len(), 14);
    assert!(
        reading
            .missing
            .iter()
            .all(|missing| !missing.reason.is_empty())
    );
    assert_eq!(
        why(&reading, "chip").unwrap(),
        "`vm_stat` gave no answer within 5 s"
    );
}

#[test]
fn a_linux_reading_never_subtracts_below_zero_and_notes_a_tight_control_group() {
    let answers = LinuxAnswers {
        os_name: "linux".to_owned(),
        os_version: Err(timed_out()),
        kernel: Err(timed_out()),
        chip: Err(timed_out()),
        cpu_cores: Err(timed_out()),
        memory_total: Ok(Bytes::from_gib(64)),
        memory_available: Ok(Bytes::from_gib(48)),
        swap: Err(timed_out()),
        cgroup_limit: Some(Bytes::from_gib(8)),
        nvidia_smi: Err(NotRead::NoCommand("nvidia-smi".to_owned())),
        amdgpu: Ok(String::new()),
        common: mac().common,
    };
    let reading = from_linux(answers.clone());
    assert_eq!(reading.memory.unwrap().in_use_bytes, Bytes::from_gib(16));
    assert!(reading.notes[0].contains("8.0 GiB"), "{:?}", reading.notes);
    assert!(
        reading
            .missing
            .iter()
            .any(|missing| missing.what == "gpu_limit.bytes")
    );

    let reading = from_linux(LinuxAnswers {
        memory_available: Ok(Bytes::from_gib(65)),
        ..answers
    });
    assert_eq!(reading.memory, None);
    assert!(
        why(&reading, "memory")
            .unwrap()
            .contains("more memory is available")
    );
}
