//! A machine as the planner knows it, from a profile or from a reading.

use super::gpu_limits;
use super::kind::{GpuMemory, Kind, System};
use super::macos::Macos;
use super::profile::{Chip, MachineProfile, WorkingSet};
use super::profiles::{MachineError, check_gpu_memory};
use super::rules;
use super::rules::default_reserve;
use super::working_sets;
use super::working_sets::default_working_set;
use crate::basis::Basis;
use crate::suggest;
use crate::units::Bytes;

/// A machine to plan for, real or simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Id of the profile, or `this-machine`.
    pub id: String,
    /// The name people use.
    pub name: String,
    /// The chip, where it is one we know.
    pub chip: Option<ChipFigures>,
    /// What sort of machine it is.
    pub kind: Kind,
    /// Its operating system, where known.
    pub system: Option<System>,
    /// How its GPU comes by its memory.
    pub gpu_memory: GpuMemory,
    /// The version of macOS that its limits are for, where it runs macOS.
    pub macos: Option<MacosOf>,
    /// Physical memory.
    pub memory: Bytes,
    /// What the GPU may use, with its basis; absent where there is none or it is not known.
    pub gpu_working_set: Option<WorkingSet>,
    /// The GPU's limit where somebody set it; none where it is stock.
    pub wired_limit: Option<Bytes>,
    /// Kept for the system and other applications.
    pub reserve: Bytes,
    /// Which rule or reading gives the reserve.
    pub reserve_source: String,
}

/// A version of macOS, and how it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MacosOf {
    /// The version.
    pub version: Macos,
    /// Nobody said so: it is the newest.
    pub assumed: bool,
}

/// What speed depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct ChipFigures {
    /// Id of the chip.
    pub id: String,
    /// `Apple M3 Ultra`.
    pub brand: String,
    /// The kind of machine that it makes.
    pub kind: Kind,
    /// Size class of Apple's.
    pub tier: String,
    /// GPU cores of this machine's bin, where known.
    pub gpu_cores: Option<u32>,
    /// Memory bandwidth in bytes per second, where a source gives it for this bin.
    pub bandwidth: Option<f64>,
    /// Every bin of the chip has the same bandwidth, so a speed measured on any bin counts.
    pub one_bandwidth: bool,
}

impl ChipFigures {
    /// The figures of a chip in the bin with `gpu_cores`; of any bin where the cores are unknown
    /// and all bins agree.
    #[must_use]
    pub fn of(chip: &Chip, gpu_cores: Option<u32>) -> Self {
        let all: Vec<Option<f64>> = chip
            .bins
            .iter()
            .map(|b| b.bandwidth_gb_per_second)
            .collect();
        let one_bandwidth = all.windows(2).all(|pair| pair[0] == pair[1]);
        let bin = match gpu_cores {
            Some(cores) => chip.bins.iter().find(|b| b.gpu_cores == cores),
            None => chip.bins.first().filter(|_| one_bandwidth),
        };
        Self {
            id: chip.id.clone(),
            brand: chip.brand.clone(),
            kind: chip.kind,
            tier: chip.tier.clone(),
            gpu_cores,
            bandwidth: bin
                .and_then(|b| b.bandwidth_gb_per_second)
                .map(|gb| gb * 1e9),
            one_bandwidth,
        }
    }
}

/// Where a GPU limit comes from that the user gave: neither seen on a machine nor given by a rule.
pub const GIVEN_WIRED_LIMIT: &str = "given with --wired-limit";

impl Machine {
    /// The machine that a profile describes.
    ///
    /// # Errors
    /// When the profile names a chip or a GPU bin that the chip table does not have.
    pub fn from_profile(profile: &MachineProfile, chips: &[Chip]) -> Result<Self, MachineError> {
        let chip = match &profile.chip {
            Some(id) => Some(known_bin(profile, id, chips)?),
            None => None,
        };
        let kind = chip.as_ref().map_or(Kind::Other, |chip| chip.kind);
        let system = profile.system.unwrap_or_else(|| System::of(kind));
        let gpu_memory = profile.gpu_memory.unwrap_or_else(|| kind.gpu_memory());
        check_gpu_memory(profile, gpu_memory)?;
        let mut machine = Self {
            id: profile.id.clone(),
            name: profile.name.clone(),
            kind,
            system: Some(system),
            gpu_memory,
            gpu_working_set: profile.gpu_working_set.clone(),
            macos: kind.is_mac().then(|| MacosOf {
                version: working_sets::newest(),
                assumed: true,
            }),
            wired_limit: None,
            chip,
            memory: profile.memory_bytes,
            reserve: default_reserve(profile.memory_bytes),
            reserve_source: rules::RESERVE_RULE.to_owned(),
        };
        if machine.gpu_working_set.is_none() {
            machine.gpu_working_set = machine.stock_limit();
        }
        Ok(machine)
    }

