//! The state of the machine that goes with a result: what decides speed and is not the model.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::basis::Basis;
use crate::machine::Machine;
use crate::machine::parse::PowerState;
use crate::machine::reading::Reading;
use crate::units::Bytes;

/// The machine at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MachineState {
    /// Id of the chip, where it is one we know.
    pub chip: Option<String>,
    /// The chip as it names itself.
    pub chip_name: Option<String>,
    /// `hw.model`.
    pub model_identifier: Option<String>,
    /// GPU cores.
    pub gpu_cores: Option<u32>,
    /// Physical memory.
    pub memory_physical_bytes: Option<Bytes>,
    /// The operating system and its version.
    pub os: String,
    /// How much memory the GPU may use.
    pub gpu_working_set_bytes: Option<Bytes>,
    /// Memory in use, by all.
    pub in_use_bytes: Option<Bytes>,
    /// Memory that model engines hold.
    pub engines_bytes: Option<Bytes>,
    /// Swap in use.
    pub swap_used_bytes: Option<Bytes>,
    /// `ac` or `battery`.
    pub power_source: Option<String>,
    /// Whether the system saves power at the cost of speed.
    pub low_power_mode: Option<bool>,
    /// The speed that heat leaves the CPU, in percent, where macOS tells.
    pub cpu_speed_limit_percent: Option<u32>,
    /// What could not be read, and why.
    pub missing: Vec<String>,
}

impl MachineState {
    /// The state in a reading; `machine` is what it makes, where enough was read.
    #[must_use]
    pub fn of(reading: &Reading, power: &PowerState, machine: Option<&Machine>) -> Self {
        // Of a machine with a graphics card that is the card, whose name is the chip's.
        let chip = machine.and_then(|m| m.chip.as_ref());
        let set = machine.and_then(|m| m.gpu_working_set.as_ref());
        let memory = reading.memory.as_ref();
        let os = [
            Some(reading.os.name.as_str()),
            reading.os.version.as_deref(),
        ];
        Self {
            chip: chip.map(|c| c.id.clone()),
            chip_name: chip
                .map(|c| c.brand.clone())
                .or_else(|| reading.chip.clone()),
            model_identifier: reading.model_identifier.clone(),
            gpu_cores: reading.gpu_cores.or(chip.and_then(|c| c.gpu_cores)),
            memory_physical_bytes: reading.memory_physical_bytes,
            os: os.into_iter().flatten().collect::<Vec<_>>().join(" "),
            gpu_working_set_bytes: set
                .filter(|set| set.basis == Basis::Measured)
                .map(|set| set.bytes),
            in_use_bytes: memory.map(|m| m.in_use_bytes),
            engines_bytes: memory.map(|m| m.engines.iter().map(|e| e.resident_bytes).sum()),
            swap_used_bytes: reading.swap.as_ref().map(|s| s.used_bytes),
            power_source: power.source.clone(),
            low_power_mode: power.low_power_mode,
            cpu_speed_limit_percent: power.cpu_speed_limit_percent,
            missing: reading
                .missing
                .iter()
                .map(|m| format!("{}: {}", m.what, m.reason))
                .chain(power.missing.iter().cloned())
                .collect(),
        }
    }

    /// What in this state makes a measurement slower than the machine is.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        let mut out = Vec::new();
        if let Some(swap) = self.swap_used_bytes.filter(|s| *s >= Bytes::from_gib(1)) {
            out.push(format!(
                "{} of swap were in use before the first request: memory may have been short",
                swap.both()
            ));
        }
        if self.power_source.as_deref() == Some("battery") {
            out.push("the machine ran on battery".to_owned());
        }
        if self.low_power_mode == Some(true) {
            out.push("low power mode was on".to_owned());
        }
        if let Some(limit) = self.cpu_speed_limit_percent.filter(|p| *p < 100) {
            out.push(format!("heat held the CPU to {limit} % of its speed"));
        }
        out
    }
}
