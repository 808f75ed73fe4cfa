//! Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};

/// A switch that Ctrl-C (and a polite end by the system) turns on.
///
/// # Errors
/// When the signals can't be caught.
pub(super) fn switch() -> Result<Arc<AtomicBool>> {
    let switch = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&switch);
    ctrlc::set_handler(move || set.store(true, Ordering::Relaxed)).context("can't catch Ctrl-C")?;
    Ok(switch)
}
