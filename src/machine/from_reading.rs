//! From what was read of the real machine to a machine that can be planned for.

use super::facts::{ChipFigures, Machine, MacosOf};
use super::from_gpus::{Graphics, graphics};
use super::kind::{GpuMemory, Kind, System};
use super::profile::WorkingSet;
use super::profiles::Profiles;
use super::reading::{GpuLimitSource, Reading};
use super::rules;
use super::rules::default_reserve;
use super::working_sets;
use super::working_sets::default_working_set;
use crate::basis::Basis;
use crate::fault::Hinted;
use crate::units::Bytes;

/// Why the real machine can't be planned for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadingError {
    /// Not even the amount of memory is known.
    #[error("this machine's memory could not be read ({0})")]
    NoMemory(String),
}

impl Hinted for ReadingError {
    fn hint(&self) -> Option<String> {
        Some("name a machine with `--machine` (`planner machines` lists them)".to_owned())
    }
}

/// How Apple's chips name themselves. It tells that MLX runs there; every figure of a chip needs
/// its whole name.
const APPLE: &str = "Apple ";

impl Machine {
    /// The machine that was read, with the figures of its chip where that chip is known.
    ///
    /// # Errors
    /// When the amount of memory is not known.
    pub fn from_reading(reading: &Reading, profiles: &Profiles) -> Result<Self, ReadingError> {
        let memory = reading.memory_physical_bytes.ok_or_else(|| {
            let why = reading
                .missing
                .iter()
                .find(|m| m.what == "memory_physical_bytes");
            ReadingError::NoMemory(
                why.map_or_else(|| "no reason given".to_owned(), |m| m.reason.clone()),
            )
        })?;
        let apple_silicon = reading.os.name == "macos"
            && reading
                .chip
                .as_deref()
                .is_some_and(|c| c.starts_with(APPLE));
        let system = system(&reading.os.name);
        let (reserve, reserve_source) = reserve(reading, memory);
        let mut machine = Self {
            id: "this-machine".to_owned(),
            name: name(reading),
            chip: None,
            kind: Kind::Other,
            system,
            gpu_memory: GpuMemory::WorkingSet,
            macos: None,
            memory,
            gpu_working_set: working_set(reading, memory, apple_silicon),
            wired_limit: (reading.gpu_limit.wired_limit_bytes).filter(|b| *b > Bytes::ZERO),
            reserve,
            reserve_source,
        };
        if apple_silicon {
            machine.kind = Kind::Apple;
            machine.macos = Some(macos(reading));
            machine.chip = apples(reading, profiles);
        } else if let Some(graphics) = graphics(reading, system, memory, profiles) {
            machine.take(graphics);
        }
        Ok(machine)
    }

    fn take(&mut self, graphics: Graphics<'_>) {
        self.name = format!("This machine ({})", graphics.name);
        self.chip = graphics.chip.map(|chip| match chip.bins[..] {
            [ref only] => ChipFigures::of(chip, Some(only.gpu_cores)),
            _ => ChipFigures::of(chip, None),
        });
        self.kind = graphics.kind;
        self.gpu_memory = graphics.gpu_memory;
        self.gpu_working_set = Some(graphics.working_set);
        self.wired_limit = graphics.set;
    }
}

/// The figures of one of Apple's chips, in the bin that was read where it is known.
fn apples(reading: &Reading, profiles: &Profiles) -> Option<ChipFigures> {
    let chip = profiles.chip_of_brand(reading.chip.as_deref()?)?;
    let cores = reading.gpu_cores;
    let cores = cores.filter(|c| chip.bins.iter().any(|b| b.gpu_cores == *c));
    Some(ChipFigures::of(chip, cores))
}

fn name(reading: &Reading) -> String {
    let chip = reading.chip.as_deref().unwrap_or("unknown chip");
    let cores = reading
        .gpu_cores
        .map_or(String::new(), |c| format!(", {c} GPU cores"));
    format!("This machine ({chip}{cores})")
}

fn system(name: &str) -> Option<System> {
    match name {
        "macos" => Some(System::Macos),
        "linux" => Some(System::Linux),
        "windows" => Some(System::Windows),
        _ => None,
    }
}

