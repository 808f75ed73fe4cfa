//! `vm_stat`: how macOS uses its memory, in pages.

use schemars::JsonSchema;
use serde::Serialize;

use super::error::ParseError;
use crate::units::Bytes;

const FROM: &str = "vm_stat";

/// The kernel's page counts, as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VmStat {
    /// Bytes in a page: 16384 on Apple silicon, 4096 on Intel.
    pub page_size_bytes: Bytes,
    /// Pages nobody uses (without the speculative ones).
    pub free_bytes: Bytes,
    /// Pages used lately, of applications and of files.
    pub active_bytes: Bytes,
    /// Pages not used lately, of applications and of files.
    pub inactive_bytes: Bytes,
    /// File pages read ahead of need.
    pub speculative_bytes: Bytes,
    /// Pages that must stay: the kernel's, and what the GPU works on.
    pub wired_bytes: Bytes,
    /// Pages that the compressor occupies (not those it stores).
    pub compressor_bytes: Bytes,
    /// Pages of applications, not backed by a file; compressed ones left out.
    pub anonymous_bytes: Option<Bytes>,
    /// Pages that applications said may be thrown away.
    pub purgeable_bytes: Option<Bytes>,
    /// Pages of files.
    pub file_backed_bytes: Option<Bytes>,
}

impl VmStat {
    /// What the operating system and applications need now: wired + active + compressor.
    ///
    /// Free and speculative pages are to be had at once. Inactive pages are what the kernel gives
    /// away first when a model is loaded: file pages are dropped, the rest goes to the compressor.
    /// Wired pages and the compressor's cannot be taken at all, and to take active ones slows
    /// down whoever uses them. Active plus inactive plus free, which is what `sysinfo` calls
    /// available, would hand out the memory of every running application.
    #[must_use]
    pub fn in_use(&self) -> Bytes {
        self.wired_bytes + self.active_bytes + self.compressor_bytes
    }

    /// The sum that Activity Monitor shows: application memory (anonymous less purgeable), wired
    /// and compressor. It counts idle pages of applications, and no file pages, so it leaves out
    /// the weights of a model that is mapped from its file and not wired.
    #[must_use]
    pub fn in_use_as_activity_monitor(&self) -> Option<Bytes> {
        let applications = self.anonymous_bytes?.saturating_sub(self.purgeable_bytes?);
        Some(applications + self.wired_bytes + self.compressor_bytes)
    }

    /// Every page the kernel accounts for; a little under physical memory.
    #[must_use]
    pub fn accounted(&self) -> Bytes {
        self.in_use() + self.free_bytes + self.inactive_bytes + self.speculative_bytes
    }
}

/// Reads what `vm_stat` prints without arguments.
///
/// # Errors
/// When the header gives no page size, or one of the counts is absent or not a count.
pub fn parse_vm_stat(text: &str) -> Result<VmStat, ParseError> {
    let page_size = page_size(text)?;
    let needed = |label: &str| {
        count(text, label, page_size)?
            .ok_or_else(|| ParseError::absent(FROM, format!("`{label}:`")))
    };
    Ok(VmStat {
        page_size_bytes: Bytes(page_size),
        free_bytes: needed("Pages free")?,
        active_bytes: needed("Pages active")?,
        inactive_bytes: needed("Pages inactive")?,
        speculative_bytes: needed("Pages speculative")?,
        wired_bytes: needed("Pages wired down")?,
        compressor_bytes: needed("Pages occupied by compressor")?,
        anonymous_bytes: count(text, "Anonymous pages", page_size)?,
        purgeable_bytes: count(text, "Pages purgeable", page_size)?,
        file_backed_bytes: count(text, "File-backed pages", page_size)?,
    })
}

fn page_size(text: &str) -> Result<u64, ParseError> {
    const EXPECTED: &str = "`(page size of N bytes)` in its first line";
    let header = text.lines().next().unwrap_or_default();
    let size = header
        .split_once("(page size of ")
        .and_then(|(_, rest)| rest.split_once(" bytes)"))
        .ok_or_else(|| ParseError::absent(FROM, EXPECTED))?
        .0;
    size.parse::<u64>()
        .ok()
        .filter(|size| size.is_power_of_two() && (4096..=65_536).contains(size))
        .ok_or_else(|| ParseError::unexpected(FROM, "a page size", size))
}

