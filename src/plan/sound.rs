//! Whether a plan can be what planner saved: a figure below zero, a list that is empty and a sum
//! that is none tell a file that was edited by hand.

use serde_json::Value;

use super::bounds::MOST_SLOTS;
use super::document::{Entry, Memory, OptimalityStatus, Plan};
use super::place::{Place, Step};
use crate::memory::limits::Demand;
use crate::task;
use crate::units::Bytes;

/// What is wrong with a plan, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsound {
    /// Where.
    pub place: Place,
    /// What, as what follows the place in a sentence.
    pub what: String,
}

/// No context is longer, in tokens.
const MOST_CONTEXT: u32 = 1 << 24;

/// How the fields end that hold no figure below zero.
const NEVER_BELOW_ZERO: [&str; 8] = [
    "_bytes",
    "_per_second",
    "_seconds",
    "_tokens",
    "_per_hour",
    "share",
    "weight",
    "slots",
];
/// Those of them that may.
const SIGNED: [&str; 1] = ["headroom_bytes"];

/// The first figure below zero that none can be.
#[must_use]
pub fn below_zero(document: &Value) -> Option<Unsound> {
    let mut found = None;
    walk(document, &Place::default(), &mut |place, value| {
        let Some(Step::Field(name)) = place.0.last() else {
            return;
        };
        let unsigned = NEVER_BELOW_ZERO.iter().any(|end| name.ends_with(end));
        let below = value.as_f64().is_some_and(|n| n < 0.0);
        if below && unsigned && !SIGNED.contains(&name.as_str()) && found.is_none() {
            found = Some(Unsound {
                place: place.clone(),
                what: format!("is {value}, and can't be below zero"),
            });
        }
    });
    found
}

fn walk(value: &Value, place: &Place, see: &mut impl FnMut(&Place, &Value)) {
    see(place, value);
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                walk(inner, &place.then(Step::Field(name.clone())), see);
            }
        }
        Value::Array(items) => {
            for (n, inner) in items.iter().enumerate() {
                walk(inner, &place.then(Step::Item(n)), see);
            }
        }
        _ => {}
    }
}

/// What a plan that can be read says against itself.
#[must_use]
pub fn contradiction(plan: &Plan) -> Option<Unsound> {
    unasked(plan)
        .or_else(|| unscorable(plan))
        .or_else(|| unserved(plan))
        .or_else(|| impossible(plan))
        .or_else(|| nothing_found(plan))
        .or_else(|| (plan.loadout.iter().enumerate()).find_map(|(n, entry)| of_entry(n, entry)))
        .or_else(|| sums(plan))
}

fn at(fields: &[&str], what: impl Into<String>) -> Unsound {
    Unsound {
        place: Place::of(fields),
        what: what.into(),
    }
}

/// Tasks that can't be asked for: none at all, or of a weight or share that none has.
fn unasked(plan: &Plan) -> Option<Unsound> {
    let tasks = &plan.request.tasks;
    if tasks.is_empty() {
        return Some(at(&["request", "tasks"], "is empty"));
    }
    let weightless = |weight: f64| !(weight.is_finite() && weight > 0.0);
    let beyond = |share: f64| !(0.0..=1.0).contains(&share);
    let wrong = tasks.iter().enumerate().find_map(|(n, t)| {
        let weight = weightless(t.weight).then_some((n, "weight", "is not above zero"));
        weight.or_else(|| beyond(t.share).then_some((n, "share", "is not between 0 and 1")))
    });
    wrong.map(|(n, field, what)| Unsound {
        place: Place::in_item(&["request", "tasks"], n, &[field]),
        what: what.to_owned(),
    })
}

/// A task that no model of the loadout serves, or more than one, or that was not asked for.
fn unserved(plan: &Plan) -> Option<Unsound> {
    let asked: Vec<&String> = plan.request.tasks.iter().map(|t| &t.id).collect();
    let twice = (1..asked.len()).find(|n| asked[..*n].contains(&asked[*n]));
    if let Some(n) = twice {
        return Some(Unsound {
            place: Place::in_item(&["request", "tasks"], n, &["id"]),
            what: format!("is `{}` again", asked[n]),
        });
    }
    let served = || plan.loadout.iter().flat_map(|entry| &entry.tasks);
    if let Some(other) = served().find(|task| !asked.contains(task)) {
        let what = format!("names the task `{other}`, which `request` does not");
        return Some(at(&["loadout"], what));
    }
    // A node of a fleet serves some of the tasks, and one that others serve as well.
    let whole = !plan.loadout.is_empty() && plan.loadout.iter().all(|e| e.node.is_none());
    let wrong = asked.into_iter().filter(|_| whole);
    let mut wrong = wrong.filter(|task| served().filter(|t| t == task).count() != 1);
    wrong.next().map(|task| {
        let what = format!("does not serve the task `{task}` by one model");
        at(&["loadout"], what)
    })
}

