//! Which GPU of a machine that is no Mac models run on, and what it may use.

use super::gpu::Gpu;
use super::gpu_limits::default_share;
use super::kind::{GpuMemory, Kind, System};
use super::profile::{Chip, WorkingSet};
use super::profiles::Profiles;
use super::reading::Reading;
use crate::basis::Basis;
use crate::units::Bytes;

/// What a GPU makes of a machine.
pub(super) struct Graphics<'a> {
    pub(super) name: String,
    /// Its figures, where it is one that we know.
    pub(super) chip: Option<&'a Chip>,
    pub(super) kind: Kind,
    pub(super) gpu_memory: GpuMemory,
    pub(super) working_set: WorkingSet,
    /// Its limit, where somebody set it.
    pub(super) set: Option<Bytes>,
}

/// The GPU that may use the most memory. None where none is known for what it is: then nothing is
/// known of its memory either.
pub(super) fn graphics<'a>(
    reading: &Reading,
    system: Option<System>,
    memory: Bytes,
    profiles: &'a Profiles,
) -> Option<Graphics<'a>> {
    let known = reading.gpus.iter().filter_map(|gpu| {
        let chip = chip_of(gpu, reading, profiles);
        match chip.map(|chip| chip.kind) {
            Some(Kind::Gb10) => gb10(gpu, chip, system?, memory),
            Some(Kind::StrixHalo) => strix_halo(gpu, chip, reading, memory),
            Some(Kind::GraphicsCard) => card(gpu, chip),
            Some(Kind::Apple | Kind::Other) | None if gpu.separate => card(gpu, None),
            Some(Kind::Apple | Kind::Other) | None => None,
        }
    });
    // Of equal ones the first, which drivers number so.
    let known: Vec<Graphics<'a>> = known.collect();
    known.into_iter().rev().max_by_key(|g| g.working_set.bytes)
}

/// The chip by the name that its driver gives, else by its number; an integrated one that tells
/// neither, by its processor.
fn chip_of<'a>(gpu: &Gpu, reading: &Reading, profiles: &'a Profiles) -> Option<&'a Chip> {
    if let Some(name) = &gpu.name {
        return profiles.chip_of_brand(name);
    }
    match &gpu.pci {
        Some(pci) => profiles.chip_of_pci(pci),
        None if gpu.separate => None,
        None => profiles
            .chip_of_brand(reading.chip.as_deref()?)
            .filter(|chip| chip.pci.is_some()),
    }
}

fn gb10<'a>(
    gpu: &Gpu,
    chip: Option<&'a Chip>,
    system: System,
    memory: Bytes,
) -> Option<Graphics<'a>> {
    Some(Graphics {
        name: gpu.called(),
        chip,
        kind: Kind::Gb10,
        gpu_memory: GpuMemory::Shared,
        working_set: default_share(Kind::Gb10, system, memory)?,
        set: None,
    })
}

/// Linux puts models into the larger of what the BIOS keeps for the GPU and what the kernel lets
/// it have of the rest (ROCm/rocm-systems pull request 1967), of which there is no more than memory.
fn strix_halo<'a>(
    gpu: &Gpu,
    chip: Option<&'a Chip>,
    reading: &Reading,
    memory: Bytes,
) -> Option<Graphics<'a>> {
    let shared = gpu.shared_bytes?.min(memory);
    let kept = gpu.memory_bytes?;
    let own = kept > shared;
    let (bytes, source) = if own {
        (kept, "kept for the GPU by the BIOS: mem_info_vram_total")
    } else {
        (
            shared,
            "read from mem_info_gtt_total, and no more than ttm.pages_limit and memory",
        )
    };
    let half = Bytes(memory.0 / 2);
    // The kernel halves what it saw at its start, which is not quite what it tells later.
    let stock = shared.0.abs_diff(half.0) <= half.0 / 50;
    let brand = reading.chip.as_deref();
    Some(Graphics {
        name: brand.map_or_else(|| gpu.called(), str::to_owned),
        // Smaller siblings have its number, and not its compute units.
        chip: chip.filter(|chip| Some(chip.brand.as_str()) == brand),
        kind: Kind::StrixHalo,
        gpu_memory: if own {
            GpuMemory::Own
        } else {
            GpuMemory::Shared
        },
        working_set: measured(bytes, source),
        set: Some(shared).filter(|_| !own && !stock),
    })
}

fn card<'a>(gpu: &Gpu, chip: Option<&'a Chip>) -> Option<Graphics<'a>> {
    let source = match gpu.name {
        Some(_) => "memory.total of nvidia-smi",
        None => "mem_info_vram_total of its driver",
    };
    Some(Graphics {
        name: chip.map_or_else(|| gpu.called(), |chip| chip.brand.clone()),
        chip,
        kind: Kind::GraphicsCard,
        gpu_memory: GpuMemory::Own,
        working_set: measured(gpu.memory_bytes.filter(|b| *b > Bytes::ZERO)?, source),
        set: None,
    })
}

fn measured(bytes: Bytes, source: &str) -> WorkingSet {
    WorkingSet {
        bytes,
        basis: Basis::Measured,
        source: source.to_owned(),
    }
}
