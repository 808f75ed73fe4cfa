//! Time.

use std::sync::OnceLock;
use std::time::Instant;

use super::environment;

/// Seconds since the first call.
#[must_use]
pub fn seconds() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// The time of day in UTC, to the second: `2026-02-05T15:26:20Z`.
#[must_use]
pub fn utc() -> String {
    let now = jiff::Timestamp::now();
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The day in UTC: `2026-02-05`; that of `SOURCE_DATE_EPOCH` where it is set, for answers that are
/// the same on another day.
#[must_use]
pub fn today() -> String {
    let set = environment::variable("SOURCE_DATE_EPOCH").and_then(|s| s.parse().ok());
    let set = set.and_then(|s| jiff::Timestamp::from_second(s).ok());
    let time = set.unwrap_or_else(jiff::Timestamp::now);
    time.strftime("%Y-%m-%d").to_string()
}

/// Nanoseconds of the time of day: a number that was not there before.
#[must_use]
pub fn nanoseconds() -> u64 {
    let now = jiff::Timestamp::now().as_nanosecond();
    u64::try_from(now).unwrap_or(0)
}
