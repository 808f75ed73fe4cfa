//! Numbers of bytes and how they print.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::thousands;

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

pub(super) const KIB: u64 = 1 << 10;
pub(super) const MIB: u64 = 1 << 20;
pub(super) const GIB: u64 = 1 << 30;
pub(super) const TIB: u64 = 1 << 40;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
