//! `sysctl`: named facts of the kernel, one `key: value` a line.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::ParseError;
use crate::machine::not_read::NotRead;
use crate::units::Bytes;

const FROM: &str = "sysctl";
const MIB: u64 = 1 << 20;

/// The keys that `sysctl` answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sysctl(BTreeMap<String, String>);

impl Sysctl {
    /// The text behind a key.
    ///
    /// # Errors
    /// When the kernel does not have the key, or has nothing to say about it.
    pub fn text(&self, key: &str) -> Result<&str, NotRead> {
        self.0
            .get(key)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| NotRead::NoKey(key.to_owned()))
    }

    /// The whole number behind a key.
    ///
    /// # Errors
    /// When there is none.
    pub fn number(&self, key: &str) -> Result<u64, NotRead> {
        let text = self.text(key)?;
        text.parse().map_err(|_| {
            ParseError::unexpected(FROM, format!("a whole number for `{key}`"), text).into()
        })
    }

    /// The number of things behind a key: one or more.
    ///
    /// # Errors
    /// When there is none, or it is zero.
    pub fn count(&self, key: &str) -> Result<u32, NotRead> {
        let number = self.number(key)?;
        u32::try_from(number)
            .ok()
            .filter(|n| *n > 0)
            .ok_or_else(|| {
                ParseError::unexpected(FROM, format!("a count for `{key}`"), &number.to_string())
                    .into()
            })
    }

    /// The size in bytes behind a key: more than none.
    ///
    /// # Errors
    /// When there is none, or it is zero.
    pub fn size(&self, key: &str) -> Result<Bytes, NotRead> {
        match self.number(key)? {
            0 => Err(ParseError::unexpected(FROM, format!("a size for `{key}`"), "0").into()),
            bytes => Ok(Bytes(bytes)),
        }
    }

    /// `iogpu.wired_limit_mb`, which is in MiB; zero means macOS's default.
    ///
    /// # Errors
    /// When it is absent (Intel, or before macOS 14) or no number of MiB.
    pub fn wired_limit(&self) -> Result<Bytes, NotRead> {
        const KEY: &str = "iogpu.wired_limit_mb";
        let mib = self.number(KEY)?;
        mib.checked_mul(MIB).map(Bytes).ok_or_else(|| {
            ParseError::unexpected(FROM, format!("MiB for `{KEY}`"), &mib.to_string()).into()
        })
    }

    /// `debug.iogpu.wired_limit`, the name on macOS 13: in bytes, as people report (seen in no
    /// manual of Apple's); zero means macOS's default.
    ///
    /// # Errors
    /// When it is absent or no number.
    pub fn debug_wired_limit(&self) -> Result<Bytes, NotRead> {
        self.number("debug.iogpu.wired_limit").map(Bytes)
    }
}

/// Reads what `sysctl KEY...` prints. Keys that the kernel does not know are simply not there:
/// `sysctl` complains about them on stderr.
///
/// # Errors
/// When not one line has a key.
pub fn parse_sysctl(text: &str) -> Result<Sysctl, ParseError> {
    let keys: BTreeMap<String, String> = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect();
    if keys.is_empty() {
        return Err(ParseError::absent(FROM, "a line such as `hw.memsize: N`"));
    }
    Ok(Sysctl(keys))
}

/// Swap space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Swap {
    /// All of it. macOS makes it grow and shrink by need, so zero here is a reading, not a fault.
    pub total_bytes: Bytes,
    /// What is in use.
    pub used_bytes: Bytes,
}

/// Reads `vm.swapusage`: `total = 2048.00M  used = 1039.50M  free = 1008.50M  (encrypted)`,
/// where M is 2^20 bytes and some locales write a decimal comma.
///
/// # Errors
/// When total or used is absent, is not a size, or more is used than there is.
pub fn parse_swapusage(text: &str) -> Result<Swap, ParseError> {
    let size = |name: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let value = words
            .windows(3)
            .find(|window| window[0] == name && window[1] == "=")
            .map(|window| window[2])
            .ok_or_else(|| ParseError::absent("vm.swapusage", format!("`{name} = N.NNM`")))?;
        mebibytes(value).ok_or_else(|| {
            ParseError::unexpected("vm.swapusage", format!("`N.NNM` for {name}"), value)
        })
    };
    let (total_bytes, used_bytes) = (size("total")?, size("used")?);
    if used_bytes > total_bytes {
        return Err(ParseError::unexpected(
            "vm.swapusage",
            "used within total",
            text.trim(),
        ));
    }
    Ok(Swap {
        total_bytes,
        used_bytes,
    })
}

