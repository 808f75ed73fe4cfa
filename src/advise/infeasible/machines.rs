//! The machines that have more memory than one, or as much and read it faster, the smallest and
//! slowest first.

use std::cmp::Ordering;

use crate::machine::{Kind, Machine, Profiles};
use crate::memory::limits::Limits;
use crate::scenario::change::OnMachine;
use crate::units::Bytes;

/// Sizes of memory that computers other than Macs are sold with, in GiB.
const SIZES_SOLD_GIB: [u64; 12] = [16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024, 2048];

/// Macs for a Mac, other machines that planner knows for one of those, else the same machine with the sizes of memory that are sold.
pub(super) fn machines_beyond(own: &Machine) -> Vec<OnMachine> {
    if own.kind != Kind::Other {
        let known = known_beyond(own).into_iter();
        return known.map(|m| OnMachine::Other(Box::new(m))).collect();
    }
    let sizes = SIZES_SOLD_GIB.iter().map(|gib| Bytes::from_gib(*gib));
    let larger = sizes.filter(|size| *size > own.memory);
    larger.map(OnMachine::Memory).collect()
}

fn known_beyond(own: &Machine) -> Vec<Machine> {
    // The profiles are part of the program: they are read whenever it runs.
    let Ok(profiles) = Profiles::embedded() else {
        return Vec::new();
    };
    // A Mac's memory orders Macs; others have a memory for models that theirs does not tell.
    let budget = |m: &Machine| match m.is_mac() {
        true => m.memory,
        false => Limits::of(m).budget(),
    };
    let speed = |m: &Machine| m.bandwidth().unwrap_or(0.0);
    let beyond = |m: &Machine| match budget(m).cmp(&budget(own)) {
        Ordering::Greater => true,
        Ordering::Equal => speed(m) > speed(own),
        Ordering::Less => false,
    };
    let known = profiles.machines.iter();
    let mut macs: Vec<Machine> = known
        .filter_map(|p| Machine::from_profile(p, &profiles.chips).ok())
        .filter(|m| m.is_mac() == own.is_mac() && beyond(m))
        .collect();
    macs.sort_by(|a, b| {
        let by_speed = speed(a).total_cmp(&speed(b));
        budget(a).cmp(&budget(b)).then(by_speed)
    });
    macs
}
