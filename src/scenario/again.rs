//! A saved plan back to what it was made from: its machine and its request.

use crate::machine::profile::{Chip, WorkingSet};
use crate::machine::{ChipFigures, Kind, Machine, MacosOf, System};
use crate::plan::document::Plan;
use crate::plan::request::Request;

/// The machine that a plan was made for. Its chip comes from the table, its limits from the plan.
#[must_use]
pub fn machine(plan: &Plan, chips: &[Chip]) -> Machine {
    let (m, limits) = (&plan.machine, &plan.limits);
    let chip = m
        .chip_id
        .as_ref()
        .and_then(|id| chips.iter().find(|c| c.id == *id));
    let set = limits
        .gpu_working_set_bytes
        .zip(limits.gpu_working_set_basis);
    Machine {
        id: m.id.clone(),
        name: m.name.clone(),
        chip: chip.map(|chip| ChipFigures::of(chip, m.gpu_cores)),
        kind: m.kind.unwrap_or(if m.apple_silicon {
            Kind::Apple
        } else {
            Kind::Other
        }),
        system: m.system.or(m.apple_silicon.then_some(System::Macos)),
        gpu_memory: limits.gpu_memory,
        macos: m.macos.map(|version| MacosOf {
            version,
            assumed: m.macos_assumed,
        }),
        memory: m.memory_bytes,
        wired_limit: m.wired_limit_bytes,
        gpu_working_set: set.map(|(bytes, basis)| WorkingSet {
            bytes,
            basis,
            source: limits.gpu_working_set_source.clone().unwrap_or_default(),
        }),
        reserve: limits.reserve_bytes,
        reserve_source: limits.reserve_source.clone(),
    }
}

/// The request that a plan answers.
#[must_use]
pub fn request(plan: &Plan) -> Request {
    Request::from_summary(&plan.request)
}
