//! Quantities and how people write them: bytes, sizes on the command line, token counts.
//!
//! Bytes are whole numbers inside. `GB` is always 10^9 and `GiB` always 2^30; a size without a
//! unit is refused rather than guessed. Nothing here rounds a figure that is later computed with.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fault::Hinted;

/// A number of bytes.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Bytes(pub u64);

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

impl Bytes {
    /// Zero bytes.
    pub const ZERO: Self = Self(0);

    /// `n` x 2^20 bytes.
    #[must_use]
    pub const fn from_mib(n: u64) -> Self {
        Self(n * MIB)
    }

    /// `n` x 2^30 bytes.
    #[must_use]
    pub const fn from_gib(n: u64) -> Self {
        Self(n * GIB)
    }

    /// A share of this size, rounded up to whole bytes. `share` in 0..=1.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "sizes are below 2^53 and shares are positive"
    )]
    pub fn share(self, share: f64) -> Self {
        Self((self.0 as f64 * share).ceil() as u64)
    }

    /// Whole MiB, rounded up: what an item costs.
    #[must_use]
    pub const fn mib_ceil(self) -> u64 {
        self.0.div_ceil(MIB)
    }

    /// Whole MiB, rounded down: what a budget holds.
    #[must_use]
    pub const fn mib_floor(self) -> u64 {
        self.0 / MIB
    }

    /// The size in GiB, for display and ratios only.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "display only")]
    pub fn gib(self) -> f64 {
        self.0 as f64 / GIB as f64
    }

    /// The size in GB (10^9), for display and ratios only.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "display only")]
    pub fn gb(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// What is left after taking `other` away, never below zero.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Signed difference `self - other` in bytes.
    #[must_use]
    #[expect(
        clippy::cast_possible_wrap,
        reason = "sizes of memory are far below 2^63"
    )]
    pub const fn minus(self, other: Self) -> i64 {
        self.0 as i64 - other.0 as i64
    }

    /// Whole parts per hundred of another amount, rounded to the nearest.
    #[must_use]
    pub fn percent_of(self, whole: Self) -> u64 {
        (self.0.saturating_mul(100) + whole.0 / 2) / whole.0.max(1)
    }

    /// As a flag takes it, in the largest unit that says it whole.
    #[must_use]
    pub fn flag(self) -> String {
        let units = [
            ("GiB", 1 << 30),
            ("GB", 1_000_000_000),
            ("MiB", 1 << 20),
            ("MB", 1_000_000),
        ];
        let whole = units.iter().find(|(_, unit)| self.0.is_multiple_of(*unit));
        match whole {
            Some((name, unit)) => format!("{}{name}", self.0 / unit),
            None => format!("{}KiB", self.0 >> 10),
        }
    }

    /// Both units in full, as people read them: `121.1 GiB (130.0 GB)`.
    #[must_use]
    pub fn both(self) -> String {
        format!("{self} ({})", self.decimal())
    }

    /// The decimal unit alone: `130.0 GB`.
    #[must_use]
    pub fn decimal(self) -> String {
        if self.0 >= 1_000_000_000 {
            format!("{:.1} GB", self.gb())
        } else {
            format!("{:.0} MB", self.gb() * 1e3)
        }
    }
}

/// The binary unit alone: `121.1 GiB`, or `75 MiB` below one GiB.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.0 >= GIB {
            format!("{:.1} GiB", self.gib())
        } else {
            format!("{:.0} MiB", self.gib() * 1024.0)
        };
        f.pad(&text)
    }
}

impl Add for Bytes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Bytes {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

/// Two sizes in full, in finer units where they would read the same: `11,461 MiB`, or bytes.
#[must_use]
pub fn apart(a: Bytes, b: Bytes) -> (String, String) {
    if a == b || a.to_string() != b.to_string() {
        return (a.both(), b.both());
    }
    let mib = |bytes: Bytes| format!("{} MiB", thousands(bytes.mib_floor()));
    if a.mib_floor() != b.mib_floor() {
        return (mib(a), mib(b));
    }
    let whole = |bytes: Bytes| format!("{} bytes", thousands(bytes.0));
    (whole(a), whole(b))
}

/// Why a size or a count on the command line was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseQuantityError {
    /// No unit given.
    #[error("`{0}` has no unit")]
    NoUnit(String),
    /// The unit is not one we know.
    #[error("`{0}` has an unknown unit")]
    UnknownUnit(String),
    /// Not a number, or not one that can be a size.
    #[error("`{0}` is not a size")]
    NotASize(String),
    /// Zero, negative or too large to be meant.
    #[error("`{text}` is out of range: {why}")]
    OutOfRange {
        /// What was given.
        text: String,
        /// What it breaks.
        why: &'static str,
        /// A value that can be meant.
        such_as: &'static str,
    },
    /// Not a count of tokens.
    #[error("`{0}` is not a number of tokens")]
    NotTokens(String),
    /// Not a length of time.
    #[error("`{0}` is not a length of time")]
    NotATime(String),
}

