//! What a machine can hold: what the GPU may use and physical memory, both at once. What a GPU with
//! memory of its own takes is no part of physical memory.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ledger::Ledger;
use crate::basis::Basis;
use crate::machine::{GpuMemory, Machine};
use crate::units::Bytes;

/// Kept free inside the GPU working set, once: llama.cpp's `--fit` keeps as much per device.
pub const SAFETY_MARGIN: Bytes = Bytes::from_gib(1);

/// The same of a GPU with memory of its own: as much again for the driver's context and the display,
/// which no buffer of llama.cpp counts. LM Studio with Vulkan was seen to want 2 GB beyond the estimate
/// (lmstudio-ai/lmstudio-bug-tracker issue 2133).
pub const SAFETY_MARGIN_OWN: Bytes = Bytes::from_gib(2);

/// Parts per hundred of memory at which a machine has been seen to fail.
pub const SEEN_TO_FAIL: u64 = 83;
/// Where that was seen.
pub const SEEN_TO_FAIL_SOURCE: &str = "study llm-mac-512: MiniMax M2.1 BF16 with 426 GiB in use on a Mac of 512 GiB, 83 %, swapped at below 0.3 tokens per second and was killed after six hours";

/// The two limits of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// The GPU working set; absent where the machine has no GPU limit that we know.
    pub gpu_working_set_bytes: Option<Bytes>,
    /// How the working set is known.
    pub gpu_working_set_basis: Option<Basis>,
    /// Where the working set was read, or which rule gives it.
    pub gpu_working_set_source: Option<String>,
    /// How the GPU comes by that memory: macOS's working set unless stated.
    #[serde(default, skip_serializing_if = "GpuMemory::is_working_set")]
    pub gpu_memory: GpuMemory,
    /// Nothing raises that limit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gpu_limit_fixed: bool,
    /// Kept free inside the working set.
    pub safety_margin_bytes: Bytes,
    /// Physical memory.
    pub physical_bytes: Bytes,
    /// Kept for the system and other applications.
    pub reserve_bytes: Bytes,
    /// Which rule or reading gives the reserve.
    pub reserve_source: String,
    /// What a loadout may take of memory at most to stay clear of the share that was seen to fail;
    /// absent where that rule does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard_bytes: Option<Bytes>,
}

/// The limit that has least room left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// The GPU working set.
    GpuWorkingSet,
    /// Physical memory less the reserve.
    PhysicalMemory,
    /// The share of physical memory that was seen to fail.
    Guard,
}

impl Binding {
    /// What people call it where the GPU has its memory so.
    #[must_use]
    pub const fn name(self, gpu: GpuMemory) -> &'static str {
        match self {
            Self::GpuWorkingSet => gpu.name(),
            Self::PhysicalMemory => "physical memory",
            Self::Guard => "guard against a full memory",
        }
    }
}

/// How much of both limits a set of loaded models takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Demand {
    /// Against what the GPU may use.
    pub gpu: Bytes,
    /// In all, wherever it lies.
    pub total: Bytes,
}

impl Demand {
    /// Against physical memory: all of it, but for what lies in a GPU's own.
    #[must_use]
    pub fn physical(self, gpu: GpuMemory) -> Bytes {
        match gpu {
            GpuMemory::Own => self.total.saturating_sub(self.gpu),
            GpuMemory::WorkingSet | GpuMemory::Shared => self.total,
        }
    }
}

impl std::ops::Add for Demand {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            gpu: self.gpu + other.gpu,
            total: self.total + other.total,
        }
    }
}

impl std::iter::Sum for Demand {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), std::ops::Add::add)
    }
}

impl From<&Ledger> for Demand {
    fn from(ledger: &Ledger) -> Self {
        Self {
            gpu: ledger.gpu_total(),
            total: ledger.total(),
        }
    }
}

impl Limits {
    /// The limits of a machine.
    #[must_use]
    pub fn of(machine: &Machine) -> Self {
        let set = machine.gpu_working_set.as_ref();
        Self {
            gpu_working_set_bytes: set.map(|s| s.bytes),
            gpu_working_set_basis: set.map(|s| s.basis),
            gpu_working_set_source: set.map(|s| s.source.clone()),
            gpu_memory: machine.gpu_memory,
            gpu_limit_fixed: !machine.gpu_memory.is_working_set() && machine.raise().is_none(),
            safety_margin_bytes: match machine.gpu_memory {
                GpuMemory::Own => SAFETY_MARGIN_OWN,
                GpuMemory::WorkingSet | GpuMemory::Shared => SAFETY_MARGIN,
            },
            physical_bytes: machine.memory,
            reserve_bytes: machine.reserve,
            reserve_source: machine.reserve_source.clone(),
            guard_bytes: None,
        }
    }

