//! What else could be chosen, in a few lines: faster, smaller, as good, and what fits besides.

use std::cmp::Ordering;

use super::beside::{Beside, LEAST, MUCH, Other, percent, seconds};
use super::screen::Screen;
use super::turn;
use crate::plan::document::{Chosen, Doubt, Pick, PickKind, Plan, Room, RoomKind, Tie};
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
fn told_of(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Labels and what stands behind them on the first screen: the picks, the first ties, the room.
/// Turns that are no shorter than those of another effort, where that is told, are left out. At most
/// so many ties are named, beside the one that the answer itself names, and so many uses of the room.
pub(super) fn short(
    plan: &Plan,
    in_answer: Option<&Tie>,
    by_effort: Option<f64>,
    (named, uses): (usize, usize),
) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    if let Some(best) = plan.picks.first() {
        let told = |p: &&Pick| {
            let longer = by_effort.zip(seconds(p)).is_some_and(|(e, s)| e <= s);
            p.same_as.is_none()
                && !(p.kind == PickKind::Faster && (longer || quick_and_small(plan, p)))
        };
        for pick in plan.picks.iter().filter(told) {
            all.extend(labelled(pick, best));
        }
    }
    let some = |lines: Vec<String>, label| (!lines.is_empty()).then(|| (label, lines.join("; ")));
    for kind in [Beside::AsGood, Beside::Better, Beside::Trade] {
        all.extend(some(ties(plan, in_answer, kind, named), kind.label()));
    }
    all.extend(room(plan, uses).map(|words| ("Room for", words)));
    all
}

/// The ties of a kind that the answer does not name: the first by their names, then how many more
/// there are.
fn ties(plan: &Plan, in_answer: Option<&Tie>, kind: Beside, named: usize) -> Vec<String> {
    let Some(best) = plan.picks.first() else {
        return Vec::new();
    };
    let others = plan.ties.iter().filter(|t| Some(*t) != in_answer);
    let others = others.filter(|t| Beside::of(&Other::from(*t), &best.into()) == kind);
    let others: Vec<&Tie> = others.collect();
    let told = others.iter().take(named).map(|t| as_good(plan, t, best));
    let mut told: Vec<String> = told.collect();
    match (named, others.len().saturating_sub(named)) {
        (_, 0) => {}
        (0, n) => told.push(format!("{n} more within what is known (`--details`)")),
        (_, n) => told.push(format!("{n} more within what is known")),
    }
    told
}

/// Whether what takes least memory is as fast and as good as a faster one: then it is told once.
fn quick_and_small(plan: &Plan, faster: &Pick) -> bool {
    let smaller = plan.picks.iter().find(|p| p.kind == PickKind::Smaller);
    smaller.filter(|p| p.same_as.is_none()).is_some_and(|p| {
        let (small, quick) = (Other::from(p), Other::from(faster));
        let both = small.seconds.zip(quick.seconds);
        let as_fast = both.is_some_and(|(own, than)| percent(own, than) < LEAST);
        as_fast && small.quality >= quick.quality
    })
}

/// The tie that belongs in the answer: of one model instead of one, and of those that are nearly as
/// good the fastest.
pub(super) fn named_in_answer(plan: &Plan) -> Option<&Tie> {
    let alone = |loadout: &[Chosen]| loadout.len() == 1;
    let best = plan.picks.first().filter(|best| alone(&best.loadout))?;
    let fits_turns = |t: &&Tie| t.loadout.iter().all(|c| !is_short(plan, c));
    let ties = plan.ties.iter().filter(|t| alone(&t.loadout));
    let mut ties: Vec<&Tie> = ties.filter(fits_turns).collect();
    let of_best = Other::from(best);
    let rank = |t: &Tie| {
        let other = Other::from(t);
        let times = other.times_as_fast(&of_best);
        (
            !other.keeps(&of_best),
            !other.gains(&of_best),
            times.map_or(0.0, |times| -times),
        )
    };
    // Stable: of those that are no faster the first.
    ties.sort_by(|a, b| rank(a).partial_cmp(&rank(b)).unwrap_or(Ordering::Equal));
    ties.first().copied()
}

/// `Qwen3.8 Flash Next Q8_0 is as good within what is known: 1.4 times as fast, quality -0.3.`
pub(super) fn in_answer(plan: &Plan, tie: &Tie) -> Option<String> {
    let best = plan.picks.first()?;
    let (other, of_best) = (Other::from(tie), Other::from(best));
    let time = match other.times_as_fast(&of_best) {
        Some(times) => Some(format!("{times:.1} times as fast")),
        None => other.time(&of_best),
    };
    let price = told_of([time, other.points(&of_best), other.memory(&of_best, MUCH)]);
    let name = changed(&tie.loadout, &best.loadout);
    // Of one that is better in all that is told, what keeps it from being the answer.
    let price = if_as_expected(tie, &other, &of_best, price);
    Some(match (other.keeps(&of_best), price.is_empty()) {
        (true, true) => format!("{name} is as good within what is known."),
        (true, false) => format!("{name} is as good within what is known: {price}."),
        (false, _) => {
            format!("Another trade scores as high within what is known: {name}, {price}.")
        }
    })
}