impl Hinted for ParseQuantityError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoUnit(text) => {
                format!("write `{text}GiB` (2^30 bytes) or `{text}GB` (10^9 bytes)")
            }
            Self::UnknownUnit(_) => {
                "use one of MiB, GiB, TiB (powers of 2) or MB, GB, TB (powers of 10)".to_owned()
            }
            Self::NotASize(_) => {
                "write a number and a unit, such as `480GiB` or `138GB`".to_owned()
            }
            Self::OutOfRange { such_as, .. } => format!("give one such as `{such_as}`"),
            Self::NotTokens(_) => "write `131072` or `128k` (k is 1024)".to_owned(),
            Self::NotATime(_) => {
                "write a number and a unit, such as `90s`, `30m` or `1h`".to_owned()
            }
        })
    }
}

impl FromStr for Bytes {
    type Err = ParseQuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let split = text
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(text.len());
        let (number, unit) = (text[..split].trim(), text[split..].trim());
        let number: f64 = number
            .parse()
            .map_err(|_| ParseQuantityError::NotASize(text.to_owned()))?;
        let scale = match unit.to_ascii_lowercase().as_str() {
            "" => return Err(ParseQuantityError::NoUnit(text.to_owned())),
            "kib" => KIB,
            "mib" => MIB,
            "gib" => GIB,
            "tib" => TIB,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            "tb" => 1_000_000_000_000,
            _ => return Err(ParseQuantityError::UnknownUnit(text.to_owned())),
        };
        #[expect(clippy::cast_precision_loss, reason = "scales are powers below 2^53")]
        let bytes = number * scale as f64;
        if bytes.is_nan() || bytes < 1.0 {
            return Err(ParseQuantityError::OutOfRange {
                text: text.to_owned(),
                why: "a size must be above zero",
                such_as: "64GiB",
            });
        }
        if bytes > 64.0 * 1024.0 * GIB as f64 {
            return Err(ParseQuantityError::OutOfRange {
                text: text.to_owned(),
                why: "more than 64 TiB is surely a slip",
                such_as: "64GiB",
            });
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked against 1 and 64 TiB just above"
        )]
        Ok(Self(bytes.round() as u64))
    }
}

/// Tokens that no context is beyond.
pub const MOST_TOKENS: u32 = 16 * 1024 * 1024;

/// Reads a number of tokens: `131072`, `128k` or `1M` (k = 1024, M = 1024 x 1024).
///
/// # Errors
/// When the text is not a positive number of tokens up to 16M.
pub fn parse_tokens(text: &str) -> Result<u32, ParseQuantityError> {
    let text = text.trim();
    let (digits, scale) = match text.char_indices().last() {
        Some((i, 'k' | 'K')) => (&text[..i], 1024_u64),
        Some((i, 'm' | 'M')) => (&text[..i], 1024 * 1024),
        _ => (text, 1),
    };
    let digits = digits.replace(['_', ','], "");
    let count: u64 = digits
        .parse()
        .map_err(|_| ParseQuantityError::NotTokens(text.to_owned()))?;
    let count = count.saturating_mul(scale);
    if count == 0 {
        return Err(ParseQuantityError::OutOfRange {
            text: text.to_owned(),
            why: "a context needs at least one token",
            such_as: "32k",
        });
    }
    if count > u64::from(MOST_TOKENS) {
        return Err(ParseQuantityError::OutOfRange {
            text: text.to_owned(),
            why: "no model has a context above 16M tokens",
            such_as: "32k",
        });
    }
    u32::try_from(count).map_err(|_| ParseQuantityError::NotTokens(text.to_owned()))
}

