//! A GPU as its driver tells of it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::units::Bytes;

/// A GPU as its driver tells of it; what it did not tell is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Gpu {
    /// What the driver calls it: `NVIDIA GeForce RTX 4090`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Maker, device and revision on the PCI bus, where it has no name: `1002:744c:c8`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pci: Option<String>,
    /// Memory that it alone uses: a card's, or what a BIOS keeps for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<Bytes>,
    /// What of that is in use, by whomever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_used_bytes: Option<Bytes>,
    /// What the system lets it use of its memory besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_bytes: Option<Bytes>,
    /// What of that is in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_used_bytes: Option<Bytes>,
    /// Its memory is known to be its own, beside the system's; false where nothing tells.
    pub separate: bool,
}

impl Gpu {
    /// What it is called, or its place among the world's PCI devices.
    #[must_use]
    pub fn called(&self) -> String {
        match (&self.name, &self.pci) {
            (Some(name), _) => name.clone(),
            (None, Some(pci)) => format!("AMD GPU {pci}"),
            (None, None) => "a GPU without a name".to_owned(),
        }
    }
}
