//! A version of macOS, as far as limits and warnings depend on it.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A version: `15`, `15.2`. What follows the second number is not kept.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub struct Macos {
    /// The first number.
    pub major: u32,
    /// The second, where it is known.
    pub minor: Option<u32>,
}

impl Macos {
    /// Whether it lies between two versions. Numbers that either side leaves out match any.
    #[must_use]
    pub fn within(self, first: Self, last: Self) -> bool {
        let after = match (self.minor, first.minor) {
            (Some(own), Some(least)) if self.major == first.major => own >= least,
            _ => self.major >= first.major,
        };
        let before = match (self.minor, last.minor) {
            (Some(own), Some(most)) if self.major == last.major => own <= most,
            _ => self.major <= last.major,
        };
        after && before
    }
}

impl fmt::Display for Macos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            Some(minor) => write!(f, "{}.{minor}", self.major),
            None => write!(f, "{}", self.major),
        }
    }
}

impl From<Macos> for String {
    fn from(version: Macos) -> Self {
        version.to_string()
    }
}

/// Not a version of macOS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version of macOS: write `15`, `26.3`")]
pub struct NotAVersion(pub String);

impl TryFrom<String> for Macos {
    type Error = NotAVersion;
    fn try_from(text: String) -> Result<Self, NotAVersion> {
        text.parse()
    }
}

impl FromStr for Macos {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let bad = || NotAVersion(text.to_owned());
        let numbers: Vec<u32> = text
            .trim()
            .split('.')
            .map(|n| n.parse().map_err(|_| bad()))
            .collect::<Result<_, _>>()?;
        match numbers[..] {
            [major] => Ok(Self { major, minor: None }),
            [major, minor] | [major, minor, _] => Ok(Self {
                major,
                minor: Some(minor),
            }),
            _ => Err(bad()),
        }
    }
}