/// The bytes behind `label: N.`, or nothing when there is no such line.
fn count(text: &str, label: &str, page_size: u64) -> Result<Option<Bytes>, ParseError> {
    let Some(value) = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == label)
        .map(|(_, value)| value.trim())
    else {
        return Ok(None);
    };
    value
        .strip_suffix('.')
        .unwrap_or(value)
        .parse::<u64>()
        .ok()
        .and_then(|pages| pages.checked_mul(page_size))
        // More than 64 TiB is no Mac, and sums of such figures would overflow.
        .filter(|bytes| *bytes <= 1 << 46)
        .map(|bytes| Some(Bytes(bytes)))
        .ok_or_else(|| {
            ParseError::unexpected(FROM, format!("a number of pages after `{label}:`"), value)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPLE_16: &str =
        include_str!("../../../tests/data/probe/vm_stat-apple-silicon-16gib.txt");
    const APPLE_8: &str = include_str!("../../../tests/data/probe/vm_stat-apple-silicon-8gib.txt");
    const INTEL_8: &str = include_str!("../../../tests/data/probe/vm_stat-intel-8gib.txt");
    const INTEL_32: &str = include_str!("../../../tests/data/probe/vm_stat-intel-32gib.txt");
    const BEFORE_10_9: &str = include_str!("../../../tests/data/probe/vm_stat-before-10.9.txt");

    /// A wrong page size, or a label taken for another, would not add up to the machine's memory.
    #[test]
    fn page_counts_add_up_to_the_memory_the_machine_was_sold_with() {
        for (text, gib, page) in [
            (APPLE_16, 16, 16_384),
            (APPLE_8, 8, 16_384),
            (INTEL_8, 8, 4096),
            (INTEL_32, 32, 4096),
        ] {
            let stat = parse_vm_stat(text).unwrap();
            assert_eq!(stat.page_size_bytes, Bytes(page));
            let share = stat.accounted().gib() / f64::from(gib);
            assert!((0.9..=1.0).contains(&share), "{share} of {gib} GiB");
        }
    }

    /// The expected bytes are the ones that shirou/gopsutil's own test states for this text.
    #[test]
    fn the_intel_capture_reads_as_gopsutil_reads_it() {
        let stat = parse_vm_stat(INTEL_8).unwrap();
        assert_eq!(stat.free_bytes, Bytes(105_885 * 4096));
        assert_eq!(stat.inactive_bytes, Bytes(449_242 * 4096));
        assert_eq!(stat.active_bytes, Bytes(725_641 * 4096));
        assert_eq!(stat.wired_bytes, Bytes(560_835 * 4096));
        assert_eq!(stat.purgeable_bytes, Some(Bytes(128_967 * 4096)));
    }

    /// "Stored in compressor" counts pages before compression: here 35 GiB on a 16 GiB machine.
    #[test]
    fn the_compressor_counts_what_it_occupies_not_what_it_stores() {
        let stat = parse_vm_stat(APPLE_16).unwrap();
        assert_eq!(stat.compressor_bytes, Bytes(389_264 * 16_384));
        assert!(stat.in_use() < Bytes::from_gib(16));
        let shown = stat.in_use_as_activity_monitor().unwrap();
        assert_eq!(shown, Bytes((247_760 - 2 + 251_285 + 389_264) * 16_384));
    }

    #[test]
    fn a_text_without_a_needed_line_names_the_line() {
        let error = parse_vm_stat(BEFORE_10_9).unwrap_err();
        assert_eq!(
            error.to_string(),
            "vm_stat does not have `Pages occupied by compressor:`"
        );
        let table = "Mach Virtual Memory Statistics: (page size of 4096 bytes)\n  free   active\n 22216   530560\n";
        assert!(matches!(
            parse_vm_stat(table),
            Err(ParseError::Absent { .. })
        ));
    }

    #[test]
    fn malformed_counts_and_page_sizes_are_refused() {
        for (from, to) in [
            ("page size of 16384 bytes", "page size of 0 bytes"),
            ("page size of 16384 bytes", "page size of 12345 bytes"),
            ("(page size of 16384 bytes)", ""),
            ("176160.", "many"),
            ("176160.", "-176160."),
            ("176160.", "18446744073709551615."),
            ("176160.", ""),
        ] {
            let text = APPLE_16.replace(from, to);
            assert_ne!(text, APPLE_16, "{from} is not in the capture");
            assert!(parse_vm_stat(&text).is_err(), "{to} was accepted");
        }
        assert!(parse_vm_stat("").is_err());
    }
}
