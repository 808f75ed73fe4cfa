//! `/proc/meminfo` and `/proc/cpuinfo`: what Linux says of memory and of the processor.

use super::error::ParseError;
use super::sysctl::Swap;
use crate::units::Bytes;

const MEMINFO: &str = "/proc/meminfo";
const CPUINFO: &str = "/proc/cpuinfo";

/// The size behind a key of `/proc/meminfo`, which it gives in KiB and calls kB.
///
/// # Errors
/// When the key is not there, or has no such size.
pub fn parse_meminfo(text: &str, key: &str) -> Result<Bytes, ParseError> {
    let value = value_of(text, key)
        .ok_or_else(|| ParseError::absent(MEMINFO, format!("a line `{key}:`")))?;
    let kib = value
        .strip_suffix(" kB")
        .and_then(|number| number.trim().parse::<u64>().ok());
    kib.and_then(|kib| kib.checked_mul(1024))
        .map(Bytes)
        .ok_or_else(|| ParseError::unexpected(MEMINFO, format!("a size for `{key}`"), value))
}

/// `SwapTotal` and what of it is used; none at all is an answer.
///
/// # Errors
/// When either line is not there, or more is free than there is.
pub fn parse_swap(text: &str) -> Result<Swap, ParseError> {
    let total = parse_meminfo(text, "SwapTotal")?;
    let free = parse_meminfo(text, "SwapFree")?;
    let used = total.0.checked_sub(free.0).ok_or_else(|| {
        let found = format!("{} bytes free", free.0);
        ParseError::unexpected(
            MEMINFO,
            format!("at most {} bytes of swap", total.0),
            &found,
        )
    })?;
    Ok(Swap {
        total_bytes: total,
        used_bytes: Bytes(used),
    })
}

/// The processor's name. ARM's kernels give none.
///
/// # Errors
/// When it has no name there.
pub fn parse_processor(text: &str) -> Result<String, ParseError> {
    value_of(text, "model name")
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| ParseError::absent(CPUINFO, "a line `model name`"))
}

fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim_end() == key)
        .map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_a_dgx_spark_and_of_a_strix_halo_is_read() {
        let spark = include_str!("../../../tests/data/probe/meminfo-gb10.txt");
        assert_eq!(parse_meminfo(spark, "MemTotal"), Ok(Bytes(130_663_165_952)));
        assert_eq!(
            parse_meminfo(spark, "MemAvailable"),
            Ok(Bytes(121_411_960_832))
        );
        // Its publisher left swap out, and nothing is made of that.
        assert!(parse_swap(spark).is_err());
        let halo = include_str!("../../../tests/data/probe/meminfo-strix-halo-vram-96gib.txt");
        assert_eq!(parse_meminfo(halo, "MemTotal"), Ok(Bytes(32_727_834_624)));
    }

    #[test]
    fn what_is_no_size_is_refused_and_keys_are_compared_whole() {
        for text in [
            "",
            "MemTotal: many kB\n",
            "MemTotal: 5\n",
            "MemTotal: -1 kB\n",
        ] {
            assert!(parse_meminfo(text, "MemTotal").is_err(), "{text:?}");
        }
        let text = "SwapTotalX: 9 kB\nSwapTotal:       8388604 kB\nSwapFree: 0 kB\n";
        let swap = parse_swap(text).unwrap();
        assert_eq!(swap.total_bytes, Bytes(8_388_604 * 1024));
        assert_eq!(swap.used_bytes, swap.total_bytes);
        assert!(parse_swap("SwapTotal: 1 kB\nSwapFree: 2 kB\n").is_err());
    }

    #[test]
    fn a_processor_is_named_or_not() {
        let halo = "processor\t: 0\nmodel name\t: AMD RYZEN AI MAX+ 395 w/ Radeon 8060S\n";
        assert_eq!(
            parse_processor(halo).as_deref(),
            Ok("AMD RYZEN AI MAX+ 395 w/ Radeon 8060S")
        );
        let arm = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd87\n";
        assert!(parse_processor(arm).is_err());
    }
}