/// The version that was read; the newest where it was not.
fn macos(reading: &Reading) -> MacosOf {
    let read = reading.os.version.as_deref().and_then(|v| v.parse().ok());
    MacosOf {
        version: read.unwrap_or_else(working_sets::newest),
        assumed: read.is_none(),
    }
}

/// The limit in force, as it was read; on a Mac that would not say, the table.
fn working_set(reading: &Reading, memory: Bytes, apple_silicon: bool) -> Option<WorkingSet> {
    let Some(bytes) = reading.gpu_limit.bytes else {
        return apple_silicon.then(|| default_working_set(memory, macos(reading).version));
    };
    let source = match reading.gpu_limit.source {
        Some(GpuLimitSource::WiredLimitSysctl) => "read from sysctl iogpu.wired_limit_mb",
        Some(GpuLimitSource::DebugWiredLimitSysctl) => "read from sysctl debug.iogpu.wired_limit",
        Some(GpuLimitSource::Metal) => "read from Metal's recommendedMaxWorkingSetSize",
        None => "read from this machine",
    };
    Some(WorkingSet {
        bytes,
        basis: Basis::Measured,
        source: source.to_owned(),
    })
}

/// The rule, or what other applications hold now where that is more.
fn reserve(reading: &Reading, memory: Bytes) -> (Bytes, String) {
    let rule = default_reserve(memory);
    let others = reading
        .memory
        .as_ref()
        .and_then(|m| m.in_use_by_others_bytes);
    match others {
        Some(held) if held > rule => (
            held,
            format!(
                "what the system and other applications hold now; the rule would keep {}",
                rule.both()
            ),
        ),
        _ => (rule, rules::RESERVE_RULE.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::reading::{CountedAs, MemoryUse, Os};

    fn reading(chip: &str) -> Reading {
        Reading {
            os: Os {
                name: "macos".to_owned(),
                ..Os::default()
            },
            chip: Some(chip.to_owned()),
            gpu_cores: Some(80),
            memory_physical_bytes: Some(Bytes::from_gib(512)),
            ..Reading::default()
        }
    }

    #[test]
    fn a_chip_that_is_not_in_the_table_has_no_figures() {
        let profiles = Profiles::embedded().unwrap();
        let known = Machine::from_reading(&reading("Apple M3 Ultra"), &profiles).unwrap();
        assert_eq!(known.bandwidth(), Some(819e9));
        // A name that a known one begins with, and one that begins with a known one.
        for unknown in ["Apple M3 Ultra Pro", "Apple M3 Ultr", "Apple M99 Ultra"] {
            let machine = Machine::from_reading(&reading(unknown), &profiles).unwrap();
            assert!(machine.is_mac() && machine.chip.is_none(), "{unknown}");
            assert_eq!(machine.bandwidth(), None, "{unknown}");
        }
    }

    /// A laptop whose other applications hold more than the rule leaves them.
    #[test]
    fn what_others_hold_now_is_kept_where_it_is_more_than_the_rule() {
        let profiles = Profiles::embedded().unwrap();
        let reserve = |others: Bytes| {
            let mut reading = reading("Apple M3 Ultra");
            reading.memory = Some(MemoryUse {
                in_use_bytes: others,
                counted_as: CountedAs::WiredActiveCompressor,
                engines: Vec::new(),
                in_use_by_others_bytes: Some(others),
                pages: None,
            });
            Machine::from_reading(&reading, &profiles).unwrap()
        };
        let rule = default_reserve(Bytes::from_gib(512));
        let busy = reserve(Bytes::from_gib(60));
        assert_eq!(busy.reserve, Bytes::from_gib(60));
        assert!(busy.reserve_source.contains(&rule.both()), "both are told");
        assert_eq!(reserve(Bytes::from_gib(1)).reserve, rule);
    }

    #[test]
    fn an_unread_memory_is_an_error_and_never_a_zero() {
        let nothing = Reading::default();
        let profiles = Profiles::embedded().unwrap();
        assert!(Machine::from_reading(&nothing, &profiles).is_err());
    }
}
