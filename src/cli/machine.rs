//! `planner machines` and `planner probe`: the machines that can be planned for, and this one.

use anyhow::Result;
use clap::{Args as ClapArgs, Subcommand};
use schemars::JsonSchema;
use serde::Serialize;

use super::Outcome;
use super::context;
use super::context::Format;
use super::output::Output;
use crate::edge::probe;
use crate::machine::profile::{Chip, MachineProfile};
use crate::machine::reading::Reading;
use crate::machine::{Machine, MachineError, Profiles};
use crate::memory::limits::Limits;
use crate::report;
use crate::units::Bytes;

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

const EXAMPLES: &str = "\
Examples:
  planner machines                     all of them
  planner machines m3 ultra            those whose id or name has both words
  planner machines --memory 128GiB
  planner machines show m3-ultra-512gb";

/// Arguments of `machines`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct ListArgs {
    #[command(subcommand)]
    show: Option<Show>,
    /// Only machines whose id or name has all of these words
    words: Vec<String>,
    /// Only machines with this much memory, such as 128GiB
    #[arg(long, value_name = "SIZE")]
    memory: Option<Bytes>,
}

#[derive(Debug, Subcommand)]
enum Show {
    /// All that is known of one machine, and from where
    Show {
        /// Its id, or a profile file
        machine: String,
    },
}

impl ListArgs {
    fn keep(&self, profile: &MachineProfile) -> bool {
        let text = format!("{} {}", profile.id, profile.name).to_lowercase();
        let named = self.words.iter().all(|w| text.contains(&w.to_lowercase()));
        named
            && self
                .memory
                .is_none_or(|bytes| profile.memory_bytes == bytes)
    }
}

/// Lists the machines that can be planned for; a single one in full.
pub(super) fn list(args: &ListArgs, output: &Output) -> Result<Outcome> {
    let profiles = Profiles::embedded()?;
    if let Some(Show::Show { machine }) = &args.show {
        let profile = context::profile(machine, &profiles)?;
        show(std::slice::from_ref(&profile), &profiles, output)?;
        return Ok(Outcome::Done);
    }
    let kept = profiles.machines.iter().filter(|p| args.keep(p));
    let kept: Vec<MachineProfile> = kept.cloned().collect();
    show(&kept, &profiles, output)?;
    Ok(if kept.is_empty() {
        output.note("no machine is like that; `planner machines` lists them all");
        Outcome::No
    } else {
        Outcome::Done
    })
}

fn show(kept: &[MachineProfile], profiles: &Profiles, output: &Output) -> Result<()> {
    if output.format == Format::Json {
        return output.json(&Machines {
            schema: 1,
            machines: kept,
            chips: &profiles.chips,
        });
    }
    let machines: Vec<Machine> = kept
        .iter()
        .map(|p| Machine::from_profile(p, &profiles.chips))
        .collect::<Result<_, MachineError>>()?;
    let text = match (machines.as_slice(), kept) {
        ([], _) => String::new(),
        ([machine], [profile]) => report::machine::one(machine, profile, &output.screen),
        _ => report::machine::list(&machines, &output.screen),
    };
    output.text(&text)
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
