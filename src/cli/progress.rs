//! How far it is: a bar at a terminal, a line for each step of an apply elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::output;
use crate::app::{Event, Work};
use crate::printable::printable;
use crate::report;

/// How often the sign of work moves, which only a terminal shows.
const TICK: Duration = Duration::from_millis(120);
const STEP: &str = "{msg} [{bar:30}] {percent:>3} %  {elapsed}";
const SERIES: &str = "{prefix} [{bar:24}] {pos}/{len} {elapsed} {wide_msg}";
/// The name has a line of its own, so that neither is cut at 80 columns.
const DOWNLOAD: &str = "{prefix:.79}\n[{bar:15}] {percent:>3} % {wide_msg}";

/// What is under way, if anything. Bars hide themselves where standard error is no terminal.
#[derive(Default)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    doing: String,
}

impl Progress {
    /// Shows what happens.
    pub(super) fn show(&mut self, event: &Event<'_>) {
        match event {
            Event::Began(Work::Variations) => {
                self.wait("solving the plan's variations".to_owned());
            }
            Event::ReadingHeader { file } => {
                self.wait(format!("reading the header of {}", printable(file)))
            }
            Event::Unloading(name) => self.step(format!("unloading {}", printable(name))),
            Event::Loading(name) => self.step(format!("loading {}", printable(name))),
            Event::Percent(percent) => self.at(u64::from(*percent)),
            Event::StepDone { seconds } => self.step_done(*seconds),
            Event::SeriesBegan { model, steps } => {
                let bar = bar(*steps, SERIES, "=> ").with_prefix(printable(model).into_owned());
                bar.enable_steady_tick(TICK);
                self.replace(Some(bar));
            }
            Event::Measuring(what) => {
                if let Some(bar) = &self.bar {
                    bar.set_message(printable(what).into_owned());
                }
            }
            Event::SeriesAt(step) => self.at(*step),
            Event::Checking { model, bytes } => self.bytes("checking", model, bytes.0),
            Event::Downloading { model, bytes } => self.bytes("downloading", model, bytes.0),
            Event::Downloaded(progress) => {
                self.at(progress.here.0);
                if let Some(bar) = &self.bar {
                    bar.set_message(report::get::progress(progress));
                }
            }
            Event::Ended(_) | Event::SeriesEnded | Event::DownloadEnded => self.replace(None),
            _ => {}
        }
    }

    fn bytes(&mut self, doing: &str, model: &str, bytes: u64) {
        let bar = bar(bytes, DOWNLOAD, "=> ");
        self.replace(Some(
            bar.with_prefix(format!("{doing} {}", printable(model))),
        ));
    }

    fn replace(&mut self, bar: Option<ProgressBar>) {
        if let Some(before) = std::mem::replace(&mut self.bar, bar) {
            before.finish_and_clear();
        }
    }

    fn wait(&mut self, words: String) {
        let wait = ProgressBar::new_spinner().with_message(words);
        wait.enable_steady_tick(TICK);
        self.replace(Some(wait));
    }

    fn step(&mut self, doing: String) {
        let bar = bar(100, STEP, "█▓·").with_message(doing.clone());
        self.doing = doing;
        self.replace(Some(bar));
    }

    fn at(&self, position: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(position);
        }
    }

    fn step_done(&mut self, seconds: f64) {
        self.replace(None);
        output::say(&format!("{}: done in {seconds:.1} s", self.doing));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.replace(None);
    }
}

fn bar(steps: u64, template: &str, characters: &str) -> ProgressBar {
    let bar = ProgressBar::new(steps);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style.progress_chars(characters)),
        Err(_) => bar,
    }
}
