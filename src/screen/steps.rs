//! The values that sliders step through.

use crate::units::Bytes;

/// Depths of a turn, in tokens.
pub(super) const DEPTHS: [u32; 11] = [
    4_096, 8_192, 16_384, 32_768, 49_152, 65_536, 98_304, 131_072, 163_840, 196_608, 262_144,
];
/// Conversations at once.
pub(super) const AGENTS: [u32; 8] = [1, 2, 3, 4, 6, 8, 12, 16];
/// Memory left to the system, in GiB.
const RESERVES: [u64; 11] = [2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96];
/// The GPU's limit goes in steps of so many parts of the memory, from half of it up.
const PARTS: u64 = 32;

/// Amounts to leave to the system on a machine of so much memory.
pub(super) fn reserves(memory: Bytes) -> Vec<Bytes> {
    let gib = RESERVES.into_iter().map(|n| Bytes(n << 30));
    gib.filter(|b| b.0 * 2 <= memory.0).collect()
}

/// Limits of the GPU on a machine of so much memory.
pub(super) fn limits(memory: Bytes) -> Vec<Bytes> {
    let part = |n| Bytes(memory.0 / PARTS * n);
    (PARTS / 2..PARTS).map(part).collect()
}

/// The next value up or down. Below the first stands none: what holds where nothing is said.
pub(super) fn step<T: Copy + PartialOrd>(values: &[T], now: Option<T>, up: bool) -> Option<T> {
    let at = now.map(|now| values.iter().take_while(|v| **v < now).count());
    let exact = now.is_some_and(|now| values.contains(&now));
    match (at, up) {
        (None, true) => values.first().copied(),
        (None, false) => None,
        (Some(at), true) if exact => values.get(at + 1).copied().or(now),
        (Some(at), true) => values.get(at).copied().or(now),
        (Some(at), false) => at.checked_sub(1).and_then(|n| values.get(n)).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_up_to_the_last_and_down_to_none() {
        let values = [2, 4, 8];
        let (mut now, mut seen) = (None, Vec::new());
        for up in [true, true, true, true, false, false, false, false] {
            now = step(&values, now, up);
            seen.push(now);
        }
        let expected = [2, 4, 8, 8, 4, 2].map(Some).into_iter();
        assert_eq!(seen, expected.chain([None, None]).collect::<Vec<_>>());
        // A default of the user's may lie between.
        assert_eq!(
            (step(&values, Some(5), true), step(&values, Some(5), false)),
            (Some(8), Some(4))
        );
    }

    #[test]
    fn a_small_mac_has_small_amounts() {
        let memory = Bytes(16 << 30);
        assert!(reserves(memory).iter().all(|b| b.gib() <= 8.0));
        let limits = limits(memory);
        assert!(limits.iter().all(|b| *b < memory) && limits.is_sorted());
    }
}
