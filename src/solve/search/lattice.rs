//! The amounts of memory that sums of entries, one of each class, can take.
//!
//! The memories of a class differ from its first one's by multiples of one step, so all sums are the
//! sum of the first ones and some multiple of it: where all sizes are even, no set fills an odd
//! room.

use std::rc::Rc;

use crate::solve::search::front::Front;

/// The sums of one memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lattice {
    /// What the first entries of all classes take.
    base: u64,
    /// What all sums differ by a multiple of; zero where there is only one.
    step: u64,
}

impl Lattice {
    /// That of a split's classes.
    pub(super) fn of(parts: &[Rc<Front>], dimension: usize) -> Self {
        let (mut base, mut step) = (0, 0);
        for part in parts {
            let first = part.entries()[0].memory[dimension];
            base += first;
            let entries = part.entries().iter();
            let apart = entries.map(|e| e.memory[dimension].abs_diff(first));
            step = apart.fold(step, gcd);
        }
        Self { base, step }
    }

    /// Bytes from one amount to the next.
    pub(super) fn step(&self) -> u64 {
        self.step.max(1)
    }

    /// How many steps above the first entries' sum a room reaches; none where it is below that.
    pub(super) fn steps_within(&self, room: u64) -> Option<u64> {
        Some(room.checked_sub(self.base)? / self.step())
    }

    /// The most of a room that a sum can take; none where all take more.
    ///
    /// The first entry takes least of the first memory, and perhaps not of the second: amounts
    /// below the base count as well.
    pub(super) fn round_down(&self, room: u64) -> Option<u64> {
        let beyond = i128::from(room) - i128::from(self.base);
        let rest = beyond.checked_rem_euclid(i128::from(self.step));
        room.checked_sub(u64::try_from(rest.unwrap_or(beyond)).ok()?)
    }
}

/// The greatest common divisor; of zero and a number that number.
pub(super) const fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
