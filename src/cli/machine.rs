//! `planner machines`, and the machine that planner runs on.

use anyhow::{Result, bail};
use serde::Serialize;

use super::Outcome;
use super::context::Format;
use super::output::Output;
use crate::machine::profile::{Chip, MachineProfile};
use crate::machine::{Machine, MachineError, Profiles};
use crate::report;

#[derive(Serialize)]
struct Machines<'a> {
    schema: u32,
    machines: &'a [MachineProfile],
    chips: &'a [Chip],
}

/// Lists the machines that can be planned for.
pub(super) fn list(output: &Output) -> Result<Outcome> {
    let profiles = Profiles::embedded()?;
    match output.format {
        Format::Json => output.json(&Machines { schema: 1, machines: &profiles.machines, chips: &profiles.chips })?,
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

/// The machine that planner runs on.
pub(super) fn this_machine(_profiles: &Profiles) -> Result<Machine> {
    bail!("not yet")
}
