//! How the server is run.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::app::studio::StudioChoice;

/// How the server is run.
#[derive(Clone, Default)]
pub struct Options {
    /// Which LM Studio.
    pub studio: StudioChoice,
    /// Whoever started it agreed to every change of what is loaded.
    pub allow_apply: bool,
    /// Turned on to end what is being loaded, which is then taken back.
    pub stop: Arc<AtomicBool>,
    /// Ends the serving; it stays on, while what is taken back turns the other off again.
    pub end: Arc<AtomicBool>,
}
