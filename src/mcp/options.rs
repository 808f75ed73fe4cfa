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
    /// Turned on to end the server; what is being loaded then is taken back first.
    pub stop: Arc<AtomicBool>,
}