/// What there is room for: each fits by itself, not all of them together.
fn room(plan: &Plan, named: usize) -> Option<String> {
    let told = plan.room.iter().take(named).map(|r| {
        let named = || format!("{}/{}", r.model, r.variant);
        let (name, size) = (r.name.clone().unwrap_or_else(named), r.bytes.gib());
        let at = match r.kind {
            RoomKind::MoreAgents => format!(" at {}", tokens(r.context)),
            _ => String::new(),
        };
        let turns = r.seconds_per_turn.map(turn::seconds);
        let turns = turns.map_or_else(String::new, |each| format!(", {each} a turn"));
        let size = match size < 1.0 {
            true => format!("{size:.1} GiB"),
            false => format!("{size:.0} GiB"),
        };
        format!("{}: {name}{at}, {size}{turns}", used_for(plan, r))
    });
    let told: Vec<String> = told.collect();
    match told.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("one of: {}", several.join("; "))),
    }
}

/// What room is for; of which task, where there are several.
fn used_for<'p>(plan: &Plan, room: &'p Room) -> &'p str {
    let of_only = match plan.request.tasks.as_slice() {
        [only] => room.used_for.strip_suffix(&format!(" on {}", only.id)),
        _ => None,
    };
    of_only.unwrap_or(&room.used_for)
}

/// The price of a tie; of one that is better in all that is told, what keeps it from being the answer.
fn if_as_expected(tie: &Tie, other: &Other<'_>, best: &Other<'_>, price: String) -> String {
    if other.costs(best) || price.is_empty() {
        return price;
    }
    let figure = match tie.decided_by.figure {
        Doubt::Speed => "speed",
        Doubt::Quality => "quality",
    };
    format!("{price}, if its {figure} is as predicted")
}

/// A tie by its names, and by what it costs and gives beside the best.
fn as_good(plan: &Plan, tie: &Tie, best: &Pick) -> String {
    let (other, of_best) = (Other::from(tie), Other::from(best));
    let short = tie.loadout.iter().any(|c| is_short(plan, c));
    let price = told_of([
        other.time(&of_best),
        other.points(&of_best),
        other.memory(&of_best, MUCH),
        short.then(|| "its context too short for those turns".to_owned()),
    ]);
    let price = match short {
        true => price,
        false => if_as_expected(tie, &other, &of_best, price),
    };
    priced(&tie.loadout, best, &price)
}

fn priced(loadout: &[Chosen], best: &Pick, price: &str) -> String {
    let names = changed(loadout, &best.loadout);
    match price {
        "" => names,
        price => format!("{names}: {price}"),
    }
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

fn labelled(pick: &Pick, best: &Pick) -> Option<(&'static str, String)> {
    let (other, of_best) = (Other::from(pick), Other::from(best));
    let (time, points) = (other.time(&of_best), other.points(&of_best));
    let (label, gain, parts) = match pick.kind {
        PickKind::Best => return None,
        PickKind::Faster => {
            let gain = percent(other.seconds?, of_best.seconds?);
            ("Faster", gain, [time, points, None])
        }
        PickKind::Smaller => {
            let (own, than) = (pick.totals.total_bytes, best.totals.total_bytes);
            let memory = other.memory(&of_best, LEAST);
            (
                SMALLER,
                percent(own.gib(), than.gib()),
                [memory, time, points],
            )
        }
    };
    let mut price = told_of(parts);
    if !other.costs(&of_best) {
        price.push_str(&why_not_best(pick, best));
    }
    (gain <= -LEAST).then(|| (label, priced(&pick.loadout, best, &price)))
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
    let same = |c: &Chosen, b: &Chosen| {
        (&c.model, &c.variant, c.context, &c.efforts)
            == (&b.model, &b.variant, b.context, &b.efforts)
    };
    let kept = |c: &Chosen| best.iter().any(|b| same(c, b));
    let of_best = |c: &Chosen| best.iter().find(|b| b.tasks == c.tasks);
    let told = |c: &Chosen| {
        let same = of_best(c).is_some_and(|b| b.context == c.context);
        name(c, !same)
    };
    let own: Vec<String> = loadout.iter().filter(|c| !kept(c)).map(told).collect();
    match own.is_empty() || own.len() == loadout.len() || loadout.len() != best.len() {
        true => loadout.iter().map(told).collect::<Vec<_>>().join(" + "),
        false => format!("{}, the rest the same", own.join(" + ")),
    }
}

/// A model as the answer names it, with its context where that is to be told.
fn name(c: &Chosen, with_context: bool) -> String {
    let named = c.name.clone();
    let named = named.unwrap_or_else(|| format!("{}/{}", c.model, c.variant));
    let at = match with_context {
        true => format!(" at {}", tokens(c.context)),
        false => String::new(),
    };
    format!("{named}{at}{}", loaded(c))
}

/// How a model has to be asked and loaded, and what nobody knows of it.
fn loaded(c: &Chosen) -> String {
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
    format!("{with}{apart}{seen}")
}

/// Models by what is typed for them.
fn names(loadout: &[Chosen]) -> String {
    let name = |c: &Chosen| {
        let at = tokens(c.context);
        format!("{}/{} at {at}{}", c.model, c.variant, loaded(c))
    };
    loadout.iter().map(name).collect::<Vec<_>>().join(" + ")
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
            let (own, of_best) = seconds(pick).zip(seconds(best))?;
            Some(format!(
                "faster: {loadout}: {own:.0} s a turn ({of_best:.0} s){quality}"
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
