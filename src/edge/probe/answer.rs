//! How the machine is asked: never for longer than a limit, and with the reason where it says
//! nothing.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::machine::assemble::Answer;
use crate::machine::reading::NotRead;

/// The longest that one answer is waited for.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

/// Asks on a thread, so that what hangs cannot hang us.
pub(super) fn in_time<T: Send + 'static>(
    who: &str,
    ask: impl FnOnce() -> Answer<T> + Send + 'static,
) -> Answer<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(ask()));
    receiver.recv_timeout(LIMIT).unwrap_or_else(|_| {
        Err(NotRead::TimedOut {
            who: who.to_owned(),
            seconds: LIMIT.as_secs(),
        })
    })
}

/// Why a library told nothing.
pub(super) fn unread(who: &str, error: &dyn std::fmt::Display) -> NotRead {
    NotRead::NotRun {
        command: who.to_owned(),
        error: error.to_string(),
    }
}
