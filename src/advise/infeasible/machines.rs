//! The machines that have more memory than one, the smallest and slowest first.

use crate::machine::{Machine, Profiles};
use crate::scenario::change::OnMachine;
use crate::units::Bytes;

/// Sizes of memory that computers other than Macs are sold with, in GiB.
const SIZES_SOLD_GIB: [u64; 12] = [16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024, 2048];

/// Macs for a Mac, else the same machine with the sizes of memory that are sold.
pub(super) fn machines_beyond(own: &Machine) -> Vec<OnMachine> {
    if own.apple_silicon {
        let macs = macs_beyond(own).into_iter();
        return macs.map(|m| OnMachine::Other(Box::new(m))).collect();
    }
    let sizes = SIZES_SOLD_GIB.iter().map(|gib| Bytes::from_gib(*gib));
    let larger = sizes.filter(|size| *size > own.memory);
    larger.map(OnMachine::Memory).collect()
}

fn macs_beyond(own: &Machine) -> Vec<Machine> {
    // The profiles are part of the program: they are read whenever it runs.
    let Ok(profiles) = Profiles::embedded() else {
        return Vec::new();
    };
    let known = profiles.machines.iter();
    let mut macs: Vec<Machine> = known
        .filter_map(|p| Machine::from_profile(p, &profiles.chips).ok())
        .filter(|m| m.apple_silicon && m.memory > own.memory)
        .collect();
    let speed = |m: &Machine| m.bandwidth().unwrap_or(0.0);
    macs.sort_by(|a, b| {
        let by_speed = speed(a).total_cmp(&speed(b));
        a.memory.cmp(&b.memory).then(by_speed)
    });
    macs
}
