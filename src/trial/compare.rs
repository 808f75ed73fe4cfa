//! A model's result beside those of its other files.

use super::document::{Compared, ModelTrials, TaskOutcome, TaskResult, TrialRun};

/// The newest result of each other file of the same model, by its name. Tasks of another edition are
/// other tasks, and so are those of another folder.
#[must_use]
pub fn compared(run: &TrialRun, model: &ModelTrials, earlier: &[TrialRun]) -> Vec<Compared> {
    let Some((own, of)) = model.variant.as_deref().and_then(named) else {
        return Vec::new();
    };
    let mut rows: Vec<Compared> = Vec::new();
    let mut all: Vec<&TrialRun> = earlier.iter().filter(|e| same_tasks(run, e)).collect();
    all.sort_by(|a, b| b.started.cmp(&a.started));
    for (there, other) in all
        .iter()
        .flat_map(|e| e.models.iter().map(move |m| (e, m)))
    {
        let Some(variant) = other.variant.as_deref() else {
            continue;
        };
        let is_other = named(variant).is_some_and(|(m, v)| m == own && v != of);
        if is_other && !rows.iter().any(|row| row.variant == variant) {
            rows.extend(row(variant, &there.started, model, other));
        }
    }
    rows.sort_by(|a, b| a.variant.cmp(&b.variant));
    rows
}

fn named(variant: &str) -> Option<(&str, &str)> {
    variant.split_once('/')
}

fn same_tasks(run: &TrialRun, earlier: &TrialRun) -> bool {
    let (a, b) = (&run.settings, &earlier.settings);
    a.edition == b.edition && a.folder == b.folder && a.max_tokens == b.max_tokens
}

fn row(variant: &str, started: &str, here: &ModelTrials, there: &ModelTrials) -> Option<Compared> {
    let asked = |t: &&TaskResult| t.outcome != TaskOutcome::LeftOut;
    let passed = |t: &TaskResult| t.outcome == TaskOutcome::Passed;
    let other = |task: &TaskResult| {
        there
            .tasks
            .iter()
            .filter(asked)
            .find(|t| t.task == task.task)
    };
    let both: Vec<(&TaskResult, &TaskResult)> = here
        .tasks
        .iter()
        .filter(asked)
        .filter_map(|t| Some((t, other(t)?)))
        .collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let only = |wanted: fn(bool, bool) -> bool| {
        let rows = both.iter().filter(|(a, b)| wanted(passed(a), passed(b)));
        rows.map(|(a, _)| a.task.clone()).collect::<Vec<_>>()
    };
    (!both.is_empty()).then(|| Compared {
        variant: variant.to_owned(),
        started: started.to_owned(),
        tasks: count(both.len()),
        passed_here: count(both.iter().filter(|(a, _)| passed(a)).count()),
        passed_there: count(both.iter().filter(|(_, b)| passed(b)).count()),
        only_here: only(|a, b| a && !b),
        only_there: only(|a, b| b && !a),
    })
}
