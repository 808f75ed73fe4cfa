//! What an update of the catalog would change, as text.

use super::screen::{Paint, Screen};
use super::words::join;
use crate::catalog::difference::{Difference, ModelDifference, Rows};
use crate::catalog::update::{Edition, PlanChange, Update};

/// More names than these are only counted.
const NAMED: usize = 12;

/// The two catalogs, what is different, and the plans that change.
#[must_use]
pub fn text(update: &Update, screen: &Screen) -> String {
    let mut out = screen.labelled("In use", &edition(&update.from));
    out.push_str(&screen.labelled("Offered", &edition(&update.to)));
    if update.difference.is_empty() {
        out.push_str(&screen.labelled("Changes", "nothing: it says the same"));
    }
    for (label, words) in difference(&update.difference) {
        out.push_str(&screen.labelled(label, &words));
    }
    // The one in use was compared with nothing.
    if update.from != update.to {
        out.push_str(&plans(&update.plans, screen));
    }
    out
}

/// Which catalog, as words: `serial 3 of 2026-11-29, signed with RWQ...`.
#[must_use]
pub fn edition(edition: &Edition) -> String {
    let date = edition.date.as_deref().unwrap_or("no date");
    match (edition.serial, &edition.key) {
        (Some(serial), Some(key)) => format!("serial {serial} of {date}, signed with {key}"),
        _ => format!("the catalog in planner itself, of {date}"),
    }
}

fn difference(difference: &Difference) -> Vec<(&'static str, String)> {
    let names = |models: &[String]| {
        let named = models.iter().take(NAMED).cloned().collect::<Vec<_>>();
        match models.len().saturating_sub(NAMED) {
            0 => join(&named),
            more => format!("{}, and {more} more", named.join(", ")),
        }
    };
    let changed: Vec<String> = difference.changed.iter().map(model).collect();
    let sum = difference.measurements();
    let measured = match (sum.added, sum.removed) {
        (0, 0) => None,
        (added, removed) => Some(format!("{added} new, {removed} gone, of models that stay")),
    };
    [
        ("New models", names(&difference.added)),
        ("Gone models", names(&difference.removed)),
        ("Changed", names(&changed)),
        ("Measurements", measured.unwrap_or_default()),
    ]
    .into_iter()
    .filter(|(_, words)| !words.is_empty())
    .collect()
}

/// `qwen3-8b (2 new files, 1 score gone)`.
fn model(model: &ModelDifference) -> String {
    let mut parts = Vec::new();
    let mut tell = |rows: Rows, one: &str, many: &str| {
        let noun = |n: usize| if n == 1 { one } else { many }.to_owned();
        for (count, word) in [(rows.added, "new"), (rows.removed, "gone")] {
            if count > 0 {
                parts.push(format!("{count} {} {word}", noun(count)));
            }
        }
    };
    tell(model.variants, "file", "files");
    tell(model.measurements, "measurement", "measurements");
    tell(model.scores, "score", "scores");
    if model.facts {
        parts.push("its facts".to_owned());
    }
    format!("{} ({})", model.model, parts.join(", "))
}

fn plans(plans: &[PlanChange], screen: &Screen) -> String {
    let mut out = String::new();
    for plan in plans {
        let words = match &plan.reason {
            Some(reason) => format!("{}: not known: {reason}", plan.plan),
            None if plan.changes() => format!(
                "{}: {} now, {} then",
                screen.paint(Paint::Strong, &plan.plan),
                members(&plan.now),
                members(&plan.then)
            ),
            None => format!("{}: stays {}", plan.plan, members(&plan.now)),
        };
        out.push_str(&screen.labelled("Saved plan", &words));
    }
    if plans.is_empty() {
        let none = "none is kept: `planner recommend --save NAME` keeps one";
        out.push_str(&screen.labelled("Saved plans", none));
    }
    out
}

fn members(members: &[String]) -> String {
    match members {
        [] => "nothing fits".to_owned(),
        members => join(members),
    }
}
