//! The machine that a request is for, and what this one says of itself.

use std::path::Path;

use anyhow::{Result, bail};
use schemars::JsonSchema;
use serde::Serialize;

use super::workspace::Workspace;
use crate::edge::{files, probe};
use crate::fault;
use crate::machine::profile::{Chip, MachineProfile};
use crate::machine::reading::Reading;
use crate::machine::{
    GpuMemory, Machine, MachineError, Macos, Profiles, parse_machine, working_sets,
};
use crate::memory::limits::Limits;
use crate::task;
use crate::toml_text::nothing_hidden;
use crate::units::Bytes;

/// Which machine, and what of it is to be otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MachineChoice {
    /// Its id or a profile file; the machine that planner runs on when left out.
    pub name: Option<String>,
    /// Another amount of memory.
    pub memory: Option<Bytes>,
    /// The version of macOS that it runs; the newest, or its own, when left out.
    pub macos: Option<Macos>,
    /// Another limit of the GPU.
    pub wired_limit: Option<Bytes>,
    /// Another amount of memory left to the system.
    pub reserve: Option<Bytes>,
}

impl MachineChoice {
    /// A machine by name, as it is.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            ..Self::default()
        }
    }

    /// The machine that is meant.
    ///
    /// # Errors
    /// When there is none of that name, this one can't be read, or a figure is not possible on it.
    pub fn find(&self, profiles: &Profiles) -> Result<Machine> {
        let mut machine = match &self.name {
            Some(name) => named(name, profiles)?,
            None => this(profiles)?,
        };
        if let Some(bytes) = self.memory.filter(|b| *b != machine.memory) {
            machine = machine.with_memory(bytes);
            machine.name = format!("{}, with {bytes} given", machine.name);
        }
        if let Some(version) = self.macos {
            check_macos(version, &machine, self.name.is_none())?;
            machine = machine.with_macos(version);
        }
        if let Some(bytes) = self.wired_limit {
            if machine.gpu_memory == GpuMemory::Own {
                bail!(fault!(
                    "{} has {} of its own, which no setting changes", machine.name, machine.gpu_memory.name();
                    "leave `--wired-limit` out"
                ));
            }
            if bytes > machine.memory {
                bail!(fault!(
                    "a GPU limit of {} is more than the machine's memory of {}", bytes.both(), machine.memory.both();
                    "give a smaller `--wired-limit`, or a larger `--memory`"
                ));
            }
            if machine.gpu_working_set.is_none() {
                bail!(fault!(
                    "no limit of the GPU is known on this machine, and none that can be set";
                    "name a machine with `--machine`, or leave `--wired-limit` out"
                ));
            }
            machine = machine.with_wired_limit(bytes);
        }
        if let Some(bytes) = self.reserve {
            if bytes >= machine.memory {
                bail!(fault!(
                    "a reserve of {} leaves nothing of the machine's memory of {}", bytes.both(), machine.memory.both();
                    "give a smaller `--reserve`; `planner config` shows whether a default of yours says it"
                ));
            }
            machine = machine.with_reserve(bytes);
        }
        Ok(machine)
    }
}

/// Whether a machine can be planned for with this version of macOS.
pub(super) fn check_macos(version: Macos, machine: &Machine, is_this: bool) -> Result<()> {
    if machine.macos.is_none() {
        bail!(fault!(
            "{} does not run macOS, and no macOS {version}", machine.name;
            "name a Mac with `--machine`, which `planner machines` lists, or leave `--macos` out"
        ));
    }
    if is_this {
        bail!(fault!(
            "macOS {version} can be assumed of a simulated machine only; this one says which it runs";
            "name a Mac with `--machine`, or leave `--macos` out"
        ));
    }
    let known = working_sets::known_versions();
    if !known.contains(&version.major) {
        let known: Vec<String> = known.iter().map(u32::to_string).collect();
        bail!(fault!(
            "macOS {version}: no figures for this version";
            "give `--macos` one of {}", known.join(", ")
        ));
    }
    Ok(())
}

/// The machine that planner runs on.
///
/// # Errors
/// When too little of it can be read.
pub fn this(profiles: &Profiles) -> Result<Machine> {
    Ok(Machine::from_reading(&probe::read(), profiles)?)
}

/// A machine by id or profile file.
///
/// # Errors
/// When there is none, or the file can't be read.
pub fn named(name: &str, profiles: &Profiles) -> Result<Machine> {
    let profile = profile(name, profiles)?;
    Ok(Machine::from_profile(&profile, &profiles.chips)?)
}

