//! How long to wait after a setback, and when to give up.
//!
//! A line that breaks and brings bytes in between is tried again at once, however often it breaks.
//! What brings nothing is tried again after pauses that double. Waits are counted, not the clock: a
//! machine that slept has not tried.

/// The pause after the first setback that brought nothing, in seconds.
const FIRST_SECONDS: f64 = 0.25;
/// The longest pause of our own choice, in seconds.
const LONGEST_SECONDS: f64 = 30.0;
/// The longest pause that a server may ask for, in seconds.
const ASKED_SECONDS_MOST: f64 = 600.0;
/// Pauses without a byte in between add up to this, in seconds, before it is given up.
const GIVE_UP_SECONDS: f64 = 1200.0;
/// Fewer bytes than this are no progress.
const LEAST_BYTES: u64 = 4096;

/// What went wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Setback {
    /// The line broke, or never stood.
    Broke,
    /// The server answered that it can't now; with the seconds that it asks to wait, where it does.
    Busy(Option<f64>),
}

/// Bytes that came so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Came {
    /// By this connection.
    pub here: u64,
    /// By all connections together.
    pub all: u64,
}

/// The patience of one connection.
#[derive(Debug, Clone, Copy, Default)]
pub struct Patience {
    came: Came,
    in_a_row: i32,
    waited_seconds: f64,
}

impl Patience {
    /// Seconds to wait before the next try; none where it is given up. What this connection brought
    /// shortens its pauses; what any of them brought postpones giving up.
    pub fn after(&mut self, setback: Setback, came: Came) -> Option<f64> {
        if came.all >= self.came.all.saturating_add(LEAST_BYTES) {
            self.came.all = came.all;
            self.waited_seconds = 0.0;
        }
        let progress = came.here >= self.came.here.saturating_add(LEAST_BYTES);
        if progress {
            self.came.here = came.here;
            self.in_a_row = 0;
        }
        let pause = (FIRST_SECONDS * 2_f64.powi(self.in_a_row)).min(LONGEST_SECONDS);
        let wait = match setback {
            Setback::Broke if progress => 0.0,
            Setback::Broke | Setback::Busy(None) => pause,
            Setback::Busy(Some(asked)) => asked.clamp(pause, ASKED_SECONDS_MOST),
        };
        self.in_a_row += 1;
        self.waited_seconds += wait;
        (self.waited_seconds <= GIVE_UP_SECONDS).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn both(bytes: u64) -> Came {
        Came {
            here: bytes,
            all: bytes,
        }
    }

    #[test]
    fn breaks_that_bring_something_cost_no_time_and_others_back_off() {
        let mut patience = Patience::default();
        for n in 1..=1000 {
            assert_eq!(
                patience.after(Setback::Broke, both(n * LEAST_BYTES)),
                Some(0.0)
            );
        }
        let last = both(1000 * LEAST_BYTES);
        let waits: Vec<f64> = std::iter::from_fn(|| patience.after(Setback::Broke, last)).collect();
        assert_eq!(waits[..3], [0.5, 1.0, 2.0]);
        assert!(waits.iter().all(|w| *w <= LONGEST_SECONDS));
        let all: f64 = waits.iter().sum();
        assert!(all > 900.0 && all <= GIVE_UP_SECONDS, "{all}");
    }

    #[test]
    fn one_that_is_refused_while_others_bring_bytes_waits_and_does_not_give_up() {
        let mut patience = Patience::default();
        let waits: Vec<Option<f64>> = (1..100)
            .map(|n| {
                let all = n << 20;
                patience.after(Setback::Busy(None), Came { here: 0, all })
            })
            .collect();
        assert_eq!(waits[0], Some(FIRST_SECONDS));
        assert_eq!(waits[98], Some(LONGEST_SECONDS));
    }

    #[test]
    fn a_server_may_ask_for_a_pause_of_minutes_and_not_of_days() {
        let mut patience = Patience::default();
        let mut asked = |seconds| patience.after(Setback::Busy(Some(seconds)), both(0));
        assert_eq!(asked(7.0), Some(7.0));
        assert_eq!(asked(1e9), Some(ASKED_SECONDS_MOST));
        assert_eq!(asked(0.0), Some(FIRST_SECONDS * 4.0));
    }
}
