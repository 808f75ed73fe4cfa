//! What else could be chosen, in a few lines: faster, smaller, as good, and what fits besides.

use super::screen::Screen;
use super::turn;
use super::words::points;
use crate::plan::document::{Alternative, Chosen, Member, Pick, PickKind, Plan, RoomKind, Tie};
use crate::plan::request::Request;
use crate::units::tokens;

/// The lines; empty where there is nothing to say.
pub(super) fn lines(plan: &Plan, screen: &Screen) -> String {
    let best = plan.picks.first();
    let mut lines: Vec<String> = Vec::new();
    for pick in plan.picks.iter().filter(|p| p.same_as.is_none()) {
        lines.extend(best.and_then(|best| told(pick, best)));
    }
    lines.extend(plan.ties.iter().map(tie));
    lines.extend(plan.room.iter().map(|r| {
        let name = format!("{}/{}", r.model, r.variant);
        let turns = r.seconds_per_turn.map(turn::seconds);
        let turns = turns.map_or_else(String::new, |each| format!(", turns of {each}"));
        format!("room for {}: {name}, {}{turns}", r.used_for, r.bytes.both())
    }));
    let folded = lines.iter().map(|line| screen.fold("  ", "    ", line));
    folded.collect()
}

/// The label of what takes less memory.
pub(super) const SMALLER: &str = "Smaller";
/// Percent by which a pick must do better to be told there.
const LEAST_GAIN: f64 = 5.0;
/// Labels and what stands behind them on the first screen: the picks, the first ties, the room.
/// Turns that are no shorter than those of another effort, where that is told, are left out. At most
/// so many ties are named, and so many uses of the room.
pub(super) fn short(
    plan: &Plan,
    by_effort: Option<f64>,
    (named, uses): (usize, usize),
) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    if let Some(best) = plan.picks.first() {
        let told = |p: &&Pick| {
            let longer = by_effort.zip(seconds(p)).is_some_and(|(e, s)| e <= s);
            p.same_as.is_none() && !(p.kind == PickKind::Faster && longer)
        };
        for pick in plan.picks.iter().filter(told) {
            all.extend(labelled(pick, best));
        }
    }
    let some = |lines: Vec<String>, label| (!lines.is_empty()).then(|| (label, lines.join("; ")));
    let ties = plan.ties.iter().map(|t| as_good(plan, &t.loadout));
    let more = plan.ties.len().saturating_sub(named);
    let mut ties: Vec<String> = ties.take(named).collect();
    match (named, more) {
        (_, 0) => {}
        (0, 1) => ties.push("1 other, within what is known (`--details`)".to_owned()),
        (0, n) => ties.push(format!("{n} others, within what is known (`--details`)")),
        _ => ties.push(format!("and {more} more, within what is known")),
    }
    all.extend(some(ties, "As good"));
    all.extend(room(plan, uses).map(|words| ("Room for", words)));
    all
}

/// What there is room for: each fits by itself, not all of them together.
fn room(plan: &Plan, named: usize) -> Option<String> {
    let told = plan.room.iter().take(named).map(|r| {
        let (name, size) = (format!("{}/{}", r.model, r.variant), r.bytes.gib());
        let at = match r.kind {
            RoomKind::MoreAgents => format!(" at {}", tokens(r.context)),
            _ => String::new(),
        };
        let turns = r.seconds_per_turn.map(turn::seconds);
        let turns = turns.map_or_else(String::new, |each| format!(", turns of {each}"));
        let size = match size < 1.0 {
            true => format!("{size:.1} GiB"),
            false => format!("{size:.0} GiB"),
        };
        format!("{}: {name}{at}, {size}{turns}", r.used_for)
    });
    let told: Vec<String> = told.collect();
    match told.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("one of: {}", several.join("; "))),
    }
}

