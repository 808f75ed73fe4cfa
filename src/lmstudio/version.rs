//! Versions of LM Studio and of its runtimes.

use std::fmt;

use serde::Deserialize;

/// A version as LM Studio counts: `0.4.24`, `2.41.0`. What follows a `+` or `-` is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Version([u32; 3]);

impl Version {
    /// The version that stands at the beginning of this text, a `v` before it or not.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let plain = text.split(['+', '-']).next()?;
        let mut numbers = plain.split('.').map(|n| n.parse::<u32>().ok());
        let mut next = || numbers.next().flatten();
        let version = Self([next()?, next()?, next()?]);
        numbers.next().is_none().then_some(version)
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::of(&text).ok_or_else(|| format!("`{text}` is not a version such as 0.4.24"))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_builds_do_not_count() {
        assert!(Version::of("0.4.9") < Version::of("0.4.24+1"));
        assert_eq!(Version::of("v2.41.0-beta"), Version::of("2.41.0"));
        for none in ["", "1", "1.2", "1.2.3.4", "1.x.3", "latest"] {
            assert_eq!(Version::of(none), None, "{none}");
        }
    }
}
