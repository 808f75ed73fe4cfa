//! Reads a Mac: four of the system's own commands, and one question to Metal.

use std::path::Path;

use objc2_metal::{MTLCreateSystemDefaultDevice, MTLDevice};

use super::answer::{LIMIT, in_time};
use super::common;
use crate::edge::command;
use crate::machine::assemble::{Answer, MacAnswers, MachineAnswers, SYSCTL_KEYS};
use crate::machine::reading::NotRead;
use crate::units::Bytes;

// Metal finds no device in a command-line program that is not linked to CoreGraphics, says
// `objc2-metal`.
#[expect(
    unsafe_code,
    reason = "an empty block, for its link attribute alone: nothing unsafe is called"
)]
#[link(name = "CoreGraphics", kind = "framework")]
unsafe extern "C" {}

/// The commands by their full paths: a package manager's namesakes print other formats.
pub(super) fn ask(folder: Option<&Path>) -> MachineAnswers {
    let sysctl = SYSCTL_KEYS.map(str::as_ref);
    MachineAnswers::Mac(Box::new(MacAnswers {
        sysctl: command::text_of_any_status("/usr/sbin/sysctl", &sysctl, LIMIT),
        vm_stat: command::text("/usr/bin/vm_stat", &[], LIMIT),
        displays: command::text(
            "/usr/sbin/system_profiler",
            &["SPDisplaysDataType".as_ref(), "-json".as_ref()],
            LIMIT,
        ),
        metal: in_time("Metal", ask_metal),
        common: common::answers(folder),
    }))
}

/// Metal's `recommendedMaxWorkingSetSize`.
fn ask_metal() -> Answer<Bytes> {
    let here = |text: &str| Err(NotRead::NotHere(text.to_owned()));
    let Some(device) = MTLCreateSystemDefaultDevice() else {
        return here("Metal has no device");
    };
    if !device.hasUnifiedMemory() {
        return here("the GPU has memory of its own: not Apple silicon");
    }
    match device.recommendedMaxWorkingSetSize() {
        0 => here("Metal recommends no working-set size"),
        bytes => Ok(Bytes(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::read;
    use super::*;

    /// On a real Mac, virtual or not: the figures agree with each other and with a second asking.
    #[test]
    fn a_real_mac_reads_without_contradiction() {
        let reading = read();
        let asked = Command::new("/usr/sbin/sysctl")
            .args(["-n", "hw.memsize"])
            .output()
            .unwrap();
        let memory: u64 = String::from_utf8(asked.stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        assert_eq!(reading.memory_physical_bytes, Some(Bytes(memory)));
        for known in [
            &reading.chip,
            &reading.model_identifier,
            &reading.os.version,
        ] {
            assert!(known.is_some(), "{:?}", reading.missing);
        }

        let memory_use = reading.memory.unwrap();
        let pages = memory_use.pages.unwrap();
        let share = pages.accounted().gib() / Bytes(memory).gib();
        assert!(
            (0.8..=1.0).contains(&share),
            "pages make up {share} of memory"
        );
        assert!(memory_use.in_use_bytes > Bytes::ZERO);

        let swap = reading.swap.unwrap();
        assert!(swap.used_bytes <= swap.total_bytes);
        let disk = reading.disk.unwrap();
        assert!(disk.available_bytes <= disk.total_bytes);
        let own = std::process::id();
        let seen = super::super::processes::read().unwrap();
        assert!(seen.iter().any(|process| process.pid == own));
        if let Some(limit) = reading.gpu_limit.bytes {
            assert!(limit > Bytes::ZERO && limit.0 <= memory, "{limit:?}");
        }
    }
}
