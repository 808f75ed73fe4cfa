//! `planner machines` and `planner probe`: the machines that can be planned for, and this one.

use anyhow::Result;
use schemars::JsonSchema;
use serde::Serialize;

use super::Outcome;
use super::context::Format;
use super::output::Output;
use crate::edge::probe;
use crate::machine::profile::{Chip, MachineProfile};
use crate::machine::reading::Reading;
use crate::machine::{Machine, MachineError, Profiles};
use crate::memory::limits::Limits;
use crate::report;

#[derive(Serialize)]
struct Machines<'a> {
    schema: u32,
    machines: &'a [MachineProfile],
    chips: &'a [Chip],
}

/// What `probe` answers.
#[derive(Serialize, JsonSchema)]
pub(super) struct Probe {
    /// Version of this shape.
    schema: u32,
    /// What was read.
    reading: Reading,
    /// What a plan for this machine would go by; absent where too little was read.
    limits: Option<Limits>,
    /// Memory bandwidth in bytes per second, where the chip is known.
    bandwidth_bytes_per_second: Option<f64>,
}

/// Lists the machines that can be planned for.
pub(super) fn list(output: &Output) -> Result<Outcome> {
    let profiles = Profiles::embedded()?;
    match output.format {
        Format::Json => output.json(&Machines {
            schema: 1,
            machines: &profiles.machines,
            chips: &profiles.chips,
        })?,
        Format::Text => {
            let machines: Vec<Machine> = profiles
                .machines
                .iter()
                .map(|p| Machine::from_profile(p, &profiles.chips))
                .collect::<Result<_, MachineError>>()?;
            output.text(&report::machine::list(&machines, &output.screen))?;
        }
    }
    Ok(Outcome::Done)
}

/// Reads this machine and says what it has.
pub(super) fn probe(output: &Output) -> Result<Outcome> {
    let profiles = Profiles::embedded()?;
    let reading = probe::read();
    let machine = Machine::from_reading(&reading, &profiles).ok();
    let limits = machine.as_ref().map(Limits::of);
    match output.format {
        Format::Json => output.json(&Probe {
            schema: 1,
            limits,
            bandwidth_bytes_per_second: machine.as_ref().and_then(Machine::bandwidth),
            reading,
        })?,
        Format::Text => output.text(&report::machine::probe(
            &reading,
            machine.as_ref(),
            &output.screen,
        ))?,
    }
    Ok(Outcome::Done)
}

/// The machine that planner runs on.
pub(super) fn this_machine(profiles: &Profiles) -> Result<Machine> {
    Ok(Machine::from_reading(&probe::read(), profiles)?)
}
