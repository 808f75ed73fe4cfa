//! A machine and a speed as documents show them.

use super::document::{MachineSummary, SpeedSummary};
use crate::machine::{Kind, Machine};
use crate::speed::Figure;

impl MachineSummary {
    /// What a plan says of the machine it is for.
    #[must_use]
    pub fn of(machine: &Machine) -> Self {
        Self {
            id: machine.id.clone(),
            name: machine.name.clone(),
            chip: machine.chip.as_ref().map(|c| c.brand.clone()),
            memory_bytes: machine.memory,
            wired_limit_bytes: machine.wired_limit,
            bandwidth_bytes_per_second: machine.bandwidth(),
            chip_id: machine.chip.as_ref().map(|c| c.id.clone()),
            gpu_cores: machine.chip.as_ref().and_then(|c| c.gpu_cores),
            apple_silicon: machine.is_mac(),
            kind: Some(machine.kind).filter(|k| !matches!(k, Kind::Apple | Kind::Other)),
            system: machine.system.filter(|_| !machine.is_mac()),
            macos: machine.macos.map(|m| m.version),
            macos_assumed: machine.macos.is_some_and(|m| m.assumed),
        }
    }
}

impl SpeedSummary {
    /// A speed at an (almost) empty context, and of no turn yet.
    #[must_use]
    pub fn of(speed: &Figure) -> Self {
        let (low, high) = speed.range();
        let wall = match speed {
            Figure::Measured(seen) => seen.wall_clock_tokens_per_second,
            Figure::Predicted(_) => None,
        };
        Self {
            decode_tokens_per_second: speed.value(),
            basis: speed.basis(),
            source: speed.source().to_string(),
            low,
            high,
            wall_clock_tokens_per_second: wall,
            depth_tokens: None,
            turns: Vec::new(),
        }
    }
}
