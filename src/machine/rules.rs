//! Rules for what a machine does not say of itself: the default GPU working set, the reserve.

use super::profile::WorkingSet;
use crate::basis::Basis;
use crate::units::Bytes;

/// Default share of memory that Metal recommends as working set, by memory size in GiB.
///
/// Read from public llama.cpp logs of stock machines on current macOS; where no such log is known
/// the older and lower share stands, so that a plan does not rest on hope.
const WORKING_SET_SHARES: [(u64, f64, &str); 5] = [
    (16, 0.74, "logs of 16 GiB Macs on current macOS show 74 %"),
    (36, 0.78, "logs of 32 and 36 GiB Macs on current macOS show 78 %"),
    (64, 0.81, "a log of a 64 GiB Mac on current macOS shows 81 %"),
    (128, 0.84, "logs of 128 GiB Macs on current macOS show 84 %"),
    (512, 0.906_25, "logs of 512 GiB Macs show 464 GiB; none says whether it is the stock value"),
];

/// Page size that working sets are whole multiples of.
const PAGE: u64 = 16 * 1024;

/// The working set to assume for a Mac with this much memory.
#[must_use]
pub fn default_working_set(memory: Bytes) -> WorkingSet {
    let gib = memory.gib();
    let exact = WORKING_SET_SHARES
        .iter()
        .find(|(size, _, _)| Bytes::from_gib(*size) == memory || (*size == 36 && gib > 31.5 && gib < 36.5));
    let (share, source) = match exact {
        Some((_, share, source)) => (*share, (*source).to_owned()),
        None if gib <= 36.0 => (
            2.0 / 3.0,
            "no log of a stock Mac of this size is known; older macOS gives two thirds".to_owned(),
        ),
        None => (
            0.75,
            "no log of a stock Mac of this size is known; older macOS gives 75 %".to_owned(),
        ),
    };
    let bytes = memory.share(share).0.next_multiple_of(PAGE);
    WorkingSet { bytes: Bytes(bytes), basis: Basis::Assumed, source }
}

/// How the reserve is explained to people.
pub(super) const RESERVE_RULE: &str =
    "an eighth of memory, at least 4 GiB and at most 16 GiB, for the system and other applications";

/// Memory to leave to the system and other applications: guides leave 8 to 16 GB on large Macs.
#[must_use]
pub fn default_reserve(memory: Bytes) -> Bytes {
    Bytes(memory.0 / 8).clamp(Bytes::from_gib(4), Bytes::from_gib(16))
}
