//! What a machine answers over ssh of its memory: the few figures that a status needs, by the
//! programs that every such system has.

use super::{CommonAnswers, LinuxAnswers, MacAnswers, MachineAnswers};
use crate::machine::parse::{parse_meminfo, parse_swap};
use crate::machine::reading::{NotRead, Reading};

/// A script of `sh` that asks, without single quotes: the keys are those of [`super::SYSCTL_KEYS`].
pub const SCRIPT: &str = "LC_ALL=C; export LC_ALL; system=$(uname -s); echo planner: system $system; \
    case $system in \
    Darwin) echo planner: sysctl; /usr/sbin/sysctl hw.memsize hw.model hw.physicalcpu machdep.cpu.brand_string \
    kern.osrelease vm.swapusage kern.osproductversion iogpu.wired_limit_mb 2>/dev/null; \
    echo planner: vm_stat; /usr/bin/vm_stat ;; \
    *) echo planner: meminfo; cat /proc/meminfo ;; esac";

/// What stands under a heading of the script.
fn part<'t>(text: &'t str, name: &str) -> Result<&'t str, NotRead> {
    let heading = format!("planner: {name}\n");
    let missing = || NotRead::NotHere(format!("it says nothing of `{name}`"));
    let (_, rest) = text.split_once(&heading).ok_or_else(missing)?;
    Ok(rest.split("planner: ").next().unwrap_or(rest))
}

/// What the answer says.
///
/// # Errors
/// When it names no system.
pub fn remote_reading(text: &str) -> Result<Reading, NotRead> {
    let not_asked = || NotRead::NotHere("it was not asked over ssh".to_owned());
    let common = CommonAnswers {
        processes: Err(not_asked()),
        disk: Err(not_asked()),
    };
    let system = text
        .lines()
        .find_map(|l| l.strip_prefix("planner: system "));
    let system = system.ok_or_else(|| NotRead::NotHere("it names no system".to_owned()))?;
    if system == "Darwin" {
        let answers = MacAnswers {
            sysctl: part(text, "sysctl").map(str::to_owned),
            vm_stat: part(text, "vm_stat").map(str::to_owned),
            displays: Err(not_asked()),
            metal: Err(not_asked()),
            common,
        };
        return Ok(MachineAnswers::Mac(Box::new(answers)).reading());
    }
    let meminfo = part(text, "meminfo");
    let memory = |key: &str| {
        let text = meminfo.clone()?;
        Ok(parse_meminfo(text, key)?)
    };
    let answers = LinuxAnswers {
        os_name: system.to_lowercase(),
        os_version: Err(not_asked()),
        kernel: Err(not_asked()),
        chip: Err(not_asked()),
        cpu_cores: Err(not_asked()),
        memory_total: memory("MemTotal"),
        memory_available: memory("MemAvailable"),
        swap: meminfo.clone().and_then(|text| Ok(parse_swap(text)?)),
        cgroup_limit: None,
        nvidia_smi: Err(not_asked()),
        amdgpu: Err(not_asked()),
        common,
    };
    Ok(MachineAnswers::Other(Box::new(answers)).reading())
}

#[cfg(test)]
mod tests {
    use super::super::SYSCTL_KEYS;
    use super::*;
    use crate::units::Bytes;

    #[test]
    fn the_script_asks_for_the_keys_that_are_read() {
        // The last is an older system's.
        for key in &SYSCTL_KEYS[..8] {
            assert!(SCRIPT.contains(&format!(" {key} ")), "{key}");
        }
        assert!(!SCRIPT.contains(['\'', '\n', '!']));
    }

    /// Pages of a recorded Mac, with the sums worked out by hand.
    #[test]
    fn a_mac_is_read_from_its_own_programs() {
        let text = "planner: system Darwin\nplanner: sysctl\nhw.memsize: 549755813888\nmachdep.cpu.brand_string: Apple M3 Ultra\nkern.osproductversion: 15.5\niogpu.wired_limit_mb: 0\nplanner: vm_stat\nMach Virtual Memory Statistics: (page size of 16384 bytes)\nPages free: 1000.\nPages active: 200.\nPages inactive: 300.\nPages speculative: 4.\nPages throttled: 0.\nPages wired down: 50.\nPages purgeable: 1.\nFile-backed pages: 100.\nAnonymous pages: 400.\nPages stored in compressor: 9.\nPages occupied by compressor: 6.\n";
        let reading = remote_reading(text).unwrap();
        assert_eq!(reading.memory_physical_bytes, Some(Bytes(549_755_813_888)));
        let used = reading.memory.unwrap().in_use_bytes;
        assert_eq!(used, Bytes((200 + 50 + 6) * 16384));
        assert_eq!(reading.os.version.as_deref(), Some("15.5"));
    }

    #[test]
    fn linux_is_read_and_noise_is_no_figure() {
        let text = "planner: system Linux\nplanner: meminfo\nMemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    400 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n";
        let reading = remote_reading(text).unwrap();
        assert_eq!(reading.memory_physical_bytes, Some(Bytes(1_024_000)));
        assert_eq!(reading.memory.unwrap().in_use_bytes, Bytes(600 * 1024));
        assert!(remote_reading("welcome\n").is_err());
        let bare = remote_reading("planner: system Linux\n").unwrap();
        assert_eq!(bare.memory_physical_bytes, None);
        assert!(
            bare.missing
                .iter()
                .any(|m| m.what == "memory_physical_bytes")
        );
    }
}
