//! `fleet.toml`: the machines of a fleet and what joins them, as a person writes it.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::fleet::link::LinkKind;
use crate::machine::Macos;
use crate::memory::Engine;
use crate::units::Bytes;

/// The file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FleetFile {
    /// Tasks that must outlive the loss of any one node, by their ids.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub survive: Vec<Spanned<String>>,
    /// The machines; at least one.
    #[serde(default)]
    #[schemars(with = "Vec<NodeEntry>")]
    pub nodes: Vec<Spanned<NodeEntry>>,
    /// What joins them. Without links only whole models are planned.
    #[serde(default)]
    #[schemars(with = "Vec<LinkEntry>")]
    pub links: Vec<Spanned<LinkEntry>>,
}

/// A machine: by a profile, or by its figures.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeEntry {
    /// What it is called here: `studio-1`.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// A machine by name (`planner machines`).
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub profile: Option<Spanned<String>>,
    /// Id of its chip, where it has no profile: `m3-ultra`. Without one its speeds are not known.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub chip: Option<Spanned<String>>,
    /// GPU cores of its chip, where it has no profile.
    #[serde(default)]
    pub gpu_cores: Option<u32>,
    /// Its memory with a unit, where it has no profile, or another than that says: `512GiB`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub memory: Option<Spanned<Size>>,
    /// The version of macOS that it runs; the newest when left out.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub macos: Option<Spanned<Macos>>,
    /// The GPU's limit, as `sysctl iogpu.wired_limit_mb` sets it: `480GiB`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub wired_limit: Option<Spanned<Size>>,
    /// Memory to leave to the system and other applications: `24GiB`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub reserve: Option<Spanned<Size>>,
    /// Where ssh reaches it; its address when left out.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub host: Option<Spanned<String>>,
    /// As whom ssh goes there.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub user: Option<Spanned<String>>,
    /// The private address that its servers are bound to: `10.0.0.1`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub address: Option<Spanned<String>>,
    /// The port of its server; LM Studio's 1234 when left out.
    #[serde(default)]
    #[schemars(with = "Option<u16>")]
    pub port: Option<Spanned<u16>>,
    /// The engines that it runs; all when left out.
    #[serde(default)]
    pub engines: Vec<Engine>,
    /// Where its models' files lie, where not in LM Studio's folder.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub models: Option<Spanned<String>>,
}

/// What joins two machines: of a kind, or by its figures.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkEntry {
    /// The names of both nodes.
    #[schemars(with = "Vec<String>")]
    pub between: Vec<Spanned<String>>,
    /// What it is.
    pub kind: LinkKind,
    /// Microseconds one way, where they were measured.
    #[serde(default)]
    #[schemars(with = "Option<f64>")]
    pub latency_microseconds: Option<Spanned<f64>>,
    /// Bytes per second with a unit, where they were measured: `3.5GB`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub bandwidth_per_second: Option<Spanned<Size>>,
}

/// A size with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub Bytes);

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let size = text.parse().map_err(serde::de::Error::custom)?;
        Ok(Self(size))
    }
}
