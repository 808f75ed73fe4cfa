//! The shipped chips and machines, and how a machine is found by name.

use super::kind::GpuMemory;
use super::profile::{Chip, ChipTable, MachineProfile};
use crate::fault::Hinted;
use crate::shipped;
use crate::suggest;
use crate::toml_text;
use crate::toml_text::TomlError;

/// Why a machine can't be had.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MachineError {
    /// A profile file can't be read.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// No profile of that name.
    #[error("machine not found: `{name}`{}", suggest::or_nothing(.suggestion.as_deref()))]
    UnknownMachine {
        /// What was asked for.
        name: String,
        /// The nearest name.
        suggestion: Option<String>,
        /// Machines with a chip of that name.
        with_chip: Vec<String>,
    },
    /// A profile names a chip that the table lacks.
    #[error("machine `{machine}` names the chip `{chip}`, which is not known{}", suggest::or_nothing(.suggestion.as_deref()))]
    UnknownChip {
        /// The profile.
        machine: String,
        /// The chip.
        chip: String,
        /// The nearest chip.
        suggestion: Option<String>,
        /// All chips there are.
        known: Vec<String>,
    },
    /// A profile names a bin that its chip lacks.
    #[error("machine `{machine}` says {gpu_cores} GPU cores, which no `{chip}` has")]
    UnknownBin {
        /// The profile.
        machine: String,
        /// The chip.
        chip: String,
        /// The cores.
        gpu_cores: u32,
        /// The cores that it was built with.
        built: Vec<u32>,
    },
    /// The memory of a profile can't be meant.
    #[error("machine `{machine}` has a `memory_bytes` of {bytes}")]
    ImpossibleMemory {
        /// The profile.
        machine: String,
        /// The bytes.
        bytes: u64,
    },
    /// The GPU working set of a profile can't be meant.
    #[error("machine `{machine}` has a `gpu_working_set` of {bytes} bytes")]
    ImpossibleWorkingSet {
        /// The profile.
        machine: String,
        /// The bytes.
        bytes: u64,
    },
    /// The memory of a GPU that has its own is not given.
    #[error("machine `{machine}` does not say how much memory its graphics card has")]
    NoCardMemory {
        /// The profile.
        machine: String,
    },
}

impl Hinted for MachineError {
    fn hint(&self) -> Option<String> {
        let words = match self {
            Self::Toml(error) => return error.hint(),
            Self::UnknownMachine { with_chip, .. } if !with_chip.is_empty() => {
                return Some(format!(
                    "it is a chip; machines with it: {}",
                    with_chip.join(", ")
                ));
            }
            Self::UnknownMachine { .. } => {
                "`planner machines` lists them; a file is given with its path, such as `./my-mac.toml`"
            }
            Self::UnknownChip { known, .. } => {
                return Some(format!(
                    "known are {}; leave `chip` out for another, and memory is planned without speeds",
                    known.join(", ")
                ));
            }
            Self::UnknownBin { built, .. } => {
                let built: Vec<String> = built.iter().map(u32::to_string).collect();
                return Some(format!(
                    "it was built with {}; leave `gpu_cores` out when unsure",
                    built.join(", ")
                ));
            }
            Self::ImpossibleWorkingSet { .. } => {
                "give more than 0 and at most `memory_bytes`, or leave it out"
            }
            Self::NoCardMemory { .. } => {
                "add `[gpu_working_set]` with `bytes`, `basis` and `source`: what `nvidia-smi --query-gpu=memory.total --format=csv` prints, or `mem_info_vram_total` of AMD's driver"
            }
            Self::ImpossibleMemory { .. } => "write bytes: 16 GiB are 17179869184",
        };
        Some(words.to_owned())
    }
}

/// Every chip and machine that ships.
#[derive(Debug, Clone, PartialEq)]
pub struct Profiles {
    /// Chips.
    pub chips: Vec<Chip>,
    /// Machines, the headline one first, then by memory and name.
    pub machines: Vec<MachineProfile>,
}

