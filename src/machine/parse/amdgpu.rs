//! What Linux's driver for AMD's GPUs says in `/sys`, a line `path:value` for each file, as
//! `grep -H . /sys/class/drm/card*/device/*` prints it.

use std::collections::BTreeMap;

use super::error::ParseError;
use crate::machine::gpu::Gpu;
use crate::units::Bytes;

const FROM: &str = "/sys/class/drm";
/// The files of a GPU's folder that are read.
pub const AMDGPU_FILES: [&str; 8] = [
    "vendor",
    "device",
    "revision",
    "mem_info_vram_total",
    "mem_info_vram_used",
    "mem_info_vram_vendor",
    "mem_info_gtt_total",
    "mem_info_gtt_used",
];
/// How many pages of 4 KiB the kernel lets all GPUs have of the system's memory.
pub const PAGES_LIMIT: &str = "/sys/module/ttm/parameters/pages_limit";
const PAGE: u64 = 4096;
const AMD: &str = "0x1002";
/// Drivers give integrated GPUs no maker of memory, or these words.
const NO_MAKER: [&str; 2] = ["", "unknown"];

type Files<'a> = BTreeMap<&'a str, &'a str>;

/// Reads the GPUs of AMD; those of others have no such files.
///
/// # Errors
/// When a size is none.
pub fn parse_amdgpu(text: &str) -> Result<Vec<Gpu>, ParseError> {
    let mut cards: BTreeMap<&str, Files<'_>> = BTreeMap::new();
    let mut pages = None;
    for (path, value) in text.lines().filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if path == PAGES_LIMIT {
            pages = Some(number(path, value)?);
        } else if let Some((card, file)) = path.rsplit_once('/') {
            cards.entry(card).or_default().insert(file, value);
        }
    }
    let limit = pages.and_then(|pages| pages.checked_mul(PAGE)).map(Bytes);
    let amd = cards.values().filter(|files| is_amd(files));
    amd.map(|files| gpu(files, limit)).collect()
}

/// Only this driver tells of memory so; people who copy such files leave the maker out.
fn is_amd(files: &Files<'_>) -> bool {
    match files.get("vendor") {
        Some(vendor) => *vendor == AMD,
        None => files.contains_key("mem_info_vram_total"),
    }
}

fn gpu(files: &Files<'_>, limit: Option<Bytes>) -> Result<Gpu, ParseError> {
    let size = |file: &str| {
        let value = files.get(file);
        value
            .map(|value| number(file, value).map(Bytes))
            .transpose()
    };
    // What the driver offers and what the kernel grants: the smaller one holds.
    let offered = size("mem_info_gtt_total")?;
    let maker = files
        .get("mem_info_vram_vendor")
        .copied()
        .unwrap_or_default();
    Ok(Gpu {
        name: None,
        pci: pci(files),
        memory_bytes: size("mem_info_vram_total")?,
        memory_used_bytes: size("mem_info_vram_used")?,
        shared_bytes: offered.map(|offered| limit.map_or(offered, |limit| limit.min(offered))),
        shared_used_bytes: size("mem_info_gtt_used")?,
        separate: !NO_MAKER.contains(&maker),
    })
}

fn pci(files: &Files<'_>) -> Option<String> {
    let hex = |file: &str| files.get(file)?.strip_prefix("0x");
    let (device, revision) = (hex("device")?, hex("revision")?);
    Some(format!("1002:{device}:{revision}"))
}

fn number(file: &str, value: &str) -> Result<u64, ParseError> {
    let expected = || format!("a whole number in `{file}`");
    value
        .parse()
        .map_err(|_| ParseError::unexpected(FROM, expected(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    fn one(text: &str) -> Gpu {
        let [gpu]: [Gpu; 1] = parse_amdgpu(text).unwrap().try_into().unwrap();
        gpu
    }

    #[test]
    fn a_strix_halo_has_what_its_kernel_grants_and_a_little_of_its_own() {
        let gpu = one(include_str!(
            "../../../tests/data/probe/drm-strix-halo-96gib.txt"
        ));
        assert_eq!(gpu.shared_bytes, Some(Bytes(96 * GIB)));
        assert_eq!(gpu.memory_bytes, Some(Bytes(4 * GIB)));
        assert!(!gpu.separate);
    }

    /// The driver was told of 128 GiB, the kernel of nothing: HIP could have 62.47 GiB.
    #[test]
    fn the_smaller_of_two_limits_holds() {
        let gpu = one(include_str!(
            "../../../tests/data/probe/drm-strix-halo-gttsize-alone.txt"
        ));
        let half = 16_375_808 * PAGE;
        assert_eq!(gpu.shared_bytes, Some(Bytes(half)));
        assert_eq!(gpu.memory_bytes, Some(Bytes(GIB / 2)));
    }

    #[test]
    fn a_card_beside_an_integrated_gpu_is_told_from_it_by_who_made_its_memory() {
        let text = include_str!("../../../tests/data/probe/drm-rx-7900-xtx.txt");
        let gpus = parse_amdgpu(text).unwrap();
        let pci: Vec<Option<&str>> = gpus.iter().map(|g| g.pci.as_deref()).collect();
        assert_eq!(pci, [Some("1002:744c:c8"), Some("1002:164e:c6")]);
        let separate: Vec<bool> = gpus.iter().map(|g| g.separate).collect();
        assert_eq!(separate, [true, false]);
        assert_eq!(gpus[0].memory_bytes, Some(Bytes::from_mib(24_560)));
    }

    #[test]
    fn other_makers_gpus_are_none_and_a_broken_size_is_told() {
        let nvidia = "/sys/class/drm/card0/device/vendor:0x10de\n/sys/class/drm/card0/device/device:0x2684\n";
        assert_eq!(parse_amdgpu(nvidia), Ok(Vec::new()));
        assert_eq!(parse_amdgpu(""), Ok(Vec::new()));
        for broken in [
            "/sys/class/drm/card0/device/mem_info_vram_total:much\n",
            "/sys/class/drm/card0/device/mem_info_vram_total:-1\n",
            "/sys/module/ttm/parameters/pages_limit:0x10\n",
        ] {
            assert!(parse_amdgpu(broken).is_err(), "{broken:?}");
        }
    }
}