    /// The same limits with the guard: a loadout stays clear of the share of memory that was seen
    /// to fail.
    #[must_use]
    pub const fn with_guard(mut self) -> Self {
        // Rounded to whole parts per hundred, as comfort is told.
        self.guard_bytes = Some(Bytes(self.physical_bytes.0 / 200 * (2 * SEEN_TO_FAIL - 1)));
        self
    }

    /// The same limits without it.
    #[must_use]
    pub fn without_guard(&self) -> Self {
        Self {
            guard_bytes: None,
            ..self.clone()
        }
    }

    /// The same limits with the GPU's raised as far as it can be.
    #[must_use]
    pub fn with_raised_working_set(mut self) -> Self {
        self.gpu_working_set_bytes = self.raised_working_set().or(self.gpu_working_set_bytes);
        self
    }

    /// Whether the guard leaves less than the reserve does.
    #[must_use]
    pub fn guard_cuts(&self) -> bool {
        self.guard_bytes
            .is_some_and(|guard| guard < self.beside_reserve())
    }

    /// What models may take on the GPU; all of memory where no GPU limit is known.
    #[must_use]
    pub fn gpu_budget(&self) -> Bytes {
        self.gpu_working_set_bytes
            .unwrap_or(self.physical_bytes)
            .saturating_sub(self.safety_margin_bytes)
    }

    /// What models may take of physical memory: less the reserve, and up to the guard.
    #[must_use]
    pub fn physical_budget(&self) -> Bytes {
        let left = self.beside_reserve();
        self.guard_bytes.map_or(left, |guard| guard.min(left))
    }

    fn beside_reserve(&self) -> Bytes {
        self.physical_bytes.saturating_sub(self.reserve_bytes)
    }

    /// Signed bytes left under each limit: GPU working set, physical memory.
    #[must_use]
    pub fn room(&self, demand: Demand) -> (i64, i64) {
        (
            self.gpu_budget().minus(demand.gpu),
            self.physical_budget()
                .minus(demand.physical(self.gpu_memory)),
        )
    }

    /// Bytes left under the tighter limit; negative when it does not fit.
    #[must_use]
    pub fn headroom(&self, demand: Demand) -> i64 {
        let (gpu, physical) = self.room(demand);
        gpu.min(physical)
    }

    /// The tighter limit.
    #[must_use]
    pub fn binding(&self, demand: Demand) -> Binding {
        let (gpu, physical) = self.room(demand);
        if self.gpu_working_set_bytes.is_some() && gpu <= physical {
            Binding::GpuWorkingSet
        } else if self.guard_cuts() {
            Binding::Guard
        } else {
            Binding::PhysicalMemory
        }
    }

    /// Whether it fits under both.
    #[must_use]
    pub fn holds(&self, demand: Demand) -> bool {
        self.headroom(demand) >= 0
    }

    /// What models may take in all: under both limits, and of both memories where the GPU has its own.
    #[must_use]
    pub fn budget(&self) -> Bytes {
        match self.gpu_memory {
            GpuMemory::Own => self.gpu_budget(),
            GpuMemory::WorkingSet | GpuMemory::Shared => {
                self.gpu_budget().min(self.physical_budget())
            }
        }
    }

    /// The largest limit of the GPU that leaves the reserve to the system, in whole MiB, or in whole
    /// GiB where that is what can be set. None where it would not raise it.
    #[must_use]
    pub fn raised_working_set(&self) -> Option<Bytes> {
        let unit = match self.gpu_memory {
            GpuMemory::WorkingSet => Bytes::from_mib(1),
            GpuMemory::Shared | GpuMemory::Own => Bytes::from_gib(1),
        };
        let raised = Bytes(self.beside_reserve().0 / unit.0 * unit.0);
        let current = self
            .gpu_working_set_bytes
            .filter(|_| !self.gpu_limit_fixed)?;
        (raised > current).then_some(raised)
    }
}
