//! Steps as they happen, on standard error: a bar at a terminal, a line each elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

use crate::edge::converge::Event;

/// Shows steps.
pub(super) struct Progress {
    bar: ProgressBar,
    doing: String,
}

impl Progress {
    /// Nothing shown yet.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(100);
        if let Ok(style) =
            ProgressStyle::with_template("{msg} [{bar:30}] {percent:>3} %  {elapsed}")
        {
            bar.set_style(style.progress_chars("█▓·"));
        }
        Self {
            bar,
            doing: String::new(),
        }
    }

    /// Shows what is happening.
    pub(super) fn show(&mut self, event: Event<'_>) {
        match event {
            Event::Unloading(i) => self.begin(format!("unloading {}", i.identifier)),
            Event::Loading(i) => self.begin(format!("loading {}", i.identifier)),
            Event::Progress(percent) => self.bar.set_position(u64::from(percent)),
            Event::Done => self
                .bar
                .suspend(|| super::output::say(&format!("{}: done", self.doing))),
        }
    }

    fn begin(&mut self, doing: String) {
        self.bar.reset();
        self.bar.set_message(doing.clone());
        self.doing = doing;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
