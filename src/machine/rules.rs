//! Rules for what a machine does not say of itself: the reserve.

use crate::units::Bytes;

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
