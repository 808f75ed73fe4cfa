//! `nvidia-smi --query-gpu=... --format=csv`: NVIDIA's GPUs, on any system that has the driver.

use super::error::ParseError;
use crate::machine::gpu::Gpu;
use crate::units::Bytes;

const FROM: &str = "nvidia-smi";
/// What it writes for what a GPU does not have: a GB10 has no memory of its own to tell of.
const HAS_NONE: [&str; 2] = ["[N/A]", "[Not Supported]"];

/// Reads the GPUs from a table with a header, in whatever order its columns are.
///
/// # Errors
/// When the text is not such a table, or a size in it is none.
pub fn parse_nvidia_smi(text: &str) -> Result<Vec<Gpu>, ParseError> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let header = cells(lines.next().unwrap_or_default());
    let column = |name: &str| header.iter().position(|cell| *cell == name);
    let name = column("name").ok_or_else(|| ParseError::absent(FROM, "a column `name`"))?;
    let total = column("memory.total [MiB]")
        .ok_or_else(|| ParseError::absent(FROM, "a column `memory.total [MiB]`"))?;
    let used = column("memory.used [MiB]");
    let gpus = lines.map(|line| {
        let row = cells(line);
        if row.len() != header.len() {
            let expected = format!("{} cells", header.len());
            return Err(ParseError::unexpected(FROM, expected, line));
        }
        let memory = size(row[total])?;
        Ok(Gpu {
            name: Some(row[name].to_owned()).filter(|name| !name.is_empty()),
            pci: None,
            memory_bytes: memory,
            memory_used_bytes: used.map_or(Ok(None), |used| size(row[used]))?,
            shared_bytes: None,
            shared_used_bytes: None,
            // A GPU that shares the system's memory tells of none; one that failed has some.
            separate: !HAS_NONE.contains(&row[total]),
        })
    });
    gpus.collect()
}

fn cells(line: &str) -> Vec<&str> {
    line.split(',').map(str::trim).collect()
}

fn size(cell: &str) -> Result<Option<Bytes>, ParseError> {
    // Also an error of this card alone, which is no reason not to read the others.
    if cell.starts_with('[') && cell.ends_with(']') {
        return Ok(None);
    }
    cell.strip_suffix(" MiB")
        .and_then(|mib| mib.parse::<u64>().ok())
        .filter(|mib| *mib < 1 << 40)
        .map(|mib| Some(Bytes::from_mib(mib)))
        .ok_or_else(|| ParseError::unexpected(FROM, "a size in MiB", cell))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_read_from_all_that_nvidia_smi_can_tell_of_them() {
        let linux = include_str!("../../../tests/data/probe/nvidia-smi-rtx-4080-super.csv");
        let windows =
            include_str!("../../../tests/data/probe/nvidia-smi-rtx-2080-super-windows.csv");
        let seen = |text| {
            let [gpu]: [Gpu; 1] = parse_nvidia_smi(text).unwrap().try_into().unwrap();
            let mib = |bytes: Option<Bytes>| bytes.unwrap().0 >> 20;
            assert!(gpu.separate);
            let (total, used) = (mib(gpu.memory_bytes), mib(gpu.memory_used_bytes));
            (gpu.name.unwrap(), total, used)
        };
        let named = |name: &str| format!("NVIDIA GeForce RTX {name}");
        assert_eq!(seen(linux), (named("4080 SUPER"), 16_376, 596));
        assert_eq!(seen(windows), (named("2080 SUPER"), 8_192, 797));
    }

    #[test]
    fn a_gb10_has_a_name_and_no_memory_of_its_own() {
        let text = include_str!("../../../tests/data/probe/nvidia-smi-gb10.csv");
        let [gpu]: [Gpu; 1] = parse_nvidia_smi(text).unwrap().try_into().unwrap();
        assert_eq!(gpu.name.as_deref(), Some("NVIDIA GB10"));
        assert_eq!((gpu.memory_bytes, gpu.separate), (None, false));
    }

    #[test]
    fn a_card_that_failed_is_unknown_and_hides_no_other() {
        for failed in ["[Unknown Error]", "[GPU requires reset]"] {
            let text = format!(
                "name, memory.total [MiB], memory.used [MiB]\nNVIDIA GeForce RTX 3090, {failed}, {failed}\nNVIDIA GeForce RTX 3090, 24576 MiB, {failed}\n"
            );
            let [lost, other]: [Gpu; 2] = parse_nvidia_smi(&text).unwrap().try_into().unwrap();
            assert_eq!((lost.memory_bytes, lost.separate), (None, true));
            assert_eq!(other.memory_bytes, Some(Bytes::from_gib(24)));
            assert_eq!(other.memory_used_bytes, None);
        }
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let failed = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n";
        for text in [
            "",
            failed,
            "No devices were found\n",
            "name, memory.total [MiB]\nA card\n",
            "name, memory.total [MiB]\nA card, 24 GiB\n",
            "name, memory.total [MiB]\nA card, 99999999999999 MiB\n",
        ] {
            assert!(parse_nvidia_smi(text).is_err(), "{text:?}");
        }
        let none = "name, memory.total [MiB], memory.used [MiB]\n";
        assert_eq!(parse_nvidia_smi(none), Ok(Vec::new()));
    }
}
