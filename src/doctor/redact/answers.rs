//! What of the machine's own answers may be shown.

use serde_json::{Map, Value};

use super::veil::{Veil, lines};
use crate::machine::assemble::{CommonAnswers, LARGEST_PROCESSES, MachineAnswers, SYSCTL_KEYS};
use crate::machine::engines::engine_of;
use crate::machine::parse::{AMDGPU_FILES, PAGES_LIMIT, PowerAnswers};

/// What `system_profiler` says of a GPU; displays and their serial numbers are not among it.
const GPU_FIELDS: [&str; 7] = [
    "SPDisplaysDataType",
    "_name",
    "sppci_model",
    "sppci_cores",
    "sppci_bus",
    "sppci_device_type",
    "spdisplays_mtlgpufamilysupport",
];
/// Mount points that say nothing of their owner.
const COMMON_MOUNTS: [&str; 2] = ["/", "/System/Volumes/Data"];

pub(super) fn machine(answers: &mut MachineAnswers, veil: &Veil<'_>) {
    match answers {
        MachineAnswers::Mac(mac) => {
            veil.kept(&mut mac.sysctl, |text| {
                let known = |line: &str| {
                    let key = line.split([':', '=']).next().unwrap_or_default();
                    SYSCTL_KEYS.contains(&key.trim())
                };
                lines(text, known)
            });
            veil.kept(&mut mac.vm_stat, |text| lines(text, is_count));
            veil.kept(&mut mac.displays, |text| {
                let json = serde_json::from_str(text).unwrap_or_default();
                gpu(json).to_string()
            });
            if let Err(why) = &mut mac.metal {
                veil.why(why);
            }
            common(&mut mac.common, veil);
        }
        MachineAnswers::Other(other) => {
            veil.kept(&mut other.nvidia_smi, |text| lines(text, is_row));
            veil.kept(&mut other.amdgpu, |text| lines(text, is_file));
            common(&mut other.common, veil);
        }
    }
}

/// A line of `vm_stat`: words and a number.
fn is_count(line: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || " :().\"-'".contains(c);
    line.chars().all(fine)
}

/// A row of `nvidia-smi`: names of GPUs and sizes.
fn is_row(line: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || " ,.[]()-/%".contains(c);
    line.chars().all(fine)
}

/// A file of a GPU's, or the limit that all share.
fn is_file(line: &str) -> bool {
    let path = line.split(':').next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    path == PAGES_LIMIT || AMDGPU_FILES.contains(&name)
}

fn gpu(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .filter(|(name, _)| GPU_FIELDS.contains(&name.as_str()))
                .map(|(name, field)| (name, gpu(field)))
                .collect::<Map<_, _>>(),
        ),
        Value::Array(items) => items.into_iter().map(gpu).collect(),
        other => other,
    }
}

fn common(common: &mut CommonAnswers, veil: &Veil<'_>) {
    match &mut common.processes {
        Ok(all) => {
            all.sort_by_key(|p| (engine_of(p).is_none(), std::cmp::Reverse(p.resident_bytes)));
            let engines = all.iter().filter(|p| engine_of(p).is_some()).count();
            all.truncate(engines + LARGEST_PROCESSES);
            for (at, process) in (1..).zip(all) {
                process.pid = at;
                let worker = engine_of(process).is_some() && process.name == "node";
                process.executable = worker.then(|| ".internal/utils/node".to_owned());
                if engine_of(process).is_none() {
                    "other".clone_into(&mut process.name);
                }
            }
        }
        Err(why) => veil.why(why),
    }
    match &mut common.disk {
        Ok(disk) => {
            veil.words(&mut disk.folder);
            if !disk.folder.starts_with('~') {
                "elsewhere".clone_into(&mut disk.folder);
            }
            if !COMMON_MOUNTS.contains(&disk.mount_point.as_str()) {
                "another volume".clone_into(&mut disk.mount_point);
            }
        }
        Err(why) => veil.why(why),
    }
}

pub(super) fn power(power: &mut PowerAnswers, veil: &Veil<'_>) {
    // What follows names the battery.
    veil.kept(&mut power.source, |text| {
        text.lines().next().unwrap_or_default().to_owned()
    });
    veil.kept(&mut power.settings, |text| {
        lines(text, |line| {
            let key = line.split_whitespace().next().unwrap_or_default();
            ["lowpowermode", "powermode"].contains(&key)
        })
    });
    veil.kept(&mut power.heat, |text| {
        let fine = |c: char| c.is_ascii_alphanumeric() || " \t:=_.".contains(c);
        lines(text, |line| line.chars().all(fine))
    });
}
