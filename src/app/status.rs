//! What is loaded, and whether it is what was planned.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::loaded_rows::row;
use super::studio::Open;
use super::workspace::Workspace;
use crate::apply::document::{LinkedRow, LoadedRow, SCHEMA, StatusReport};
use crate::apply::promises::{Given, promises};
use crate::apply::{difference, is_llm, local_models};
use crate::catalog::Catalog;
use crate::edge::{files, probe};
use crate::emit::Options;
use crate::lmstudio::{Listing, Loaded};
use crate::machine::engines::Engine;
use crate::machine::reading::{MemoryUse, Reading};
use crate::machine::{GpuMemory, Machine};
use crate::measure::document::Bench;
use crate::memory::limits::Limits;
use crate::plan::Plan;
use crate::plan::document::Memory;
use crate::units::Bytes;

/// Whether exactly a plan is loaded; with a result of `bench` and what is asked of it, also whether
/// it keeps what the plan promises.
///
/// # Errors
/// As [`status`], and when the result can't be read.
pub fn verify(
    workspace: &Workspace,
    studio: &Open,
    plan: &Plan,
    options: &Options,
    bench: Option<(&Path, Given)>,
) -> Result<StatusReport> {
    let mut report = status(workspace, studio, Some(plan), options)?;
    if let Some((path, given)) = bench {
        let bench: Bench = serde_json::from_str(&files::read_text(path)?)
            .with_context(|| format!("{} is no result of `planner bench`", path.display()))?;
        report.promises = Some(promises(plan, &bench, given));
    }
    Ok(report)
}

/// What is loaded, its memory, and what differs from a plan.
///
/// # Errors
/// When LM Studio can't be asked, or a model of the plan is not installed.
pub fn status(
    workspace: &Workspace,
    studio: &Open,
    plan: Option<&Plan>,
    options: &Options,
) -> Result<StatusReport> {
    let reading = probe::read();
    let machine = Machine::from_reading(&reading, workspace.profiles()).ok();
    let seen = Seen::of(&reading, machine.as_ref());
    compared(workspace.catalog()?, studio, (plan, options), &seen)
}

/// What is loaded on a machine whose memory was read.
pub(super) fn compared(
    catalog: &Catalog,
    studio: &Open,
    (plan, options): (Option<&Plan>, &Options),
    seen: &Seen,
) -> Result<StatusReport> {
    let Listing { rows: now, mut odd } = studio.loaded()?;
    let target = match plan {
        Some(plan) => {
            let mut told = |row: &_| odd.push(Clone::clone(row));
            studio.targets(plan, options, &mut told)?.instances
        }
        None => Vec::new(),
    };
    let drift = plan.map(|_| difference(&now, &target, &is_llm).drift());
    let loaded: Vec<LoadedRow> = local_models(&now, &target)
        .into_iter()
        .map(|l| row(l, plan, catalog))
        .collect();
    let sum = |bytes: fn(&Memory) -> Bytes| -> Option<Bytes> {
        let known = loaded.iter().map(|r| r.memory.as_ref().map(bytes));
        known.sum()
    };
    Ok(StatusReport {
        schema: SCHEMA,
        drift,
        promises: None,
        score: None,
        ledger_gpu_bytes: sum(|m| m.gpu_total_bytes),
        may_grow_bytes: sum(Memory::growth),
        held_bytes: seen.held_bytes,
        gpu_working_set_bytes: seen.gpu_working_set_bytes,
        gpu_memory: seen.gpu_memory,
        physical_bytes: seen.physical_bytes,
        available_bytes: seen.available_bytes,
        unreadable: odd.into_iter().map(|row| row.name).collect(),
        linked: linked(&now),
        loaded,
    })
}

/// What a machine says of its memory now.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    held_bytes: Option<Bytes>,
    pub(super) gpu_working_set_bytes: Option<Bytes>,
    pub(super) gpu_memory: GpuMemory,
    pub(super) physical_bytes: Option<Bytes>,
    pub(super) available_bytes: Option<Bytes>,
}

impl Seen {
    /// What a reading says, and the machine that was made of it.
    pub(super) fn of(reading: &Reading, machine: Option<&Machine>) -> Self {
        let available = |m: &Machine| {
            let used = reading.memory.as_ref()?.in_use_bytes;
            Some(m.memory.saturating_sub(used))
        };
        Self {
            held_bytes: reading.memory.as_ref().and_then(held),
            gpu_working_set_bytes: machine.and_then(|m| Limits::of(m).gpu_working_set_bytes),
            gpu_memory: machine.map_or_else(GpuMemory::default, |m| m.gpu_memory),
            physical_bytes: machine.map(|m| m.memory),
            available_bytes: machine.and_then(available),
        }
    }
}

/// What LM Studio's processes hold; none where there is none.
fn held(memory: &MemoryUse) -> Option<Bytes> {
    let own = memory.engines.iter();
    own.filter(|e| e.engine == Engine::LmStudio)
        .map(|e| e.resident_bytes)
        .reduce(|a, b| a + b)
}

fn linked(now: &[Loaded]) -> Vec<LinkedRow> {
    now.iter()
        .filter_map(|l| {
            Some(LinkedRow {
                identifier: l.state.identifier.clone(),
                key: l.model.model_key.clone(),
                device: l.model.device_identifier.clone()?,
            })
        })
        .collect()
}
