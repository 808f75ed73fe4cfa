//! Time.

use std::sync::OnceLock;
use std::time::Instant;

/// Seconds since the first call.
#[must_use]
pub fn seconds() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}
