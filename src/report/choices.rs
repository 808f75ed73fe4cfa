//! What else could be chosen, in a few lines: faster, smaller, as good, and what fits besides.

use super::screen::Screen;
use crate::plan::document::{Chosen, Pick, PickKind, Plan, Tie};
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
        format!("room for {}: {name}, {}", r.used_for, r.bytes.both())
    }));
    let folded = lines.iter().map(|line| screen.fold("  ", "    ", line));
    folded.collect()
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
            let (own, of_best) = (pick.seconds_per_turn?, best.seconds_per_turn?);
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

fn names(loadout: &[Chosen]) -> String {
    let name = |c: &Chosen| format!("{}/{} at {}", c.model, c.variant, tokens(c.context));
    let all: Vec<String> = loadout.iter().map(name).collect();
    all.join(" + ")
}
