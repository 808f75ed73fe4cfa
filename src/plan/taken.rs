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
}
