//! What is settled, and what is refused, before memory is counted.

use anyhow::{Result, bail};

use crate::fault;
use crate::fit::Subject;
use crate::machine::{GpuMemory, Machine};
use crate::memory::offload::Apart;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::memory::{Engine, Settings, llama_cpp};
use crate::units::exact_tokens;

/// The context asked for, else the model's own, else the shortest that is worth loading.
///
/// One beyond what the model was trained for is refused unless it is meant: engines clamp it or
/// give nonsense, and memory for it would be advice to buy a machine for nothing.
pub(super) fn context_of(
    asked: Option<u32>,
    beyond_trained: bool,
    subject: &mut Subject,
) -> Result<u32> {
    if let (Some(asked), Some(own)) = (asked, subject.context_length)
        && asked > own
        && !beyond_trained
    {
        bail!(fault!(
            "{} was trained for {}, and {asked} were asked for", subject.name, exact_tokens(own);
            "leave `--context` out, or give at most {own}; where RoPE scaling stretches it, add `--beyond-trained`"
        ));
    }
    if let Some(context) = asked.or(subject.context_length) {
        return Ok(context);
    }
    subject.notes.push(format!(
        "the file does not say which context it was trained for; {SHORTEST_CONTEXT} tokens stand in"
    ));
    Ok(SHORTEST_CONTEXT)
}

/// What the engine or the machine refuses whatever the memory.
pub(super) fn check(subject: &Subject, settings: &Settings, machine: &Machine) -> Result<()> {
    let (k, v) = (settings.kv_type_k, settings.kv_type_v);
    if let Ok(arch) = &subject.architecture
        && settings.engine == Engine::LlamaCpp
        && !llama_cpp::stores(arch, k, v)
    {
        bail!(fault!(
            "llama.cpp stores this model's keys and values in one type, and {k} and {v} were asked for";
            "give one type: `--kv-type {k}`"
        ));
    }
    if settings.engine == Engine::Mlx && !machine.is_mac() {
        bail!(fault!(
            "MLX needs Apple silicon, and {} is not a Mac with it", machine.name;
            "name a Mac with --machine (`planner machines` lists them)"
        ));
    }
    Ok(())
}

const fn flag(asked: Apart) -> &'static str {
    match asked.gpu_layers {
        Some(_) => "--gpu-layers",
        None => "--n-cpu-moe",
    }
}

/// Whether a machine has two memories for what was asked to be left to the processor.
///
/// # Errors
/// When it has one.
pub(in crate::app) fn two_memories(asked: Apart, machine: &Machine) -> Result<()> {
    let flag = flag(asked);
    if machine.gpu_memory != GpuMemory::Own {
        bail!(fault!(
            "{} has one memory: what is left to the processor would take as much of it", machine.name;
            "leave `{flag}` out, or name a machine with a graphics card"
        ));
    }
    Ok(())
}

/// Leaves layers or experts to the processor, where that was asked for. More layers on the card than
/// there are mean all of them, as llama.cpp takes it.
///
/// # Errors
/// When the machine has one memory only, or the engine or the model can't be split.
pub(super) fn apart(asked: Apart, subject: &mut Subject, machine: &Machine) -> Result<()> {
    if asked == Apart::default() {
        return Ok(());
    }
    two_memories(asked, machine)?;
    let flag = flag(asked);
    let arch = match &subject.architecture {
        Ok(arch) if subject.engine == Engine::LlamaCpp => arch,
        _ => bail!(fault!(
            "{} can't be split: its layers are not known to llama.cpp", subject.name;
            "leave `{flag}` out"
        )),
    };
    if asked.cpu_experts > 0 && arch.experts.is_none() {
        bail!(fault!(
            "{} has no experts", subject.name;
            "`--gpu-layers N` leaves whole layers to the processor"
        ));
    }
    subject.apart = Apart {
        gpu_layers: asked.gpu_layers.filter(|&n| n <= arch.layers),
        cpu_experts: asked.cpu_experts.min(arch.layers),
    };
    if subject.apart.gpu_layers.is_some() {
        subject.notes.push(
            "with whole layers on the processor its speed is not known: too few such runs were published"
                .to_owned(),
        );
    }
    Ok(())
}