/// A tie by its names, and by how much its turns are longer or shorter.
fn as_good(plan: &Plan, loadout: &[Chosen]) -> String {
    let named = |m: &Member, c: &Chosen| {
        m.variant == format!("{}/{}", c.model, c.variant) && m.context == c.context
    };
    let same = |a: &&Alternative| {
        let known = |m: &Member| loadout.iter().any(|c| named(m, c));
        a.members.len() == loadout.len() && a.members.iter().all(known)
    };
    let other = plan.alternatives.iter().find(same);
    let other = other.and_then(|a| {
        let turns = a.members.iter().flat_map(|m| &m.turns);
        by_shares(plan, turns.map(|t| (&t.task, t.seconds_per_turn.value)))
    });
    let own = plan.loadout.iter().filter_map(|e| e.speed.as_ref());
    let own = own.flat_map(|s| &s.turns);
    let own = by_shares(plan, own.map(|t| (&t.task, t.seconds_per_turn.value)));
    let by = own
        .zip(other)
        .map_or_else(String::new, |(own, other)| by_length(own, other));
    let short = match loadout.iter().any(|c| is_short(plan, c)) {
        true => ", its context too short for those turns",
        false => "",
    };
    let best = plan.picks.first().map_or(&[][..], |best| &best.loadout);
    format!("{}{by}{short}", changed(loadout, best))
}

/// Whether a context holds less than a turn of each conversation of a task that is served from it.
fn is_short(plan: &Plan, c: &Chosen) -> bool {
    let request = Request::from_summary(&plan.request);
    let mut served = request
        .tasks
        .iter()
        .filter(|(task, _)| c.tasks.contains(&task.id));
    served.any(|(task, _)| {
        let work = request.workload(task);
        let one = work.depth_tokens.saturating_add(work.typical_output(true));
        one.saturating_mul(work.streams) > c.context
    })
}

/// Seconds of a turn by the tasks' shares; none where that of a task is not known.
fn by_shares<'a>(plan: &Plan, turns: impl Iterator<Item = (&'a String, f64)>) -> Option<f64> {
    let turns: Vec<(&String, f64)> = turns.collect();
    let of = |id: &String| turns.iter().find(|(task, _)| *task == id).map(|(_, s)| *s);
    let tasks = plan.request.tasks.iter();
    tasks.map(|t| Some(t.share * of(&t.id)?)).sum()
}

fn labelled(pick: &Pick, best: &Pick) -> Option<(&'static str, String)> {
    let loadout = changed(&pick.loadout, &best.loadout);
    let lost = match (pick.quality, best.quality) {
        (Some(own), Some(of_best)) => format!(", {}", points(own - of_best)),
        _ => String::new(),
    };
    let both = pick.quality.zip(best.quality);
    let better = both.is_some_and(|(own, of_best)| own > of_best);
    let (what, own, of_best) = match pick.kind {
        PickKind::Best => return None,
        PickKind::Faster => ("shorter turns", seconds(pick)?, seconds(best)?),
        PickKind::Smaller => {
            let [own, of_best] = [pick, best].map(|p| p.totals.total_bytes.gib());
            ("less memory", own, of_best)
        }
    };
    let less = 100.0 * (1.0 - own / of_best);
    let (label, price) = match pick.kind {
        PickKind::Faster => ("Faster", String::new()),
        _ => (SMALLER, longer(pick, best)),
    };
    let price = match price.is_empty() && better {
        true => why_not_best(pick, best),
        false => price,
    };
    let but = match better && price.starts_with(", turns") {
        true => ", but slower",
        false => "",
    };
    let gained = format!("{less:.0} % {what}{lost}{but}{price}");
    (less >= LEAST_GAIN).then(|| (label, format!("{loadout}: {gained}")))
}

/// Seconds of a turn as they are expected, which is what all screens show; in older plans as they
/// counted in decisions.
fn seconds(pick: &Pick) -> Option<f64> {
    pick.expected_seconds_per_turn.or(pick.seconds_per_turn)
}

/// By how much the turns of a pick are longer, where that is worth a word.
fn longer(pick: &Pick, best: &Pick) -> String {
    let both = seconds(pick).zip(seconds(best));
    let longer = both.filter(|(own, of_best)| own > of_best);
    longer.map_or_else(String::new, |(own, of_best)| by_length(of_best, own))
}

