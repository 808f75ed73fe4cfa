//! How the screen is run.

use crate::app::studio::StudioChoice;

/// How the screen is run.
#[derive(Clone, Default)]
pub struct Options {
    /// Which LM Studio.
    pub studio: StudioChoice,
    /// In colours of the terminal's palette.
    pub color: bool,
}
