//! The flags of `planner recommend` that make a change.

use crate::units::Bytes;

/// How a change is made with `planner recommend`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// Flags to give, each in place of the same flag of the request.
    pub with: Vec<String>,
    /// Flags of the request to leave out.
    pub without: Vec<String>,
}

impl Flags {
    pub(super) fn with<const N: usize>(words: [&str; N]) -> Option<Self> {
        let with = words.map(str::to_owned).to_vec();
        let without = Vec::new();
        Some(Self { with, without })
    }

    pub(super) fn without<const N: usize>(words: [&str; N]) -> Option<Self> {
        let without = words.map(str::to_owned).to_vec();
        let with = Vec::new();
        Some(Self { with, without })
    }
}

/// A size as a flag takes it, in the largest unit that says it whole.
pub(super) fn size(bytes: Bytes) -> String {
    const KIB: u64 = 1 << 10;
    let units = [("GiB", 1 << 30), ("MiB", 1 << 20)];
    let whole = units.iter().find(|(_, unit)| bytes.0.is_multiple_of(*unit));
    let (name, unit) = whole.unwrap_or(&("KiB", KIB));
    format!("{}{name}", bytes.0 / unit)
}
