//! Another machine, or the same with other limits.

use super::flags::Flags;
use crate::machine::profile::WorkingSet;
use crate::machine::{Machine, Macos};
use crate::units::Bytes;

/// A change to the machine.
#[derive(Debug, Clone, PartialEq)]
pub enum OnMachine {
    /// Another one.
    Other(Box<Machine>),
    /// The same with another amount of memory.
    Memory(Bytes),
    /// The same with another version of macOS.
    Macos(Macos),
    /// The GPU's limit at this.
    WiredLimit(Bytes),
    /// What is left to the system and other applications.
    Reserve(Bytes),
    /// So much more memory, all of it for models.
    Room(Bytes),
    /// No limit that anything reaches.
    NoLimits,
}

impl OnMachine {
    /// The machine with the change made.
    #[must_use]
    pub fn on(&self, machine: &Machine) -> Machine {
        let machine = machine.clone();
        match self {
            Self::Other(other) => (**other).clone().with_reserve_of(&machine),
            Self::Memory(bytes) => machine
                .clone()
                .with_memory(*bytes)
                .with_reserve_of(&machine),
            Self::Macos(version) => machine.with_macos(*version),
            Self::WiredLimit(bytes) => machine.with_wired_limit(*bytes),
            Self::Reserve(bytes) => machine.with_reserve(*bytes),
            Self::Room(more) => Machine {
                memory: machine.memory + *more,
                gpu_working_set: machine.gpu_working_set.map(|set| WorkingSet {
                    bytes: set.bytes + *more,
                    ..set
                }),
                ..machine
            },
            Self::NoLimits => Machine {
                memory: Bytes::from_gib(1 << 20),
                gpu_working_set: None,
                ..machine
            },
        }
    }

    /// What is otherwise.
    #[must_use]
    pub fn describe(&self, machine: &Machine) -> String {
        match self {
            Self::Other(other) => other.name.clone(),
            Self::Memory(bytes) => format!("{} of memory", bytes.both()),
            Self::Macos(version) => other_macos(machine, *version),
            Self::WiredLimit(bytes) => format!(
                "the GPU's limit {} {}{}, which leaves {} to the system",
                limit_verb(machine, *bytes),
                bytes.both(),
                if machine.is_mac() {
                    " until the next restart"
                } else {
                    ""
                },
                machine.memory.saturating_sub(*bytes)
            ),
            Self::Reserve(bytes) => format!(
                "{bytes} instead of {} left to the system and other applications",
                machine.reserve
            ),
            Self::Room(more) => format!("{:.1} GiB more under both limits", more.gib()),
            Self::NoLimits => "no limit of memory".to_owned(),
        }
    }

    pub(super) fn flags(&self) -> Option<Flags> {
        match self {
            Self::Other(machine) => Flags::with(["--machine", &machine.id]),
            Self::Memory(bytes) => Flags::with(["--memory", &bytes.flag()]),
            Self::Macos(version) => Flags::with(["--macos", &version.to_string()]),
            Self::WiredLimit(bytes) => Flags::with(["--wired-limit", &bytes.flag()]),
            Self::Reserve(bytes) => Flags::with(["--reserve", &bytes.flag()]),
            Self::Room(_) | Self::NoLimits => None,
        }
    }
}

fn other_macos(machine: &Machine, version: Macos) -> String {
    let set = |m: &Machine| m.gpu_working_set.as_ref().map(|set| set.bytes);
    let instead = machine
        .macos
        .map_or(String::new(), |now| format!(" instead of {}", now.version));
    match (set(&machine.clone().with_macos(version)), set(machine)) {
        (Some(there), Some(here)) if there != here => format!(
            "macOS {version}{instead}, which lets the GPU use {} instead of {here}",
            there.both()
        ),
        _ => format!("macOS {version}{instead}"),
    }
}

fn limit_verb(machine: &Machine, bytes: Bytes) -> &'static str {
    let now = machine.gpu_working_set.as_ref().map(|set| set.bytes);
    if now.is_some_and(|now| now < bytes) {
        "raised to"
    } else {
        "at"
    }
}