impl Profiles {
    /// The profiles inside the binary.
    ///
    /// # Errors
    /// When a shipped file is broken, which a test rules out.
    pub fn embedded() -> Result<Self, MachineError> {
        let ChipTable { chips } = shipped::read("profiles/chips.toml")?;
        let machines = shipped::files("profiles/machines");
        let mut machines: Vec<MachineProfile> = machines
            .map(|file| checked(file.parse()?))
            .collect::<Result<_, MachineError>>()?;
        machines.sort_by(|a, b| {
            b.memory_bytes
                .cmp(&a.memory_bytes)
                .then_with(|| a.id.cmp(&b.id))
        });
        Ok(Self { chips, machines })
    }

    /// The profile with this id.
    ///
    /// # Errors
    /// When there is none; the error names the nearest.
    pub fn machine(&self, id: &str) -> Result<&MachineProfile, MachineError> {
        self.machines
            .iter()
            .find(|m| m.id == id)
            .ok_or_else(|| MachineError::UnknownMachine {
                name: id.to_owned(),
                suggestion: suggest::nearest(id, self.machines.iter().map(|m| m.id.as_str())),
                with_chip: self.with_chip(id),
            })
    }

    /// The machines with a chip that is called so, or of the kind that is.
    fn with_chip(&self, name: &str) -> Vec<String> {
        let plain = |text: &str| text.to_lowercase().replace([' ', '_'], "-");
        let wanted = plain(name);
        let called = |chip: &&Chip| {
            let brand = plain(&chip.brand);
            wanted == chip.id || wanted == brand || brand.strip_prefix("apple-") == Some(&wanted)
        };
        let chip = self.chips.iter().find(called);
        let machines = self.machines.iter();
        let having = machines.filter(|m| chip.is_some_and(|c| m.chip.as_ref() == Some(&c.id)));
        having.map(|m| m.id.clone()).collect()
    }

    /// The chip whose brand string is exactly this.
    #[must_use]
    pub fn chip_of_brand(&self, brand: &str) -> Option<&Chip> {
        self.chips.iter().find(|c| c.brand == brand)
    }

    /// The chip whose GPU has this number on the PCI bus: maker, device and revision, of which a
    /// chip may leave the revision open.
    #[must_use]
    pub fn chip_of_pci(&self, number: &str) -> Option<&Chip> {
        let device = number.rsplit_once(':').map(|(device, _)| device);
        let same = |pci: &str| pci == number || Some(pci) == device;
        self.chips
            .iter()
            .find(|c| c.pci.as_deref().is_some_and(same))
    }
}

/// Reads one machine profile.
///
/// # Errors
/// When the text is not a profile, with file, line and column.
pub fn parse_machine(path: &str, text: &str) -> Result<MachineProfile, MachineError> {
    checked(toml_text::parse(path, text)?)
}

fn checked(profile: MachineProfile) -> Result<MachineProfile, MachineError> {
    if profile.memory_bytes.0 < 1 << 30 {
        return Err(MachineError::ImpossibleMemory {
            machine: profile.id,
            bytes: profile.memory_bytes.0,
        });
    }
    Ok(profile)
}

/// Whether what a profile says of its GPU's memory can be meant, where the GPU comes by it so.
pub(super) fn check_gpu_memory(
    profile: &MachineProfile,
    memory: GpuMemory,
) -> Result<(), MachineError> {
    let machine = || profile.id.clone();
    let own = memory == GpuMemory::Own;
    match &profile.gpu_working_set {
        None if own => Err(MachineError::NoCardMemory { machine: machine() }),
        Some(set) if set.bytes.0 == 0 || (!own && set.bytes > profile.memory_bytes) => {
            Err(MachineError::ImpossibleWorkingSet {
                bytes: set.bytes.0,
                machine: machine(),
            })
        }
        _ => Ok(()),
    }
}
