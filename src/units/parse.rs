//! Sizes, counts of tokens and lengths of time, read from the command line.

use std::str::FromStr;

use super::bytes::{Bytes, GIB, KIB, MIB, TIB};
use crate::fault::Hinted;

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

#[cfg(test)]
mod tests {
    use super::super::counts::tokens;
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
