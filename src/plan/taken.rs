//! Memory that a model or a loadout takes, as documents hold it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

impl Memory {
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
