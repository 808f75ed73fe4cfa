//! Reading a profile, and whether it can score.

use serde::Deserialize;

use crate::fault;
use crate::fault::Fault;
use crate::task::older;
use crate::task::profile::{TaskError, TaskProfile};
use crate::task::weights::ROUNDING;
use crate::toml_text;

/// Reads one profile and checks that it can score.
///
/// # Errors
/// When the text is not a profile, or its weights or anchors make no sense. What earlier versions
/// read and this one does not is no error: the profile's notes tell it.
pub fn parse(path: &str, text: &str) -> Result<TaskProfile, TaskError> {
    settled(path, read(path, text)?)
}

/// The profile with all of its weights, if it can score.
///
/// # Errors
/// When its weights or anchors make no sense.
pub(super) fn settled(path: &str, mut task: TaskProfile) -> Result<TaskProfile, TaskError> {
    task.weights.settle();
    match problem(&task) {
        Some(problem) => Err(TaskError::Nonsense {
            path: path.to_owned(),
            problem,
        }),
        None => Ok(task),
    }
}

/// The profile as it stands, or, where earlier versions read more, without what is gone.
fn read(path: &str, text: &str) -> Result<TaskProfile, TaskError> {
    let Ok(mut older) = toml::from_str::<serde_json::Map<String, serde_json::Value>>(text) else {
        return Ok(toml_text::parse(path, text)?);
    };
    let notes = older::mend(&mut older);
    if notes.is_empty() {
        return Ok(toml_text::parse(path, text)?);
    }
    let older = serde_json::Value::Object(older);
    let task = TaskProfile::deserialize(older).map_err(|error| TaskError::Nonsense {
        path: path.to_owned(),
        problem: fault!("{error}"; "`planner tasks code` prints a whole profile"),
    })?;
    Ok(TaskProfile { notes, ..task })
}

/// How anchors are written.
const ANCHORS: &str =
    "write pairs of a figure and its utility, figures rising: [[10.0, 0.0], [60.0, 1.0]]";

/// Why a profile can't score, where it can't.
pub fn problem(task: &TaskProfile) -> Option<Fault> {
    let weights = task.weights.all();
    if weights.iter().any(|w| !(0.0..=1.0).contains(w)) {
        return Some(
            fault!("every weight must lie between 0 and 1"; "give weights that add up to 1"),
        );
    }
    let sum: f64 = weights.iter().sum();
    if (sum - 1.0).abs() > 1e-9 {
        return Some(fault!(
            "the weights add up to {sum}, not to 1";
            "raise or lower one of them by {:.4}; what is within {ROUNDING} of 1 is taken for rounding", (1.0 - sum).abs()
        ));
    }
    if !(0.0..=3.0).contains(&task.caution) {
        return Some(
            fault!("caution must lie between 0 and 3"; "give standard errors, such as caution = 0.5"),
        );
    }
    let s = &task.scales;
    let scales = [
        ("turn", &s.turn),
        ("context", &s.context),
        ("reliability", &s.reliability),
    ];
    for (name, scale) in [("quality", &s.quality), ("memory", &s.memory)] {
        if let Some(p) = anchor_problem(&scale.anchors) {
            return Some(fault!("scales.{name}.anchors: {p}"; "{ANCHORS}"));
        }
    }
    for (name, scale) in scales {
        if !(0.0..=1.0).contains(&scale.missing) {
            return Some(fault!(
                "scales.{name}.missing must lie between 0 and 1";
                "it is the utility of an unknown figure: 0 is worthless, 1 is as good as can be"
            ));
        }
        if let Some(p) = anchor_problem(&scale.anchors) {
            return Some(fault!("scales.{name}.anchors: {p}"; "{ANCHORS}"));
        }
    }
    let f = &task.floors;
    let least = [f.decode_tokens_per_second, f.bits_per_weight, f.quality];
    if least.iter().any(|x| !x.is_finite() || *x < 0.0) || !(0.0..=1.0).contains(&f.pass_rate) {
        return Some(fault!(
            "floors: `decode_tokens_per_second`, `bits_per_weight` and `quality` must be at least 0, and `pass_rate` between 0 and 1";
            "leave a floor out where none is meant"
        ));
    }
    turn_problem(task).or_else(|| benchmark_problem(task))
}

/// What is wrong with the turns that a task repeats, and with what it demands of their time.
fn turn_problem(task: &TaskProfile) -> Option<Fault> {
    let w = &task.workload;
    if w.depth_tokens == 0 || w.new_tokens > w.depth_tokens || w.streams == 0 {
        return Some(fault!(
            "workload: `depth_tokens` and `streams` must be above 0, and `new_tokens` at most `depth_tokens`";
            "the depth counts all tokens before the answer, the new ones with them"
        ));
    }
    if w.deep_tokens.is_some_and(|deep| deep < w.depth_tokens) {
        return Some(fault!(
            "workload: `deep_tokens` must be at least `depth_tokens`";
            "nine of ten turns end below it; leave it out for twice `depth_tokens`"
        ));
    }
    let turn = &task.scales.turn.anchors;
    if turn.iter().any(|[seconds, _]| *seconds <= 0.0) {
        return Some(fault!(
            "scales.turn.anchors: seconds must be above 0";
            "write pairs of seconds and utility, seconds rising: [[5, 0.95], [60, 0.05]]"
        ));
    }
    if turn.windows(2).any(|pair| pair[0][1] <= pair[1][1]) {
        return Some(fault!(
            "scales.turn.anchors: utilities must fall from pair to pair";
            "more seconds are worth less: [[5, 0.95], [60, 0.05]]"
        ));
    }
    let f = &task.floors;
    let most = [f.max_first_token_seconds, f.max_turn_seconds];
    if most.iter().flatten().any(|x| !x.is_finite() || *x <= 0.0) {
        return Some(fault!(
            "floors: `max_first_token_seconds` and `max_turn_seconds` must be above 0";
            "leave a floor out where none is meant"
        ));
    }
    None
}

fn benchmark_problem(task: &TaskProfile) -> Option<Fault> {
    for b in &task.benchmarks {
        if !b.weight.is_finite() || b.weight <= 0.0 {
            return Some(fault!(
                "benchmark `{}` needs a weight above 0", b.name;
                "weights count against each other; leave the benchmark out if it does not count"
            ));
        }
    }
    None
}

fn anchor_problem(anchors: &[[f64; 2]]) -> Option<&'static str> {
    if anchors.len() < 2 {
        return Some("there are fewer than two pairs");
    }
    if anchors
        .iter()
        .any(|[x, y]| !x.is_finite() || !(0.0..=1.0).contains(y))
    {
        return Some("figures must be finite and utilities between 0 and 1");
    }
    anchors
        .windows(2)
        .any(|pair| pair[0][0] >= pair[1][0])
        .then_some("figures must rise from pair to pair")
}
