//! Rules for what a machine does not say of itself: the default GPU working set, the reserve.

use super::profile::WorkingSet;
use crate::basis::Basis;
use crate::units::Bytes;

/// Default share of memory that Metal recommends as working set on current macOS, up to a size in
/// GiB. Read from public logs of stock machines: `profiles/README.md` lists them.
const WORKING_SET_SHARES: [(u64, f64); 5] =
    [(24, 0.74), (48, 0.78), (96, 0.81), (128, 0.84), (256, 0.87)];

/// What three logs of 512 GiB machines show; none says whether it is the stock value.
const WORKING_SET_512: (Bytes, Bytes) = (Bytes::from_gib(512), Bytes::from_gib(464));

/// Page size that working sets are whole multiples of.
const PAGE: u64 = 16 * 1024;

/// The working set to assume for a Mac with this much memory.
#[must_use]
pub fn default_working_set(memory: Bytes) -> WorkingSet {
    let assumed = |bytes, source: String| WorkingSet {
        bytes,
        basis: Basis::Assumed,
        source,
    };
    if memory == WORKING_SET_512.0 {
        let source = "logs of 512 GiB Macs show it; none says whether it is the stock value";
        return assumed(WORKING_SET_512.1, source.to_owned());
    }
    let share = WORKING_SET_SHARES
        .iter()
        .find(|(gib, _)| memory <= Bytes::from_gib(*gib));
    // Beyond the largest size that a log shows, the share of that size stands.
    let (_, share) = share.unwrap_or(&WORKING_SET_SHARES[4]);
    let bytes = Bytes(memory.share(*share).0.next_multiple_of(PAGE));
    let source = format!(
        "logs of stock Macs near this size on current macOS show {:.0} %",
        share * 100.0
    );
    assumed(bytes, source)
}

/// How the reserve is explained to people.
pub(super) const RESERVE_RULE: &str =
    "an eighth of memory, at least 4 GiB and at most 16 GiB, for the system and other applications";

/// What stands in the place of a rule where the owner said how much.
pub(super) const RESERVE_GIVEN: &str = "given with --reserve";

/// Memory to leave to the system and other applications: guides leave 8 to 16 GB on large Macs.
#[must_use]
pub fn default_reserve(memory: Bytes) -> Bytes {
    Bytes(memory.0 / 8).clamp(Bytes::from_gib(4), Bytes::from_gib(16))
}
