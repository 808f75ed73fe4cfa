//! What the files in `profiles/` say about chips and machines.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::{GpuMemory, Kind, System};
use crate::units::Bytes;

/// `profiles/chips.toml`: every chip that we have sourced figures for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChipTable {
    /// The chips.
    pub chips: Vec<Chip>,
}

/// One chip, in all its GPU bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chip {
    /// Id: `m3-ultra`.
    pub id: String,
    /// The exact text of `machdep.cpu.brand_string`: `Apple M3 Ultra`. Matched whole, never by prefix.
    pub brand: String,
    /// What its GPU is on the PCI bus where no driver names it: maker and device `1002:1586`, with
    /// the revision where that tells it from others. Compared whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pci: Option<String>,
    /// The kind of machine that it makes; Apple's unless stated.
    #[serde(default = "Kind::apple")]
    pub kind: Kind,
    /// Size class, by which speeds are predicted: `base`, `pro`, `max`, `ultra`; empty for chips that
    /// are not Apple's.
    #[serde(default)]
    pub tier: String,
    /// Memory bandwidth by GPU core count.
    pub bins: Vec<Bin>,
    /// Where the figures come from.
    pub source: String,
    /// Disagreements and cautions, for people.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// One bin of a chip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bin {
    /// GPU cores.
    pub gpu_cores: u32,
    /// CPU cores, all kinds together.
    pub cpu_cores: u32,
    /// Memory bandwidth in GB/s (10^9 bytes per second); absent where no source gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bandwidth_gb_per_second: Option<f64>,
}

/// `profiles/machines/*.toml`: one machine that can be simulated anywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineProfile {
    /// Id: `m3-ultra-512gb`.
    pub id: String,
    /// The name people use: `Mac Studio M3 Ultra, 512 GB`.
    pub name: String,
    /// `hw.model` identifiers, where known: `Mac15,14`.
    #[serde(default)]
    pub model_identifiers: Vec<String>,
    /// Id of the chip in `profiles/chips.toml`; absent for a machine whose chip has no row there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chip: Option<String>,
    /// GPU cores of this machine's bin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_cores: Option<u32>,
    /// Its operating system; macOS of Apple's, else Linux, unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<System>,
    /// How its GPU comes by its memory; as its kind does unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_memory: Option<GpuMemory>,
    /// Physical memory: what the system has, less what a BIOS keeps for the GPU. A "512 GB" Mac has
    /// 512 GiB.
    pub memory_bytes: Bytes,
    /// What the GPU may use by default on a current system, where a source gives it for this size,
    /// or the GPU's own memory; absent, `profiles/working-sets.toml` and `gpu-limits.toml` apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_working_set: Option<WorkingSet>,
    /// Where the figures come from.
    pub sources: Vec<String>,
    /// Disagreements and cautions, for people.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A GPU working set and where it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkingSet {
    /// Bytes.
    pub bytes: Bytes,
    /// `measured` or `assumed`.
    pub basis: crate::basis::Basis,
    /// Where it was seen, and what is not sure about it.
    pub source: String,
}
