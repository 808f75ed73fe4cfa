//! How comfortably something fits: a sum below two limits can still leave a machine too full.

use crate::fit::document::{Comfort, ComfortLevel, Verdict};
use crate::memory::limits::{Demand, Limits, SEEN_TO_FAIL, SEEN_TO_FAIL_SOURCE};
use crate::units::Bytes;

/// Parts per hundred of memory that macOS gave the GPU before version 26, on Macs of 36 GiB and
/// more.
const OLD_WORKING_SET: u64 = 75;
const OLD_WORKING_SET_SOURCE: &str =
    "macOS before version 26 gave the GPU 75 % of memory, and what is loaded takes more than that";
/// The room that an engine wants for what it can't count.
const UNCOUNTED: Bytes = Bytes::from_gib(3);
const UNCOUNTED_SOURCE: &str =
    "an engine takes more than can be counted: mlx-engine keeps 3 GiB for that";

/// The mark of something that fits; none for anything else.
pub(super) fn grade(limits: &Limits, demand: Demand, verdict: Verdict) -> Option<Comfort> {
    if verdict != Verdict::Fits {
        return None;
    }
    let physical = limits.physical_bytes;
    let taken = demand.physical(limits.gpu_memory);
    let share = taken.percent_of(physical);
    let left = Bytes(limits.headroom(demand).unsigned_abs());
    let of_memory = format!("{share} % of {} of memory is taken", physical.both());
    let room = format!("{} is left", left.both());
    let (level, reason, source) = if share >= SEEN_TO_FAIL {
        (ComfortLevel::AtTheEdge, of_memory, SEEN_TO_FAIL_SOURCE)
    } else if share > OLD_WORKING_SET && limits.gpu_memory.is_working_set() {
        (ComfortLevel::Tight, of_memory, OLD_WORKING_SET_SOURCE)
    } else if left < UNCOUNTED {
        (ComfortLevel::Tight, room, UNCOUNTED_SOURCE)
    } else {
        (
            ComfortLevel::Comfortable,
            of_memory,
            if limits.gpu_memory.is_working_set() {
                "below 75 % of memory, and with 3 GiB and more to spare"
            } else {
                "with 3 GiB and more to spare"
            },
        )
    };
    Some(Comfort {
        level,
        reason,
        source: source.to_owned(),
    })
}
