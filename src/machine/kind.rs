//! Kinds of machines, and how their GPU comes by its memory.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What sort of machine it is, as far as memory and speed go.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A Mac with Apple silicon.
    Apple,
    /// NVIDIA GB10: DGX Spark and its siblings.
    Gb10,
    /// AMD Strix Halo: Ryzen AI Max.
    StrixHalo,
    /// A PC with one graphics card.
    GraphicsCard,
    /// Any other: its memory is planned, and no speed is known.
    #[default]
    Other,
}

impl Kind {
    pub(super) const fn apple() -> Self {
        Self::Apple
    }

    /// Whether it is a Mac, where MLX runs and macOS sets the GPU's limit.
    #[must_use]
    pub const fn is_mac(self) -> bool {
        matches!(self, Self::Apple)
    }

    /// What people call one of its kind.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        if self.is_mac() { "Mac" } else { "machine" }
    }

    /// Its GPU's memory where its profile does not say.
    #[must_use]
    pub const fn gpu_memory(self) -> GpuMemory {
        match self {
            Self::Apple | Self::Other => GpuMemory::WorkingSet,
            Self::Gb10 | Self::StrixHalo => GpuMemory::Shared,
            Self::GraphicsCard => GpuMemory::Own,
        }
    }
}

/// An operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum System {
    /// macOS.
    Macos,
    /// Linux.
    Linux,
    /// Windows.
    Windows,
}

impl System {
    /// The one that a machine of a kind comes with.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        if kind.is_mac() {
            Self::Macos
        } else {
            Self::Linux
        }
    }
}

impl std::fmt::Display for System {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Macos => "macOS",
            Self::Linux => "Linux",
            Self::Windows => "Windows",
        })
    }
}

/// How a GPU comes by its memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GpuMemory {
    /// A part of physical memory, as macOS allots it.
    #[default]
    WorkingSet,
    /// A part of physical memory, as another system allots it.
    Shared,
    /// Memory of its own, beside physical memory.
    Own,
}

impl GpuMemory {
    /// Whether it is macOS's working set.
    #[must_use]
    pub fn is_working_set(&self) -> bool {
        *self == Self::WorkingSet
    }

    /// What its limit is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WorkingSet => "GPU working set",
            Self::Shared => "GPU memory",
            Self::Own => "VRAM",
        }
    }
}
