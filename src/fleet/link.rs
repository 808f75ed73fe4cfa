//! What joins two nodes, with what is known of its speed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::basis::Basis;

/// What a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LinkKind {
    /// Ethernet of 1 Gbit/s.
    Ethernet1,
    /// Ethernet of 10 Gbit/s.
    Ethernet10,
    /// A Thunderbolt 5 cable, through the system's network stack.
    Thunderbolt5,
    /// A Thunderbolt 5 cable with RDMA, which macOS has since 26.2 where it was enabled.
    Rdma,
}

impl LinkKind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Ethernet1,
        Self::Ethernet10,
        Self::Thunderbolt5,
        Self::Rdma,
    ];

    /// Its id in a fleet's file and on the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Ethernet1 => "ethernet1",
            Self::Ethernet10 => "ethernet10",
            Self::Thunderbolt5 => "thunderbolt5",
            Self::Rdma => "rdma",
        }
    }

    /// The kind of this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// Microseconds one way where nobody measured, and why.
    #[must_use]
    pub const fn usual_latency(self) -> (f64, &'static str) {
        match self {
            Self::Ethernet1 | Self::Ethernet10 => (
                300.0,
                "no figure is known: taken to be that of TCP over Thunderbolt",
            ),
            Self::Thunderbolt5 => (
                300.0,
                "TCP over Thunderbolt 5, jeffgeerling.com 2025, \"1.5 TB of VRAM\"",
            ),
            Self::Rdma => (
                50.0,
                "\"under 50 us\", jeffgeerling.com 2025; reports go down to 3 us",
            ),
        }
    }

    /// Bytes per second where nobody measured, and why.
    #[must_use]
    pub const fn usual_bandwidth(self) -> (f64, &'static str) {
        match self {
            Self::Ethernet1 => (125e6, "1 Gbit/s"),
            Self::Ethernet10 => (1.25e9, "10 Gbit/s"),
            Self::Thunderbolt5 | Self::Rdma => (
                3.5e9,
                "a file copied over Thunderbolt 5, github.com/ml-explore/mlx, issue 3207: 3.5 to 3.8 GB/s",
            ),
        }
    }
}

/// A figure of a link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LinkFigure {
    /// The figure.
    pub value: f64,
    /// Measured by the fleet's owner, or assumed of its kind.
    pub basis: Basis,
    /// Where it comes from.
    pub source: String,
}

impl LinkFigure {
    /// What the fleet's owner measured, else what is usual.
    pub(super) fn of(measured: Option<f64>, (usual, source): (f64, &str)) -> Self {
        match measured {
            Some(value) => Self {
                value,
                basis: Basis::Measured,
                source: "given in the fleet's file".to_owned(),
            },
            None => Self {
                value: usual,
                basis: Basis::Assumed,
                source: source.to_owned(),
            },
        }
    }
}

/// What joins two nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// The names of both nodes.
    pub between: [String; 2],
    /// What it is.
    pub kind: LinkKind,
    /// Microseconds one way.
    pub latency_microseconds: LinkFigure,
    /// Bytes per second.
    pub bandwidth_bytes_per_second: LinkFigure,
}