/// Reads a length of time in seconds: `90s`, `30m`, `1h`, `1.5h`, `500ms`.
///
/// # Errors
/// When the text is not a positive length of up to a year with its unit.
pub fn parse_seconds(text: &str) -> Result<f64, ParseQuantityError> {
    let text = text.trim();
    let split = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let scale = match &text[split..] {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(ParseQuantityError::NotATime(text.to_owned())),
    };
    let number: f64 = text[..split]
        .trim()
        .parse()
        .map_err(|_| ParseQuantityError::NotATime(text.to_owned()))?;
    let seconds = number * scale;
    if seconds > 0.0 && seconds <= 366.0 * 86_400.0 {
        Ok(seconds)
    } else {
        Err(ParseQuantityError::OutOfRange {
            text: text.to_owned(),
            why: "a length of time must be above zero and at most a year",
            such_as: "30m",
        })
    }
}

/// A count of tokens as people write it: `128k` for 131072, else with thousands apart.
#[must_use]
pub fn tokens(count: u32) -> String {
    if count >= 1024 && count.is_multiple_of(1024) {
        format!("{}k", count / 1024)
    } else {
        thousands(u64::from(count))
    }
}

/// A count of tokens in full, where every count of an answer is to read alike: `131,072 tokens`.
#[must_use]
pub fn exact_tokens(count: u32) -> String {
    format!("{} tokens", thousands(u64::from(count)))
}

/// A whole number with thousands apart: `130,025,542,816`.
#[must_use]
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_needs_its_unit_and_both_families_are_kept_apart() {
        assert_eq!("138GB".parse(), Ok(Bytes(138_000_000_000)));
        assert_eq!("128GiB".parse(), Ok(Bytes(137_438_953_472)));
        assert_eq!("1.5 gib".parse(), Ok(Bytes(1_610_612_736)));
        assert!(matches!(
            "128".parse::<Bytes>(),
            Err(ParseQuantityError::NoUnit(_))
        ));
        assert!(matches!(
            "128G".parse::<Bytes>(),
            Err(ParseQuantityError::UnknownUnit(_))
        ));
        for bad in [
            "0GiB", "-5GiB", "abc", "", "GiB", "nanGiB", "infGiB", "1e30GB",
        ] {
            assert!(bad.parse::<Bytes>().is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn a_138_gb_file_is_128_8_gib() {
        assert_eq!(Bytes(138_330_000_000).both(), "128.8 GiB (138.3 GB)");
        assert_eq!(Bytes(79_036_416).to_string(), "75 MiB");
    }

    #[test]
    fn sizes_that_would_read_the_same_are_told_apart() {
        let mib = Bytes::from_mib;
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            apart(mib(11_480), mib(11_476)),
            pair("11,480 MiB", "11,476 MiB")
        );
        assert_eq!(
            apart(Bytes(11 << 30), Bytes((11 << 30) - 1)),
            pair("11,264 MiB", "11,263 MiB")
        );
        assert_eq!(
            apart(Bytes((11 << 30) + 1), Bytes(11 << 30)),
            pair("11,811,160,065 bytes", "11,811,160,064 bytes")
        );
        assert_eq!(
            apart(mib(12_288), mib(11_264)),
            pair("12.0 GiB (12.9 GB)", "11.0 GiB (11.8 GB)")
        );
    }

    #[test]
    fn a_length_of_time_needs_its_unit() {
        assert_eq!(parse_seconds("1.5h"), Ok(5400.0));
        assert_eq!(parse_seconds("30m"), Ok(1800.0));
        assert_eq!(parse_seconds("500ms"), Ok(0.5));
        for bad in ["90", "", "s", "-1s", "0s", "1d", "nans", "1e9h"] {
            assert!(parse_seconds(bad).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn tokens_are_read_as_people_write_them() {
        assert_eq!(parse_tokens("128k"), Ok(131_072));
        assert_eq!(parse_tokens("131072"), Ok(131_072));
        assert_eq!(parse_tokens("1M"), Ok(1_048_576));
        for bad in ["0", "", "k", "-4k", "1.5k", "99999999999", "17M"] {
            assert!(parse_tokens(bad).is_err(), "{bad} was accepted");
        }
        assert_eq!(tokens(196_608), "192k");
        assert_eq!(tokens(33_000), "33,000");
    }
}
