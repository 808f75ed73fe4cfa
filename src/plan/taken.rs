//! Memory that a model or a loadout takes, as documents hold it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::memory::limits::Demand;
use crate::memory::{Ledger, LineKind, Place};
use crate::units::Bytes;

/// Memory by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Memory {
    /// Weights.
    pub weights_bytes: Bytes,
    /// KV cache and recurrent state.
    pub context_bytes: Bytes,
    /// What of that lies in ordinary memory, with layers that are left to the processor.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub cpu_context_bytes: Bytes,
    /// KV cache.
    pub kv_cache_bytes: Bytes,
    /// Recurrent state.
    pub recurrent_state_bytes: Bytes,
    /// Compute buffers on the GPU, with what the engine keeps in reserve.
    pub gpu_compute_bytes: Bytes,
    /// Compute buffers in ordinary memory.
    pub cpu_compute_bytes: Bytes,
    /// All that counts against the GPU working set.
    pub gpu_total_bytes: Bytes,
    /// All that counts against physical memory.
    pub total_bytes: Bytes,
    /// The same with all that may grow with use; absent in documents of earlier versions.
    #[serde(default)]
    pub worst_gpu_total_bytes: Bytes,
    /// The same of physical memory.
    #[serde(default)]
    pub worst_total_bytes: Bytes,
}

fn is_nothing(bytes: &Bytes) -> bool {
    *bytes == Bytes::ZERO
}

impl From<&Memory> for Demand {
    /// What is there after loading.
    fn from(memory: &Memory) -> Self {
        Self {
            gpu: memory.gpu_total_bytes,
            total: memory.total_bytes,
        }
    }
}

impl Memory {
    /// What is there once all that may grow has.
    #[must_use]
    pub const fn worst(&self) -> Demand {
        Demand {
            gpu: self.worst_gpu_total_bytes,
            total: self.worst_total_bytes,
        }
    }

    /// What may grow with use, of the GPU working set.
    #[must_use]
    pub const fn gpu_growth(&self) -> Bytes {
        self.worst_gpu_total_bytes
            .saturating_sub(self.gpu_total_bytes)
    }

    /// What may grow with use, of physical memory.
    #[must_use]
    pub const fn growth(&self) -> Bytes {
        self.worst_total_bytes.saturating_sub(self.total_bytes)
    }
}

impl Memory {
    /// Memory by kind from a ledger.
    #[must_use]
    pub fn of(ledger: &Ledger) -> Self {
        let kv = ledger.of_kind(LineKind::KvCache);
        let recurrent = ledger.of_kind(LineKind::RecurrentState);
        Self {
            weights_bytes: ledger.of_kind(LineKind::Weights),
            context_bytes: kv + recurrent,
            cpu_context_bytes: ledger.at(LineKind::KvCache, Place::Cpu)
                + ledger.at(LineKind::RecurrentState, Place::Cpu),
            kv_cache_bytes: kv,
            recurrent_state_bytes: recurrent,
            gpu_compute_bytes: ledger.at(LineKind::Compute, Place::Gpu)
                + ledger.of_kind(LineKind::EngineReserve),
            cpu_compute_bytes: ledger.at(LineKind::Compute, Place::Cpu),
            gpu_total_bytes: ledger.gpu_total(),
            total_bytes: ledger.total(),
            worst_gpu_total_bytes: ledger.gpu_total() + ledger.growth(Place::Gpu),
            worst_total_bytes: ledger.total()
                + ledger.growth(Place::Gpu)
                + ledger.growth(Place::Cpu),
        }
    }

    /// Sum of two.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            weights_bytes: self.weights_bytes + other.weights_bytes,
            context_bytes: self.context_bytes + other.context_bytes,
            cpu_context_bytes: self.cpu_context_bytes + other.cpu_context_bytes,
            kv_cache_bytes: self.kv_cache_bytes + other.kv_cache_bytes,
            recurrent_state_bytes: self.recurrent_state_bytes + other.recurrent_state_bytes,
            gpu_compute_bytes: self.gpu_compute_bytes + other.gpu_compute_bytes,
            cpu_compute_bytes: self.cpu_compute_bytes + other.cpu_compute_bytes,
            gpu_total_bytes: self.gpu_total_bytes + other.gpu_total_bytes,
            total_bytes: self.total_bytes + other.total_bytes,
            worst_gpu_total_bytes: self.worst_gpu_total_bytes + other.worst_gpu_total_bytes,
            worst_total_bytes: self.worst_total_bytes + other.worst_total_bytes,
        }
    }
}
