//! What the tasks of a model come to together.

use super::document::{KindSummary, TaskOutcome, TaskResult, TrialSummary};

/// The figures of these tasks.
#[must_use]
pub fn summary(tasks: &[TaskResult]) -> TrialSummary {
    let mut kinds: Vec<KindSummary> = Vec::new();
    for task in tasks {
        let at = kinds.iter().position(|k| k.kind == task.kind);
        let at = at.unwrap_or_else(|| {
            kinds.push(KindSummary {
                kind: task.kind,
                passed: 0,
                asked: 0,
                left_out: 0,
            });
            kinds.len() - 1
        });
        let kind = &mut kinds[at];
        match task.outcome {
            TaskOutcome::LeftOut => kind.left_out += 1,
            TaskOutcome::Passed => {
                kind.asked += 1;
                kind.passed += 1;
            }
            TaskOutcome::Failed | TaskOutcome::Unanswered => kind.asked += 1,
        }
    }
    let answered = || {
        tasks
            .iter()
            .filter(|t| matches!(t.outcome, TaskOutcome::Passed | TaskOutcome::Failed))
    };
    TrialSummary {
        passed: kinds.iter().map(|k| k.passed).sum(),
        asked: kinds.iter().map(|k| k.asked).sum(),
        left_out: kinds.iter().map(|k| k.left_out).sum(),
        tokens_per_task: mean(
            answered()
                .filter_map(|t| t.completion_tokens)
                .map(f64::from),
        ),
        seconds_per_task: mean(answered().filter_map(|t| t.seconds)),
        kinds,
    }
}

fn mean(figures: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = figures.fold((0_u32, 0.0), |(n, sum), f| (n + 1, sum + f));
    (count > 0).then(|| (sum / f64::from(count) * 1000.0).round() / 1000.0)
}
