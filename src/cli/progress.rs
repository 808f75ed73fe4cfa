//! Steps as they happen, on standard error: a bar at a terminal, a line each elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

use crate::apply::LoadTime;
use crate::edge::clock;
use crate::edge::converge::Event;

/// Shows steps.
pub(super) struct Progress {
    bar: ProgressBar,
    doing: String,
    began_seconds: f64,
    loading: Option<String>,
    loads: Vec<LoadTime>,
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
            began_seconds: 0.0,
            loading: None,
            loads: Vec::new(),
        }
    }

    /// How long each load took that came to its end.
    pub(super) fn loads(mut self) -> Vec<LoadTime> {
        std::mem::take(&mut self.loads)
    }

    /// Shows what is happening.
    pub(super) fn show(&mut self, event: Event<'_>) {
        match event {
            Event::Unloading(i) => {
                self.loading = None;
                self.begin(format!("unloading {}", i.identifier));
            }
            Event::Loading(i) => {
                self.loading = Some(i.identifier.clone());
                self.begin(format!("loading {}", i.identifier));
            }
            Event::Progress(percent) => self.bar.set_position(u64::from(percent)),
            Event::Done => self.done(),
        }
    }

    fn begin(&mut self, doing: String) {
        self.bar.reset();
        self.bar.set_message(doing.clone());
        self.doing = doing;
        self.began_seconds = clock::seconds();
    }

    fn done(&mut self) {
        let took = clock::seconds() - self.began_seconds;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "milliseconds since the step began"
        )]
        let milliseconds = (took * 1000.0) as u64;
        self.loads
            .extend(self.loading.take().map(|identifier| LoadTime {
                identifier,
                milliseconds,
                files_bytes: None,
            }));
        let line = format!("{}: done in {took:.1} s", self.doing);
        self.bar.suspend(|| super::output::say(&line));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
