//! How fast it goes now, and how long it still takes.

use std::collections::VecDeque;

use crate::units::Bytes;

/// Seconds of the past that count.
const WINDOW_SECONDS: f64 = 10.0;

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Bytes that are here, those of earlier runs among them.
    pub here: Bytes,
    /// All bytes.
    pub of: Bytes,
    /// The speed of the last seconds, in bytes per second; absent before anything came.
    pub bytes_per_second: Option<f64>,
    /// Seconds until the rest is here at that speed.
    pub seconds_left: Option<f64>,
    /// Seconds for which the hub asked to wait before anything more comes.
    pub asked_to_wait_seconds: Option<f64>,
}

/// Looks at how much is here from time to time.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    seen: VecDeque<(f64, u64)>,
}

impl Meter {
    /// So much is here at `now` (in seconds), of so much.
    #[expect(clippy::cast_precision_loss, reason = "sizes are below 2^53")]
    pub fn read(&mut self, now: f64, here: Bytes, of: Bytes) -> Progress {
        self.seen.push_back((now, here.0));
        while self
            .seen
            .get(1)
            .is_some_and(|(at, _)| now - at >= WINDOW_SECONDS)
        {
            self.seen.pop_front();
        }
        let speed = self.seen.front().and_then(|(at, before)| {
            let came = here.0.saturating_sub(*before) as f64;
            (now > *at && came > 0.0).then(|| came / (now - at))
        });
        let left = of.saturating_sub(here).0 as f64;
        Progress {
            here,
            of,
            bytes_per_second: speed,
            seconds_left: speed.map(|s| left / s),
            asked_to_wait_seconds: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_seconds_count_and_a_pause_is_forgotten() {
        let mut meter = Meter::default();
        let all = Bytes(100_000);
        assert_eq!(meter.read(0.0, Bytes(500), all).bytes_per_second, None);
        let steady = (1..=20)
            .map(|n: u32| meter.read(f64::from(n), Bytes(500 + u64::from(n) * 100), all))
            .last();
        let steady = steady.unwrap();
        assert_eq!(steady.bytes_per_second, Some(100.0));
        assert_eq!(steady.seconds_left, Some((100_000.0 - 2500.0) / 100.0));
        let stuck = (21..=40)
            .map(|n| meter.read(f64::from(n), Bytes(2500), all))
            .last()
            .unwrap();
        assert_eq!((stuck.bytes_per_second, stuck.seconds_left), (None, None));
    }
}
