//! `planner fit`: does this model fit on the machine, beside what runs, and up to which context.

mod beside;
mod catalog;
mod companions;
mod folder;
mod gguf;
mod target;

use anyhow::{Result, bail};
use clap::Args as ClapArgs;

use super::Outcome;
use super::context::{self, Common, Format, MachineArgs, SettingsArgs};
use super::output::Output;
use crate::catalog::Catalog;
use crate::machine::{Machine, MachineError, Profiles};
use crate::memory::limits::Limits;
use crate::memory::{Engine, Settings, llama_cpp};
use crate::plan::candidates::SHORTEST_CONTEXT;
use crate::plan::fit::{Fit, Question, Subject, Verdict, fit, siblings};
use crate::report;

const EXAMPLES: &str = "\
Examples:
  planner fit qwen3-coder-next/gguf-q4_k_m --context 128k
  planner fit ~/models/model-00001-of-00009.gguf --machine m3-ultra-512gb
  planner fit ~/models/mlx-community/GLM-4.6-4bit --table
  planner fit model.gguf --slots 1 --kv-type q8_0 --format json
  planner fit model.gguf --beside qwen3-coder-next/gguf-q4_k_m@64k --beside plan.json
  planner fit model.gguf --beside-loaded";

/// Arguments of `fit`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A variant of the catalog (`model/variant`), a .gguf file (of a split file, any part), or a
    /// folder with config.json and safetensors
    model: String,
    /// Context in tokens, such as 131072 or 128k; the model's own when left out
    #[arg(long, value_name = "TOKENS", value_parser = context::context_arg)]
    context: Option<u32>,
    /// Memory over contexts up to the model's own, for each KV cache type
    #[arg(long)]
    table: bool,
    #[command(flatten)]
    beside: beside::BesideArgs,
    #[command(flatten)]
    companions: companions::CompanionArgs,
    #[command(flatten)]
    settings: SettingsArgs,
    /// The engine: llama.cpp or mlx; the one that runs the files when left out
    #[arg(long, value_name = "ENGINE", value_parser = context::engine_arg, help_heading = "Settings")]
    engine: Option<Engine>,
    #[command(flatten)]
    machine: MachineArgs,
}

/// Runs the command.
pub(super) fn run(args: &Args, common: &Common, output: &Output) -> Result<Outcome> {
    let profiles = Profiles::embedded()?;
    let machine = context::machine(&args.machine, &profiles)?;
    let catalog = context::catalog(common)?;
    let answer = answer(args, &machine, &profiles, &catalog)?;
    match output.format {
        Format::Json => output.json(&answer)?,
        Format::Text => output.text(&report::fit::text(&answer, &output.screen))?,
    }
    Ok(if answer.verdict == Verdict::Fits {
        Outcome::Done
    } else {
        Outcome::No
    })
}

fn answer(args: &Args, machine: &Machine, profiles: &Profiles, catalog: &Catalog) -> Result<Fit> {
    let found = target::find(&args.model, args.engine, catalog)?;
    let mut subject = companions::load(found, &args.companions, catalog)?;
    if subject.siblings.is_empty()
        && let Ok(arch) = &subject.architecture
    {
        subject.siblings = siblings(catalog, arch, subject.engine);
    }
    let context = context_of(args.context, &mut subject);
    let mut settings = args.settings.at(subject.engine, context)?;
    settings.draft_tokens = companions::draft_tokens(&args.companions, &subject);
    check(&subject, &settings, machine)?;
    let beside = beside::neighbours(&args.beside, catalog)?;
    let machines = macs(profiles)?;
    Ok(fit(Question {
        subject: &subject,
        settings: &settings,
        machine: &machine.name,
        limits: &Limits::of(machine),
        beside: &beside,
        machines: &machines,
        table: args.table,
    }))
}

/// The context asked for, else the model's own, else the shortest that is worth loading.
fn context_of(asked: Option<u32>, subject: &mut Subject) -> u32 {
    if let Some(context) = asked.or(subject.context_length) {
        return context;
    }
    subject.notes.push(format!(
        "the file does not say which context it was trained for; {SHORTEST_CONTEXT} tokens stand in"
    ));
    SHORTEST_CONTEXT
}

/// Every machine that planner knows.
fn macs(profiles: &Profiles) -> Result<Vec<Machine>> {
    let machines = profiles.machines.iter();
    Ok(machines
        .map(|p| Machine::from_profile(p, &profiles.chips))
        .collect::<Result<_, MachineError>>()?)
}

/// What the engine or the machine refuses whatever the memory.
fn check(subject: &Subject, settings: &Settings, machine: &Machine) -> Result<()> {
    let (k, v) = (settings.kv_type_k, settings.kv_type_v);
    if let Ok(arch) = &subject.architecture
        && settings.engine == Engine::LlamaCpp
        && !llama_cpp::stores(arch, k, v)
    {
        bail!(
            "llama.cpp stores this model's keys and values in one type, and {k} and {v} were asked for\nhint: give one type: `--kv-type {k}`"
        );
    }
    if settings.engine == Engine::Mlx && !machine.apple_silicon {
        bail!(
            "MLX needs Apple silicon, and {} is not a Mac with it\nhint: name a Mac with --machine (`planner machines` lists them)",
            machine.name
        );
    }
    Ok(())
}
