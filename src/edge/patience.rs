//! Readings that fail now and then are tried again before anything is decided by them.

use std::thread;
use std::time::Duration;

use anyhow::{Error, Result};

/// Times that a reading is tried.
const TRIES: u32 = 5;
/// The pause after the first try; it grows with each.
const PAUSE: Duration = Duration::from_millis(100);

/// Why a reading failed.
pub(super) enum Failure {
    /// Perhaps only this time.
    Passing(Error),
    /// The next try would fail as well.
    Lasting(Error),
}

impl Failure {
    /// The error, where nothing is tried again.
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Passing(error) | Self::Lasting(error) => error,
        }
    }
}

/// Reads, up to five times.
pub(super) fn patiently<T>(mut read: impl FnMut() -> Result<T, Failure>) -> Result<T> {
    let mut tries = 0;
    loop {
        tries += 1;
        match read() {
            Ok(read) => return Ok(read),
            Err(Failure::Passing(_)) if tries < TRIES => thread::sleep(PAUSE * tries),
            Err(failure) => return Err(failure.into_error()),
        }
    }
}
