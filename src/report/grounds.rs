//! What the figures of a loadout rest on: measured or predicted, scored by whom.

use super::words::join;
use crate::basis::Basis;
use crate::plan::document::{Entry, ExpectedQuality, Turn};

/// The turn that takes longest of those that a model serves.
pub(super) fn longest(e: &Entry) -> Option<&Turn> {
    let turns = e.speed.as_ref()?.turns.iter();
    turns.max_by(|a, b| {
        a.seconds_per_turn
            .value
            .total_cmp(&b.seconds_per_turn.value)
    })
}

/// How the speeds are known.
pub(super) fn speeds(loadout: &[Entry], on_mac: bool) -> String {
    let noun = if on_mac { "Mac" } else { "machine" };
    let basis = |of: fn(&Entry) -> Option<Basis>| {
        let known: Option<Vec<Basis>> = loadout.iter().map(of).collect();
        known.map(|all| all.iter().all(|b| *b == Basis::Measured))
    };
    let decode = basis(|e| e.speed.as_ref().map(|s| s.basis));
    let turns = basis(|e| longest(e).map(|t| t.seconds_per_turn.basis));
    match (decode, turns) {
        (None, _) => "speeds that are not all known".to_owned(),
        (Some(true), Some(true)) => format!("speeds measured on such a {noun}"),
        (Some(true), _) => {
            format!("generation measured on such a {noun}, the rest of the turn predicted")
        }
        (Some(false), _) => format!("speeds predicted from other {noun}s and models"),
    }
}

/// What speeds and scores rest on, in a line.
pub(super) fn brief(loadout: &[Entry]) -> String {
    let of = |e: &Entry| e.speed.as_ref().map(|s| s.basis);
    let measured = loadout.iter().all(|e| of(e) == Some(Basis::Measured));
    let known = loadout.iter().all(|e| of(e).is_some());
    let speeds = match (known, measured) {
        (false, _) => "speeds that are not all known",
        (true, true) => "measured speeds",
        (true, false) => "predicted speeds",
    };
    let first = |keep: fn(&ExpectedQuality) -> bool| {
        let mut all = loadout.iter();
        all.find(|e| e.quality.iter().any(keep))
    };
    let nobody = first(is_unscored);
    let own = first(|q| q.unchecked);
    let scores = match (nobody, own) {
        (Some(e), _) => format!("published scores, but none of {}", unscored(e)),
        (None, Some(e)) => format!("published scores, {}'s by its own maker", e.name),
        (None, None) => "published scores".to_owned(),
    };
    format!("{speeds}; {scores}; `--details`")
}

fn is_unscored(quality: &ExpectedQuality) -> bool {
    quality.published + quality.other_evidence == 0
}

/// A model that nobody scored, with the tasks that this holds for where it serves others too.
fn unscored(e: &Entry) -> String {
    let tasks = e.quality.iter().filter(|q| is_unscored(q));
    let tasks: Vec<String> = tasks.map(|q| q.task.clone()).collect();
    match tasks.len() < e.quality.len() {
        true => format!("{} for {}", e.name, join(&tasks)),
        false => e.name.clone(),
    }
}

/// Whose scores the quality rests on.
pub(super) fn scores(loadout: &[Entry]) -> String {
    let by = |keep: fn(&ExpectedQuality) -> bool, name: fn(&Entry) -> String| {
        let doubtful = loadout.iter().filter(|e| e.quality.iter().any(keep));
        let mut names: Vec<String> = doubtful.map(name).collect();
        names.dedup();
        (!names.is_empty()).then(|| join(&names))
    };
    let nobody = by(is_unscored, unscored);
    let unchecked = by(|q| q.unchecked, |e| e.name.clone());
    match (nobody, unchecked) {
        (None, None) => "published scores less a margin for doubt".to_owned(),
        (Some(names), _) => format!("size, date and maker alone for {names}, which nobody scored"),
        (None, Some(names)) => {
            format!(
                "published scores less a margin for doubt, those of {names} by its own publisher and checked by nobody"
            )
        }
    }
}
