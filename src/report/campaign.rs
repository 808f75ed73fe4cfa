//! How far a study is, as text.

use super::get::time;
use super::screen::{Paint, Screen};
use super::trial;
use crate::campaign::{SmallTask, SmallTasks, Stage, StudyRun, VariantRun};
use crate::trial::document::TaskOutcome;
use crate::units::Bytes;

/// A line for each model of a study, and where its results are.
#[must_use]
pub fn text(run: &StudyRun, screen: &Screen) -> String {
    let mut out = String::new();
    for row in &run.variants {
        let (paint, word) = match row.stage {
            Stage::Pending if row.why.is_some() => (Paint::Bad, "can't be measured as asked"),
            Stage::Pending => (Paint::Faint, "to come"),
            Stage::Downloading => (Paint::Care, "begun, its files are coming"),
            Stage::Loaded => (Paint::Care, "begun, loaded"),
            Stage::Done => (Paint::Good, "measured"),
            Stage::Failed => (Paint::Bad, "failed"),
        };
        let head = format!(
            "{}: {}",
            screen.paint(Paint::Strong, &row.variant),
            screen.paint(paint, word)
        );
        out.push_str(&screen.fold("", "  ", &[head, figures(row)].concat()));
        for tasks in &row.small_tasks {
            out.push_str(&screen.fold("  ", "    ", &small_tasks(tasks)));
        }
        for words in [&row.why, &row.hint].into_iter().flatten() {
            out.push_str(&screen.fold("  ", "    ", words));
        }
    }
    let count = |stage| run.variants.iter().filter(|r| r.stage == stage).count();
    let (done, failed) = (count(Stage::Done), count(Stage::Failed));
    let rest = run.variants.len() - done - failed;
    let mut words = format!("{done} of {} measured", run.variants.len());
    if failed > 0 {
        words.push_str(&format!(
            ", {failed} failed (`--again` tries those once more)"
        ));
    }
    if rest > 0 {
        words.push_str(&format!(", {rest} to come: the same command goes on"));
    }
    out.push_str(&screen.fold("", "  ", &format!("{words}; results in {}", run.folder)));
    out
}

/// How a set of small tasks went, and what did not pass.
fn small_tasks(tasks: &SmallTasks) -> String {
    let of = tasks
        .folder
        .as_ref()
        .map_or_else(String::new, |f| format!(" of {f}"));
    let summary = &tasks.summary;
    let mut words = format!("{}{of}{}", trial::passed(summary), trial::means(summary));
    let bad = |t: &&SmallTask| matches!(t.outcome, TaskOutcome::Failed | TaskOutcome::Unanswered);
    let failed: Vec<&str> = tasks
        .tasks
        .iter()
        .filter(bad)
        .map(|t| t.task.as_str())
        .collect();
    if !failed.is_empty() {
        words.push_str(&format!("; not {}", failed.join(", ")));
    }
    words
}

fn figures(row: &VariantRun) -> String {
    let mut words = String::new();
    if row.recorded > 0 {
        words.push_str(&format!(", {} rows for your catalog", row.recorded));
    }
    if row.downloaded_bytes > Bytes::ZERO {
        let (size, took) = (row.downloaded_bytes.decimal(), time(row.download_seconds));
        words.push_str(&format!(", {size} downloaded in {took}"));
    }
    if let Some(seconds) = row.load_seconds {
        words.push_str(&format!(", loaded in {}", time(seconds)));
    }
    if row.measure_seconds > 0.0 {
        words.push_str(&format!(", measured in {}", time(row.measure_seconds)));
    }
    if let Some(memory) = row.engines_memory_bytes {
        words.push_str(&format!(", {} of memory at most", memory.both()));
    }
    words
}
