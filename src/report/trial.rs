//! A result of `bench --quality`, as text.

use super::screen::{Paint, Screen};
use crate::measure::document::Status;
use crate::trial::document::{
    Compared, ModelTrials, Sandbox, TaskOutcome, TaskResult, TrialRun, TrialSummary,
};
use crate::units::tokens;

/// What passed, what did not and why, and the same model's other files beside it.
#[must_use]
pub fn text(run: &TrialRun, screen: &Screen) -> String {
    let mut out = String::new();
    for model in &run.models {
        out.push_str(&head(run, model, screen));
        out.push_str(&kinds(&model.summary, screen));
        out.push_str(&problems(&model.tasks, screen));
        out.push_str(&others(model, screen));
        out.push('\n');
    }
    let mut notes = vec![format!("{}{}", run.purpose, held_by(run.settings.sandbox))];
    notes.extend(run.notes.iter().cloned());
    notes.extend(run.models.iter().flat_map(|m| m.notes.iter().cloned()));
    if run.status == Status::Interrupted {
        notes.push("stopped before its end: what was asked until then is kept".to_owned());
    }
    for note in notes {
        out.push_str(&screen.fold("note: ", "      ", &note));
    }
    out
}

fn held_by(sandbox: Sandbox) -> &'static str {
    match sandbox {
        Sandbox::SandboxExec => "; code ran in macOS's sandbox",
        Sandbox::Bwrap => "; code ran in a sandbox (bwrap)",
        Sandbox::Unshare => "; code ran in a sandbox (namespaces)",
        Sandbox::Unsandboxed | Sandbox::NotThere | Sandbox::NotNeeded => "",
    }
}

fn head(run: &TrialRun, model: &ModelTrials, screen: &Screen) -> String {
    let paint = match model.summary.passed == model.summary.asked {
        true => Paint::Good,
        false => Paint::Bad,
    };
    let words = screen.paint(paint, &passed(&model.summary));
    let name = screen.paint(Paint::Strong, &model.model);
    let mut at = vec![format!(
        "{} at {}",
        run.server.kind.as_deref().unwrap_or("a server"),
        run.server.base_url
    )];
    at.extend(
        model
            .context_tokens
            .map(|c| format!("context {}", tokens(c))),
    );
    if let Some(variant) = &model.variant {
        let by = model.variant_known_by.as_deref().unwrap_or("");
        at.push(format!("{variant} (by {by})"));
    }
    let first = screen.fold(
        "",
        "  ",
        &format!("{name}: {words}{}", means(&model.summary)),
    );
    format!("{first}{}", screen.fold("  ", "  ", &at.join(", ")))
}

/// How many passed, of how many.
pub(super) fn passed(summary: &TrialSummary) -> String {
    let mut words = format!("{} of {} small tasks passed", summary.passed, summary.asked);
    if summary.left_out > 0 {
        words.push_str(&format!(", {} left out", summary.left_out));
    }
    words
}

/// Tokens and seconds of a task.
pub(super) fn means(summary: &TrialSummary) -> String {
    let mut words = String::new();
    if let Some(tokens) = summary.tokens_per_task {
        words.push_str(&format!(", {tokens:.0} tokens"));
    }
    if let Some(seconds) = summary.seconds_per_task {
        let and = if words.is_empty() { "," } else { " and" };
        words.push_str(&format!("{and} {seconds:.1} s each"));
    }
    words
}

fn kinds(summary: &TrialSummary, screen: &Screen) -> String {
    let rows = summary.kinds.iter().map(|k| {
        let left = match k.left_out {
            0 => String::new(),
            n => format!(" ({n} left out)"),
        };
        format!("{} {}/{}{left}", k.kind.name(), k.passed, k.asked)
    });
    let rows: Vec<String> = rows.collect();
    match rows.is_empty() {
        true => String::new(),
        false => screen.fold("  ", "  ", &rows.join(", ")),
    }
}

fn problems(tasks: &[TaskResult], screen: &Screen) -> String {
    let mut out = String::new();
    for task in tasks.iter().filter(|t| t.outcome != TaskOutcome::Passed) {
        let (paint, word) = match task.outcome {
            TaskOutcome::Unanswered => (Paint::Bad, "no answer"),
            TaskOutcome::LeftOut => (Paint::Faint, "left out"),
            TaskOutcome::Failed | TaskOutcome::Passed => (Paint::Bad, "failed"),
        };
        let lead = format!("  {} ", screen.paint(paint, word));
        let why = task.why.as_deref().unwrap_or("it did not pass");
        out.push_str(&screen.fold(&lead, "    ", &format!("{}: {why}", task.task)));
    }
    out
}

fn others(model: &ModelTrials, screen: &Screen) -> String {
    let rows = model.others.iter().map(|other| row(other, screen));
    rows.collect()
}

fn row(other: &Compared, screen: &Screen) -> String {
    let Compared {
        variant,
        tasks,
        passed_here,
        passed_there,
        ..
    } = other;
    let day = other.started.get(..10).unwrap_or(&other.started);
    let mut words =
        format!("beside {variant} ({day}): {passed_here} of {tasks} here, {passed_there} there");
    for (list, place) in [(&other.only_here, "here"), (&other.only_there, "there")] {
        if !list.is_empty() {
            words.push_str(&format!("; only {place}: {}", list.join(", ")));
        }
    }
    screen.fold("  ", "    ", &words)
}
