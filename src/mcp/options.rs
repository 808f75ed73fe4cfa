//! How the server is run.

use crate::app::studio::StudioChoice;

/// How the server is run.
#[derive(Clone, Default)]
pub struct Options {
    /// Which LM Studio.
    pub studio: StudioChoice,
    /// Whoever started it agreed to every change of what is loaded.
    pub allow_apply: bool,
}