/// A figure of the whole that none can have.
fn impossible(plan: &Plan) -> Option<Unsound> {
    if plan.machine.memory_bytes == Bytes::ZERO {
        return Some(at(&["machine", "memory_bytes"], "is 0"));
    }
    let objective = plan.optimality.objective;
    let beyond = !(0.0..=1.0 + 1e-9).contains(&objective);
    beyond.then(|| {
        at(
            &["optimality", "objective"],
            format!("is {objective}, which no score is"),
        )
    })
}

/// The first task whose profile can't score.
fn unscorable(plan: &Plan) -> Option<Unsound> {
    let tasks = plan.request.tasks.iter().enumerate();
    let mut problems = tasks.filter_map(|(n, t)| Some((n, task::problem(&t.profile)?)));
    problems.next().map(|(n, problem)| Unsound {
        place: Place::in_item(&["request", "tasks"], n, &["profile"]),
        what: format!("can't score: {problem}"),
    })
}

fn nothing_found(plan: &Plan) -> Option<Unsound> {
    let found = matches!(
        plan.optimality.status,
        OptimalityStatus::Optimal | OptimalityStatus::BestFound
    );
    let empty = "is empty, and the plan says that models were found";
    (found && plan.loadout.is_empty()).then(|| at(&["loadout"], empty))
}

fn of_entry(n: usize, entry: &Entry) -> Option<Unsound> {
    let place = |fields: &[&str]| Place::in_item(&["loadout"], n, fields);
    let settings = [
        ("context", entry.settings.context, MOST_CONTEXT),
        ("slots", entry.settings.slots, MOST_SLOTS),
    ];
    let beyond = |(_, value, most): &(&str, u32, u32)| !(1..=*most).contains(value);
    if let Some((field, value, _)) = settings.into_iter().find(beyond) {
        return Some(Unsound {
            place: place(&["settings", field]),
            what: format!("is {value}, which it can't be"),
        });
    }
    if let Some(what) = misnamed(&entry.identifier) {
        return Some(Unsound {
            place: place(&["identifier"]),
            what: what.to_owned(),
        });
    }
    let outside = |files: &String| files.starts_with('/') || files.split('/').any(|p| p == "..");
    if entry.files.as_ref().is_some_and(outside) {
        return Some(Unsound {
            place: place(&["files"]),
            what: "is no path within a repository".to_owned(),
        });
    }
    let lines: u64 = entry.ledger.iter().map(|line| line.bytes.0).sum();
    let told = entry.memory.total_bytes.0;
    (lines != told).then(|| Unsound {
        place: place(&["memory", "total_bytes"]),
        what: format!("is {told}, and the lines of its ledger sum to {lines}"),
    })
}

/// Why a name is none that commands and scripts can be given: all others are quoted.
fn misnamed(identifier: &str) -> Option<&'static str> {
    match identifier {
        "" => Some("is empty"),
        name if name.chars().any(char::is_control) => Some("has characters that are not printed"),
        _ => None,
    }
}

/// Whether sums are those of what they are made of.
fn sums(plan: &Plan) -> Option<Unsound> {
    let entries = plan.loadout.iter().map(|entry| entry.memory);
    let totals = entries.fold(Memory::default(), Memory::plus);
    let (told, sum) = (plan.totals.total_bytes, totals.total_bytes);
    if told != sum {
        let what = format!("is {}, and its models sum to {}", told.0, sum.0);
        return Some(at(&["totals", "total_bytes"], what));
    }
    let left = plan.limits.headroom(Demand::from(&plan.totals));
    let told = plan.headroom_bytes;
    (told != left).then(|| {
        let what = format!("is {told}, and the limits leave {left}");
        at(&["headroom_bytes"], what)
    })
}
