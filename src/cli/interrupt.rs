//! Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};

/// A switch that Ctrl-C (and a polite end by the system) turns on.
///
/// # Errors
/// When the signals can't be caught.
pub(super) fn switch() -> Result<Arc<AtomicBool>> {
    switches().map(|[switch, _]| switch)
}

/// Two that Ctrl-C turns on: one for the step that is under way, which may be set anew, and one that
/// stays, which is on by the time that the step ends.
///
/// # Errors
/// When the signals can't be caught.
pub(super) fn switches() -> Result<[Arc<AtomicBool>; 2]> {
    let switches = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
    let set = switches.clone();
    let turn_on = move || (set.iter().rev()).for_each(|s| s.store(true, Ordering::SeqCst));
    ctrlc::set_handler(turn_on).context("can't catch Ctrl-C")?;
    Ok(switches)
}
