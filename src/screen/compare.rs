//! What one plan has that another has not: what moving a slider cost, in a line or two.

use crate::plan::document::{Entry, Plan, Turn};
use crate::units::Bytes;

/// The differences from `before` to `after`, each in words; none where there are none.
pub(super) fn differences(before: &Plan, after: &Plan) -> Vec<String> {
    let names = |plan: &Plan| -> Vec<String> { plan.loadout.iter().map(name).collect() };
    let (old, new) = (names(before), names(after));
    let mut words: Vec<String> = Vec::new();
    let only = |of: &[String], not: &[String]| -> Vec<String> {
        of.iter().filter(|n| !not.contains(n)).cloned().collect()
    };
    words.extend(only(&new, &old).into_iter().map(|n| format!("+ {n}")));
    words.extend(only(&old, &new).into_iter().map(|n| format!("- {n}")));
    for was in turns(before) {
        let mut same = turns(after).into_iter().filter(|t| t.task == was.task);
        let (from, to) = (was.seconds_per_turn.value, same.next());
        let Some(to) = to.map(|t| t.seconds_per_turn.value) else {
            continue;
        };
        if (from - to).abs() > 0.05 * from.max(to) {
            words.push(format!("a turn of {} {from:.0} → {to:.0} s", was.task));
        }
    }
    for (task, from) in qualities(before) {
        let mut same = qualities(after).into_iter().filter(|(t, _)| *t == task);
        if let Some((_, to)) = same.next().filter(|(_, to)| (to - from).abs() >= 0.5) {
            words.push(format!("{task} {:+.0} points", to - from));
        }
    }
    let taken = |plan: &Plan| plan.totals.total_bytes.max(plan.totals.gpu_total_bytes);
    let (from, to) = (taken(before), taken(after));
    if from.minus(to).unsigned_abs() > Bytes(1 << 29).0 {
        words.push(format!("{:.0} → {:.0} GiB", from.gib(), to.gib()));
    }
    words
}

fn name(entry: &Entry) -> String {
    entry.full_name()
}

fn turns(plan: &Plan) -> Vec<&Turn> {
    let serving = plan.loadout.iter().filter(|e| e.idle.is_none());
    serving
        .filter_map(|e| e.speed.as_ref())
        .flat_map(|s| &s.turns)
        .collect()
}

fn qualities(plan: &Plan) -> Vec<(&str, f64)> {
    let serving = plan.loadout.iter().filter(|e| e.idle.is_none());
    serving
        .flat_map(|e| &e.quality)
        .map(|q| (q.task.as_str(), q.mean))
        .collect()
}
