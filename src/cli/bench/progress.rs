//! How far it is: a bar on standard error, where that is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar, or nothing.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar for so many steps, under a name.
    pub(super) fn new(steps: u64, name: &str) -> Self {
        // Hidden by itself where standard error is no terminal.
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        let style =
            ProgressStyle::with_template("{prefix} [{bar:24}] {pos}/{len} {elapsed} {wide_msg}");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(std::time::Duration::from_millis(250));
        Self(bar)
    }

    /// Says what goes on.
    pub(super) fn doing(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    /// Sets how far it is.
    pub(super) fn at(&self, step: u64) {
        self.0.set_position(step);
    }

    /// One step further.
    pub(super) fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