/// `1039.50M` or `1039,50M` in bytes, without a detour over floating point.
fn mebibytes(text: &str) -> Option<Bytes> {
    let number = text.strip_suffix('M')?;
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let digits = u32::try_from(fraction.len())
        .ok()
        .filter(|n| (1..=6).contains(n))?;
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(MIB)?;
    let fraction = fraction.parse::<u64>().ok()? * MIB / 10_u64.pow(digits);
    whole.checked_add(fraction).map(Bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const M5: &str = include_str!("../../../tests/data/probe/sysctl-m5.txt");
    const M2_PRO: &str = include_str!("../../../tests/data/probe/sysctl-m2-pro-mac-mini.txt");
    const SWAP: &str = include_str!("../../../tests/data/probe/swapusage.txt");

    #[test]
    fn an_m5_with_24_gib_and_10_cores_is_read_as_such() {
        let keys = parse_sysctl(M5).unwrap();
        assert_eq!(keys.text("machdep.cpu.brand_string").unwrap(), "Apple M5");
        assert_eq!(keys.size("hw.memsize").unwrap(), Bytes::from_gib(24));
        assert_eq!(keys.count("hw.physicalcpu").unwrap(), 10);
        assert!(matches!(keys.text("hw.model"), Err(NotRead::NoKey(_))));
        assert!(matches!(
            keys.text("hw.osenvironment"),
            Err(NotRead::NoKey(_))
        ));
    }

    #[test]
    fn the_wired_limit_is_in_mib_and_zero_is_a_value() {
        let keys = parse_sysctl(M2_PRO).unwrap();
        assert_eq!(keys.text("hw.model").unwrap(), "Mac14,12");
        assert_eq!(keys.wired_limit().unwrap(), Bytes::ZERO);
        // Set to 114688, Metal reports exactly 112 GiB.
        let set = parse_sysctl("iogpu.wired_limit_mb: 114688\n").unwrap();
        assert_eq!(set.wired_limit().unwrap(), Bytes::from_gib(112));
        let bytes = parse_sysctl("debug.iogpu.wired_limit: 51539607552\n").unwrap();
        assert_eq!(bytes.debug_wired_limit().unwrap(), Bytes::from_gib(48));
    }

    #[test]
    fn values_that_are_no_figures_name_their_key() {
        for value in [
            "-1",
            "lots",
            "1.5",
            "99999999999999999999",
            "18446744073709551615",
        ] {
            let keys = parse_sysctl(&format!("iogpu.wired_limit_mb: {value}\n")).unwrap();
            let error = keys.wired_limit().unwrap_err().to_string();
            assert!(error.contains("iogpu.wired_limit_mb"), "{error}");
        }
        let keys = parse_sysctl("hw.memsize: 0\nhw.physicalcpu: 0\n").unwrap();
        assert!(keys.size("hw.memsize").is_err());
        assert!(keys.count("hw.physicalcpu").is_err());
        assert!(parse_sysctl("").is_err());
        assert!(parse_sysctl("no keys here\n").is_err());
    }

    /// Each capture states what is free as well: used + free is total, to the rounding of
    /// 0.01 MiB per figure.
    #[test]
    fn used_and_free_swap_add_up_in_every_capture_and_locale() {
        let mut seen = 0;
        for line in SWAP.lines() {
            let swap = parse_swapusage(line).unwrap();
            let free = parse_swapusage(&line.replace("used", "x").replace("free", "used")).unwrap();
            let sum = swap.used_bytes + free.used_bytes;
            assert!(sum.0.abs_diff(swap.total_bytes.0) <= MIB / 50, "{line}");
            seen += 1;
        }
        assert!(seen >= 4);
    }

    #[test]
    fn a_decimal_comma_is_a_decimal_comma() {
        let swap =
            parse_swapusage("total = 2048,00M  used = 1039,50M  free = 1008,50M  (encrypted)")
                .unwrap();
        assert_eq!(swap.total_bytes, Bytes::from_gib(2));
        assert_eq!(swap.used_bytes, Bytes(1039 * MIB + MIB / 2));
        let none =
            parse_swapusage("total = 0.00M  used = 0.00M  free = 0.00M  (encrypted)").unwrap();
        assert_eq!(none.total_bytes, Bytes::ZERO);
    }

    #[test]
    fn malformed_swap_is_refused() {
        for text in [
            "",
            "total = 2048.00M",
            "total = 2048.00G  used = 1.00M",
            "total = 2048.00  used = 1.00M",
            "total = M  used = 1.00M",
            "total = 1.024,00M  used = 1.00M",
            "total = -1.00M  used = 1.00M",
            "total = +1.00M  used = 1.00M",
            "total = 1.00M  used = 2.00M",
            "total = 99999999999999999999.00M  used = 2.00M",
        ] {
            assert!(parse_swapusage(text).is_err(), "`{text}` was accepted");
        }
    }
}
