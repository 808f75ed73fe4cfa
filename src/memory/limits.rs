//! What a machine can hold: the GPU working set and physical memory, both at once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ledger::Ledger;
use crate::basis::Basis;
use crate::machine::Machine;
use crate::units::Bytes;

/// Kept free inside the GPU working set, once: llama.cpp's `--fit` keeps as much per device.
pub const SAFETY_MARGIN: Bytes = Bytes::from_gib(1);

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

impl std::fmt::Display for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::GpuWorkingSet => "GPU working set",
            Self::PhysicalMemory => "physical memory",
            Self::Guard => "guard against a full memory",
        })
    }
}

/// How much of both limits a set of loaded models takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Demand {
    /// Against the GPU working set.
    pub gpu: Bytes,
    /// Against physical memory.
    pub total: Bytes,
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
            safety_margin_bytes: SAFETY_MARGIN,
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
            self.physical_budget().minus(demand.total),
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

    /// The largest working set that leaves the reserve to the system: what
    /// `iogpu.wired_limit_mb` could be raised to, in whole MiB. None where it would not raise it.
    #[must_use]
    pub fn raised_working_set(&self) -> Option<Bytes> {
        let raised = Bytes::from_mib(self.beside_reserve().mib_floor());
        let current = self.gpu_working_set_bytes?;
        (raised > current).then_some(raised)
    }
}