/// By how much turns are longer or shorter than others, where that is worth a word: `, turns 12 %
/// shorter`, `, turns 4.0 times as long`.
fn by_length(of: f64, turns: f64) -> String {
    let times = turns / of;
    let percent = 100.0 * (times - 1.0);
    if times >= 2.0 {
        format!(", turns {times:.1} times as long")
    } else if percent >= LEAST_GAIN {
        format!(", turns {percent:.0} % longer")
    } else if percent <= -LEAST_GAIN {
        format!(", turns {:.0} % shorter", -percent)
    } else {
        String::new()
    }
}

/// What a pick of higher quality and turns as short lost by: its contexts, or all together.
fn why_not_best(pick: &Pick, best: &Pick) -> String {
    let shortest = |pick: &Pick| pick.loadout.iter().map(|c| c.context).min();
    match shortest(pick).zip(shortest(best)) {
        Some((own, of_best)) if own < of_best => {
            format!(
                ", a context of {} instead of {}",
                tokens(own),
                tokens(of_best)
            )
        }
        _ if unreported(pick).any(|model| unreported(best).all(|of_best| of_best != model)) => {
            ", and does not count in full".to_owned()
        }
        _ => format!(", score {:.3} lower", best.objective - pick.objective),
    }
}

fn unreported(pick: &Pick) -> impl Iterator<Item = &str> {
    let chosen = pick.loadout.iter().filter(|c| c.unreported);
    chosen.map(|c| c.model.as_str())
}

/// The models of a loadout that are others than the best's, or otherwise loaded; all of them where
/// they do not stand each in the place of one.
fn changed(loadout: &[Chosen], best: &[Chosen]) -> String {
    let kept = |c: &Chosen| best.iter().any(|b| name(b) == name(c));
    let own: Vec<String> = loadout.iter().filter(|c| !kept(c)).map(name).collect();
    match own.is_empty() || own.len() == loadout.len() || loadout.len() != best.len() {
        true => names(loadout),
        false => format!("{}, the rest the same", own.join(" + ")),
    }
}

fn names(loadout: &[Chosen]) -> String {
    let all: Vec<String> = loadout.iter().map(name).collect();
    all.join(" + ")
}

fn name(c: &Chosen) -> String {
    let asked: Vec<String> = c.efforts.iter().filter_map(|e| e.effort.words()).collect();
    let with = match asked.first() {
        Some(words) => format!(" with {words}"),
        None => String::new(),
    };
    let seen = match (c.unreported, c.unscored) {
        (true, _) => ", not seen to load",
        (_, true) => ", scored by nobody",
        _ => "",
    };
    let apart = c
        .cpu_experts
        .map_or_else(String::new, |experts| format!(", {experts} in RAM"));
    format!(
        "{}/{} at {}{with}{apart}{seen}",
        c.model,
        c.variant,
        tokens(c.context)
    )
}

fn told(pick: &Pick, best: &Pick) -> Option<String> {
    let quality = match (pick.quality, best.quality) {
        (Some(own), Some(of_best)) => format!(", quality {own:.1} ({of_best:.1})"),
        _ => String::new(),
    };
    let loadout = names(&pick.loadout);
    match pick.kind {
        PickKind::Best => None,
        PickKind::Faster => {
            let expected = seconds(pick).zip(seconds(best));
            let faster = expected.filter(|(own, of_best)| own < of_best);
            // What decides is how long they may take: what is expected may be the other way round.
            let slow = || pick.seconds_per_turn.zip(best.seconds_per_turn);
            let (at_most, (own, of_best)) = match faster {
                Some(expected) => ("", expected),
                None => ("at most ", slow()?),
            };
            Some(format!(
                "faster: {loadout}: {at_most}{own:.0} s a turn ({of_best:.0} s){quality}"
            ))
        }
        PickKind::Smaller => {
            let (own, of_best) = (pick.totals.total_bytes, best.totals.total_bytes);
            Some(format!("smaller: {loadout}: {own} ({of_best}){quality}"))
        }
    }
}

fn tie(tie: &Tie) -> String {
    format!(
        "as good as known: {}: score {:.3} lower, error {:.3}; what decides is {}",
        names(&tie.loadout),
        tie.difference,
        tie.error,
        tie.decided_by.text
    )
}
