//! Reasoning efforts in words: what has to be set, and what another would give.

use super::turn;
use super::words::points;
use crate::catalog::effort::{Effort, Setting};
use crate::plan::document::{OtherEffort, TaskEffort};

/// Turns shorter than this, in seconds, need no shorter ones beside them.
const LONG: f64 = 30.0;
/// The share of a turn that a shorter one takes at most to be told of.
const SHORTER: f64 = 0.7;
/// Points by which a longer one has to be better to be told of.
const MUCH_BETTER: f64 = 5.0;

fn named(effort: Setting, means: Option<Effort>) -> String {
    let own = means.and_then(|effort| Setting::from(effort).words());
    match (effort.words(), own) {
        (Some(words), _) => format!("with {words}"),
        (None, Some(words)) => format!("with {words}, its default,"),
        (None, None) => "at its own default".to_owned(),
    }
}

/// `code with thinking on; at its own default a turn takes about 56 s (37 to 89) instead of 6.5 min,
/// and quality is 45.5 instead of 55.6: score 0.063 lower`.
pub(super) fn all(e: &TaskEffort) -> String {
    let others = e.others.iter().map(|other| {
        let price = match other.longer_than_seconds {
            Some(most) => format!("over the {} of {}", turn::seconds(most), e.task),
            None => format!("score {:.3} lower", other.difference),
        };
        format!("{}: {price}", told(e, other))
    });
    let own = match e.effort {
        Setting::Default => format!("{}: its own default", e.task),
        effort => format!("{} {}", e.task, named(effort, e.means)),
    };
    std::iter::once(own)
        .chain(others)
        .collect::<Vec<_>>()
        .join("; ")
}

/// The best of much shorter turns, where the own are long: `code with thinking off: 56 s (37 to 89) a
/// turn, -10.1 points of quality`; with its seconds.
pub(super) fn shorter(e: &TaskEffort) -> Option<(f64, String)> {
    let own = e.seconds_per_turn?.value;
    let short = |o: &&OtherEffort| o.seconds_per_turn.is_some_and(|s| s.value < SHORTER * own);
    let others = e.others.iter().filter(short);
    let best = others.min_by(|a, b| a.difference.total_cmp(&b.difference))?;
    let words = priced(e, best)?;
    (own >= LONG).then_some((best.seconds_per_turn?.value, words))
}

/// The best of much better ones that take longer: `code with thinking on: 3.4 min (2.6 to 4.4) a turn,
/// quality +12.0`.
pub(super) fn better(e: &TaskEffort) -> Option<String> {
    let own = e.cautious_points?;
    let much = |o: &&OtherEffort| o.cautious_points.is_some_and(|p| p - own >= MUCH_BETTER);
    let allowed = |o: &&OtherEffort| o.longer_than_seconds.is_none();
    let others = e.others.iter().filter(much).filter(allowed);
    priced(
        e,
        others.min_by(|a, b| a.difference.total_cmp(&b.difference))?,
    )
}

fn priced(e: &TaskEffort, other: &OtherEffort) -> Option<String> {
    Some(format!(
        "{} {}: {} a turn, {}",
        e.task,
        named(other.effort, other.means).trim_end_matches(','),
        turn::range(&other.seconds_per_turn?),
        points(other.cautious_points? - e.cautious_points?)
    ))
}

/// What the longest turn of the task's profile costs: `code with effort high: 3.5 min a turn, +6.6
/// points of quality; over its 3.0 min, --max-turn 5min lets it in`.
pub(super) fn barred(e: &TaskEffort) -> Option<String> {
    let better = |o: &&OtherEffort| o.longer_than_seconds.is_some() && o.difference < 0.0;
    let others = e.others.iter().filter(better);
    let best = others.min_by(|a, b| a.difference.total_cmp(&b.difference))?;
    let (most, takes) = (best.longer_than_seconds?, best.seconds_per_turn?);
    Some(format!(
        "{} {}: {} a turn, {}; over its {}, `--max-turn {}min` lets it in",
        e.task,
        named(best.effort, best.means).trim_end_matches(','),
        turn::seconds(takes.value),
        points(best.cautious_points? - e.cautious_points?),
        turn::seconds(most),
        (takes.value / 60.0).ceil()
    ))
}

fn told(e: &TaskEffort, other: &OtherEffort) -> String {
    let mut words = named(other.effort, other.means);
    if let (Some(own), Some(then)) = (e.seconds_per_turn, other.seconds_per_turn) {
        let (then, own) = (turn::range(&then), turn::seconds(own.value));
        words = format!("{words} a turn takes about {then} instead of {own}");
    }
    if let (Some(own), Some(then)) = (e.cautious_points, other.cautious_points) {
        words = format!("{words}, and quality is {then:.1} instead of {own:.1}");
    }
    words
}
