//! How long an answer that is made of many solves may take.

use crate::edge::clock;
use crate::solve::Deadline;

/// Seconds where nothing else is said.
const PATIENCE: f64 = 20.0;

/// So many seconds from now on, or the usual ones.
pub(super) fn deadline(seconds: Option<f64>) -> Deadline<'static> {
    Deadline::after(&clock::seconds, Some(seconds.unwrap_or(PATIENCE)))
}
