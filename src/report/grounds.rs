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
    let decode = is_measured(loadout, decoding);
    let turns = is_measured(loadout, turning);
    match (decode, turns) {
        (None, _) => "speeds that are not all known".to_owned(),
        (Some(true), Some(true)) => format!("speeds measured on such a {noun}"),
        (Some(true), _) => {
            format!("generation measured on such a {noun}, the rest of the turn predicted")
        }
        (Some(false), _) => format!("speeds predicted from other {noun}s and models"),
    }
}

/// Whether a speed of all was measured; none where one is not known.
fn is_measured(loadout: &[Entry], of: fn(&Entry) -> Option<Basis>) -> Option<bool> {
    let known: Option<Vec<Basis>> = loadout.iter().map(of).collect();
    known.map(|all| all.iter().all(|b| *b == Basis::Measured))
}

fn turning(e: &Entry) -> Option<Basis> {
    longest(e).map(|t| t.seconds_per_turn.basis)
}

fn decoding(e: &Entry) -> Option<Basis> {
    e.speed.as_ref().map(|s| s.basis)
}

/// What speeds and scores rest on, in a line.
pub(super) fn brief(loadout: &[Entry]) -> String {
    let speeds = match (
        is_measured(loadout, decoding),
        is_measured(loadout, turning),
    ) {
        (None, _) => "speeds that are not all known",
        (Some(true), Some(true)) => "measured speeds",
        (Some(true), _) => "generation measured, the rest predicted",
        (Some(false), _) => "predicted speeds",
    };
    let doubt = Doubt::of(loadout);
    let scores = match (doubt.unscored.first(), doubt.unchecked.first()) {
        (Some(name), _) => format!("published scores, but none of {name}"),
        (None, Some(name)) => format!("published scores, {name}'s by its own maker"),
        (None, None) => "published scores".to_owned(),
    };
    format!("{speeds}; {scores}; `--details`")
}

/// The models whose quality is not known from scores that others checked.
struct Doubt {
    /// Scored by nobody, with the tasks where it is not all of them.
    unscored: Vec<String>,
    /// By their own makers alone, whom nobody checked.
    unchecked: Vec<String>,
}

impl Doubt {
    fn of(loadout: &[Entry]) -> Self {
        let named = |keep: fn(&ExpectedQuality) -> bool, name: fn(&Entry) -> String| {
            let doubtful = loadout.iter().filter(|e| e.quality.iter().any(keep));
            let mut names: Vec<String> = doubtful.map(name).collect();
            names.dedup();
            names
        };
        Self {
            unscored: named(is_unscored, unscored),
            unchecked: named(|q| q.unchecked, |e| e.name.clone()),
        }
    }
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
    let Doubt {
        unscored,
        unchecked,
    } = Doubt::of(loadout);
    if !unscored.is_empty() {
        let names = join(&unscored);
        return format!("size, date and maker alone for {names}, which nobody scored");
    }
    let published = "published scores less a margin for doubt".to_owned();
    match unchecked.is_empty() {
        true => published,
        false => format!(
            "{published}, those of {} by its own publisher and checked by nobody",
            join(&unchecked)
        ),
    }
}