/// Every machine that can be planned for.
///
/// # Errors
/// When a shipped profile is broken, which a test rules out.
pub fn all(profiles: &Profiles) -> Result<Vec<Machine>> {
    let machines = profiles.machines.iter();
    Ok(machines
        .map(|p| Machine::from_profile(p, &profiles.chips))
        .collect::<Result<_, MachineError>>()?)
}

/// Every Mac that can be planned for.
///
/// # Errors
/// When a shipped profile is broken, which a test rules out.
pub fn macs(profiles: &Profiles) -> Result<Vec<Machine>> {
    let mut all = all(profiles)?;
    all.retain(Machine::is_mac);
    Ok(all)
}

/// The profile of a machine by id, or of a file.
fn profile(name: &str, profiles: &Profiles) -> Result<MachineProfile> {
    if files::means_a_file(name) {
        let text = files::read_text(Path::new(name))?;
        nothing_hidden(name, &text)?;
        let of_task = || task::parse(name, &text).is_ok();
        parse_machine(name, &text).map_err(|error| match of_task() {
            true => {
                fault!("{name} is a task, not a machine"; "give it with `--task {name}`").into()
            }
            false => error.into(),
        })
    } else {
        Ok(profiles.machine(name)?.clone())
    }
}

/// Which machines to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MachineFilter {
    /// The id or name has all of these words.
    pub words: Vec<String>,
    /// So much memory.
    pub memory: Option<Bytes>,
}

impl MachineFilter {
    fn keeps(&self, profile: &MachineProfile) -> bool {
        let text = format!("{} {}", profile.id, profile.name).to_lowercase();
        let named = self.words.iter().all(|w| text.contains(&w.to_lowercase()));
        named && self.memory.is_none_or(|m| profile.memory_bytes == m)
    }
}

/// Version of the shape of what `machines` answers.
const LIST_SCHEMA: u32 = 1;
/// Version of the shape of what `probe` answers.
const PROBE_SCHEMA: u32 = 1;

/// What `machines` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Machines {
    /// Version of this shape.
    pub schema: u32,
    /// The machines that were asked for.
    pub machines: Vec<MachineProfile>,
    /// All chips.
    pub chips: Vec<Chip>,
}

impl Machines {
    fn of(machines: Vec<MachineProfile>, workspace: &Workspace) -> Self {
        Self {
            schema: LIST_SCHEMA,
            machines,
            chips: workspace.profiles().chips.clone(),
        }
    }

    /// The machines as plans count on them.
    ///
    /// # Errors
    /// When a profile names a chip that the table lacks.
    pub fn resolved(&self) -> Result<Vec<Machine>> {
        let machines = self.machines.iter();
        Ok(machines
            .map(|p| Machine::from_profile(p, &self.chips))
            .collect::<Result<_, MachineError>>()?)
    }
}

/// The machines that can be planned for.
#[must_use]
pub fn list(workspace: &Workspace, filter: &MachineFilter) -> Machines {
    let all = workspace.profiles().machines.iter();
    let kept = all.filter(|p| filter.keeps(p)).cloned().collect();
    Machines::of(kept, workspace)
}

/// One machine, by id or profile file.
///
/// # Errors
/// When there is none, or the file can't be read.
pub fn show(workspace: &Workspace, name: &str) -> Result<Machines> {
    let one = profile(name, workspace.profiles())?;
    Ok(Machines::of(vec![one], workspace))
}

/// What `probe` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Probe {
    /// Version of this shape.
    pub schema: u32,
    /// What was read.
    pub reading: Reading,
    /// What a plan for this machine would go by; absent where too little was read.
    pub limits: Option<Limits>,
    /// Memory bandwidth in bytes per second, where the chip is known.
    pub bandwidth_bytes_per_second: Option<f64>,
    /// The machine that a plan would be made for.
    #[serde(skip)]
    pub machine: Option<Machine>,
}

/// Reads this machine.
#[must_use]
pub fn probe(workspace: &Workspace) -> Probe {
    let reading = probe::read();
    let machine = Machine::from_reading(&reading, workspace.profiles()).ok();
    Probe {
        schema: PROBE_SCHEMA,
        limits: machine.as_ref().map(Limits::of),
        bandwidth_bytes_per_second: machine.as_ref().and_then(Machine::bandwidth),
        reading,
        machine,
    }
}
