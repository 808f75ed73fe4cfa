//! The machine: macOS and its limit against the table, memory, disk, power and heat.

use super::diagnosis::{Draft, Severity, by_hand, run, so};
use crate::machine::Macos;
use crate::machine::parse::PowerState;
use crate::machine::reading::{GpuLimitSource, Reading};
use crate::machine::working_sets::{default_working_set, known_versions, warnings};
use crate::memory::limits::SEEN_TO_FAIL;
use crate::units::Bytes;

/// Below this LM Studio's MLX engine keeps no prompts on disk (mlx-engine 08f0c07).
const DISK_LEAST: Bytes = Bytes(10_000_000_000);
/// More swap in use than idle applications leave there.
const SWAP_MOST: Bytes = Bytes::from_gib(2);

pub(super) fn look(reading: &Reading, draft: &mut Draft) {
    if let Some(chip) = &reading.chip {
        let memory = reading.memory_physical_bytes;
        let memory = memory.map_or_else(String::new, |m| format!(", {}", m.both()));
        draft.fact("Machine", format!("{chip}{memory}"));
    }
    let on_mac = reading.os.name == "macos";
    if on_mac {
        system(reading, draft);
    } else {
        draft.not_looked(
            "power and heat",
            "this is no Mac, of which alone planner reads them",
        );
    }
    memory(reading, draft);
    disk(reading, draft);
    for missing in reading.missing.iter().filter(|_| on_mac) {
        draft.not_looked(missing.what.clone(), &missing.reason);
    }
}

fn system(reading: &Reading, draft: &mut Draft) {
    let version = reading.os.version.as_deref();
    let Some(version) = version.and_then(|v| v.parse::<Macos>().ok()) else {
        return;
    };
    draft.fact("macOS", version.to_string());
    if !known_versions().contains(&version.major) {
        draft.found(
            Severity::Warning,
            "macos_unknown",
            format!("planner knows no macOS {}: limits that can't be read are taken from the nearest version", version.major),
            so("update planner; until then look at what it reads", "planner probe"),
        );
    }
    for warning in warnings(version) {
        draft
            .found(
                Severity::Warning,
                "macos_fault",
                format!("macOS {version}: {}", warning.text),
                by_hand("update macOS, and LM Studio with it"),
            )
            .source = Some(warning.source.clone());
    }
    limit(reading, version, draft);
}

fn limit(reading: &Reading, version: Macos, draft: &mut Draft) {
    let (Some(limit), Some(memory)) = (reading.gpu_limit.bytes, reading.memory_physical_bytes)
    else {
        return;
    };
    draft.fact("GPU working set", limit.both());
    let table = default_working_set(memory, version).bytes;
    match reading.gpu_limit.source {
        Some(GpuLimitSource::Metal) if table != limit => {
            draft.found(
                Severity::Note,
                "limit_not_as_table",
                format!(
                    "Metal gives the GPU {}, and planner's table {} for macOS {version}: Metal's figure is used",
                    limit.both(),
                    table.both()
                ),
                so(
                    "help to correct the table with a bundle",
                    "planner doctor --bundle bundle.json",
                ),
            );
        }
        Some(GpuLimitSource::WiredLimitSysctl) if limit < table => {
            draft.found(
                Severity::Warning,
                "limit_lowered",
                format!(
                    "`iogpu.wired_limit_mb` gives the GPU {}, less than macOS would by itself ({})",
                    limit.both(),
                    table.both()
                ),
                so(
                    "give macOS its default back",
                    "sudo sysctl iogpu.wired_limit_mb=0",
                ),
            );
        }
        Some(GpuLimitSource::WiredLimitSysctl) => {
            draft.found(
                Severity::Note,
                "limit_raised",
                format!(
                    "`iogpu.wired_limit_mb` gives the GPU {}, {} by default; it is gone after the next start",
                    limit.both(),
                    table.both()
                ),
                so(
                    "to keep it, install macos/planner.wired-limit.plist of a plan made with `--wired-limit`",
                    "planner emit PLAN --out loadout",
                ),
            );
        }
        _ => {}
    }
}

fn memory(reading: &Reading, draft: &mut Draft) {
    if let (Some(used), Some(memory)) = (&reading.memory, reading.memory_physical_bytes) {
        let percent = used.in_use_bytes.0 / (memory.0 / 100).max(1);
        draft.fact("In use", format!("{percent} % of memory"));
        if percent >= SEEN_TO_FAIL {
            draft.found(
                Severity::Warning,
                "memory_full",
                format!(
                    "{percent} % of memory is in use: a Mac was seen to swap at {SEEN_TO_FAIL} %"
                ),
                so(
                    "see who holds it, and close what is not needed",
                    "planner probe",
                ),
            );
        }
    }
    if let Some(swap) = reading.swap.as_ref().filter(|s| s.used_bytes > SWAP_MOST) {
        draft.found(
            Severity::Warning,
            "swapping",
            format!(
                "{} of swap are in use: models are slow to answer",
                swap.used_bytes.both()
            ),
            so("unload a model, or plan for less", "planner status"),
        );
    }
}

fn disk(reading: &Reading, draft: &mut Draft) {
    let Some(disk) = &reading.disk else { return };
    draft.fact("Disk", format!("{} free", disk.available_bytes.both()));
    if disk.available_bytes < DISK_LEAST {
        draft.found(
            Severity::Warning,
            "disk_full",
            format!(
                "only {} are free where models are kept: LM Studio's MLX engine keeps no prompts on disk below 10 GB, and macOS can't swap",
                disk.available_bytes.both()
            ),
            so("see which models take the room, and remove some", "lms ls"),
        );
    }
}

pub(super) fn look_at_power(power: &PowerState, draft: &mut Draft) {
    if power.source.as_deref() == Some("battery") {
        draft.found(
            Severity::Warning,
            "on_battery",
            "the machine runs on its battery, which may slow it down",
            by_hand("plug it in"),
        );
    }
    if power.low_power_mode == Some(true) {
        draft.found(
            Severity::Warning,
            "low_power_mode",
            "low power mode is on: planned speeds won't be reached",
            run("sudo pmset -a lowpowermode 0"),
        );
    }
    if let Some(percent) = power.cpu_speed_limit_percent.filter(|p| *p < 100) {
        draft.found(
            Severity::Warning,
            "hot",
            format!("heat has slowed the processor down to {percent} %"),
            so("let it cool, and look again", "pmset -g therm"),
        );
    }
}
