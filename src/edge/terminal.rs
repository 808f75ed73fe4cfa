//! What is asked of the person at the terminal, and its Ctrl-C.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};

/// Asks a question that is answered with yes or no; none where nobody is there to answer.
///
/// # Errors
/// When the terminal can't be read.
pub fn confirm(question: &str) -> Result<Option<bool>> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(None);
    }
    let mut stderr = std::io::stderr();
    write!(stderr, "{question} [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    stdin
        .read_line(&mut answer)
        .context("can't read the answer")?;
    Ok(Some(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    )))
}

/// A switch that Ctrl-C (and a polite end by the system) turns on.
///
/// # Errors
/// When the signals can't be caught.
pub fn interruption() -> Result<Arc<AtomicBool>> {
    let switch = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&switch);
    ctrlc::set_handler(move || set.store(true, Ordering::Relaxed)).context("can't catch Ctrl-C")?;
    Ok(switch)
}