    /// Whether it is a Mac with Apple silicon, and so runs MLX.
    #[must_use]
    pub const fn is_mac(&self) -> bool {
        self.kind.is_mac()
    }

    /// What raises its GPU's limit; none where nothing does, or it is not known.
    #[must_use]
    pub fn raise(&self) -> Option<&'static gpu_limits::Raise> {
        self.system
            .filter(|_| self.gpu_memory != GpuMemory::Own)
            .and_then(|system| gpu_limits::raise(self.kind, system))
    }

    /// What the system lets its GPU use of physical memory by default, where a rule says.
    pub(super) fn stock_limit(&self) -> Option<WorkingSet> {
        if self.is_mac() {
            return Some(default_working_set(self.memory, self.macos_version()));
        }
        self.system
            .filter(|_| self.gpu_memory != GpuMemory::Own)
            .and_then(|system| gpu_limits::default_share(self.kind, system, self.memory))
    }

    /// The same machine with another limit of its GPU, as the system's own setting would set it.
    #[must_use]
    pub fn with_wired_limit(mut self, bytes: Bytes) -> Self {
        self.gpu_working_set = Some(WorkingSet {
            bytes,
            basis: Basis::Assumed,
            source: GIVEN_WIRED_LIMIT.to_owned(),
        });
        self.wired_limit = Some(bytes);
        self
    }

    /// The same machine with another amount of memory; its working set follows the table again.
    #[must_use]
    pub fn with_memory(mut self, bytes: Bytes) -> Self {
        self.memory = bytes;
        if self.gpu_memory != GpuMemory::Own {
            let stock = self.stock_limit();
            self.gpu_working_set = self.gpu_working_set.and(stock);
        }
        self.wired_limit = None;
        self.reserve = default_reserve(bytes);
        rules::RESERVE_RULE.clone_into(&mut self.reserve_source);
        self
    }

    /// The same machine with another version of macOS. A limit that somebody set stays: Metal
    /// follows it on every version.
    #[must_use]
    pub fn with_macos(mut self, version: Macos) -> Self {
        let as_before = working_sets::same_rule(self.macos_version(), version);
        if !as_before && self.wired_limit.is_none() {
            let set = |_| default_working_set(self.memory, version);
            self.gpu_working_set = self.gpu_working_set.map(set);
        }
        self.macos = Some(MacosOf {
            version,
            assumed: false,
        });
        self
    }

    /// The version of macOS that its limits are for; the newest where none is known.
    fn macos_version(&self) -> Macos {
        self.macos
            .map_or_else(working_sets::newest, |known| known.version)
    }

    /// The same machine with the reserve that was given for another in its place, if one was.
    #[must_use]
    pub fn with_reserve_of(self, other: &Self) -> Self {
        match other.reserve_source == rules::RESERVE_GIVEN {
            true => self.with_reserve(other.reserve),
            false => self,
        }
    }

    /// The same machine with another reserve for the system.
    #[must_use]
    pub fn with_reserve(mut self, bytes: Bytes) -> Self {
        self.reserve = bytes;
        rules::RESERVE_GIVEN.clone_into(&mut self.reserve_source);
        self
    }

    /// Memory bandwidth in bytes per second, where known.
    #[must_use]
    pub fn bandwidth(&self) -> Option<f64> {
        self.chip.as_ref().and_then(|c| c.bandwidth)
    }
}

fn known_bin(
    profile: &MachineProfile,
    id: &str,
    chips: &[Chip],
) -> Result<ChipFigures, MachineError> {
    let chip = chips
        .iter()
        .find(|c| c.id == id)
        .ok_or_else(|| MachineError::UnknownChip {
            machine: profile.id.clone(),
            chip: id.to_owned(),
            suggestion: suggest::nearest(id, chips.iter().map(|c| c.id.as_str())),
            known: chips.iter().map(|c| c.id.clone()).collect(),
        })?;
    if let Some(cores) = profile.gpu_cores
        && !chip.bins.iter().any(|b| b.gpu_cores == cores)
    {
        return Err(MachineError::UnknownBin {
            machine: profile.id.clone(),
            chip: id.to_owned(),
            gpu_cores: cores,
            built: chip.bins.iter().map(|b| b.gpu_cores).collect(),
        });
    }
    Ok(ChipFigures::of(chip, profile.gpu_cores))
}
