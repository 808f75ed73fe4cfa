//! The first screen where there is no plan: what stands in the way, and what would give one.

use super::plan::refused;
use super::screen::{Paint, Screen};
use super::typed::{Typed, asked_for};
use super::words::join;
use crate::plan::document::{Change, OptimalityStatus, Plan};
use crate::plan::requirement::Conflicting;

/// Requirements and changes that are told; `--details` tells all.
const TOLD: usize = 3;

/// Why there is no plan, and what gives one; with what to type next where a command line is at hand.
pub(super) fn text(plan: &Plan, screen: &Screen, typed: Option<&Typed<'_>>) -> String {
    let strong = screen.paint(Paint::Strong, &sentence(plan));
    let mut out = format!("{}\n", screen.fold("", "", &strong));
    for (label, words) in lines(plan) {
        out.push_str(&screen.labelled(label, &words));
    }
    out.push_str(&screen.labelled("For", &asked_for(plan, typed)));
    if let Some(typed) = typed {
        out.push_str(&next(plan, typed, screen));
    }
    out
}

fn sentence(plan: &Plan) -> String {
    let tasks: Vec<String> = plan.request.tasks.iter().map(|t| t.id.clone()).collect();
    let why = match plan.optimality.status {
        OptimalityStatus::NothingFound => "the time limit came before one was found",
        _ => "nothing meets everything that is asked",
    };
    format!("No plan for {}: {why}.", join(&tasks))
}

/// Labels and what stands behind them.
fn lines(plan: &Plan) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    if let Some(none) = &plan.infeasible {
        let text = |need: &Conflicting| need.text.clone();
        let mut conflict = some(none.conflict.iter().map(text));
        if !none.besides.is_empty() {
            let besides = some(none.besides.iter().map(text));
            conflict = format!("{conflict}; and by itself: {besides}");
        }
        all.push(("In the way", conflict));
        let label = match none.changes.len() {
            0 => "Instead",
            1 => "A change",
            _ => "Any one of",
        };
        let words = match none.changes.is_empty() {
            true => none.none_found().to_owned(),
            false => some(none.changes.iter().map(change)),
        };
        all.push((label, words));
        if none.cut_short && !none.changes.is_empty() {
            let words = "the time limit came before every change was tried";
            all.push(("Left undone", words.to_owned()));
        }
    }
    if plan.infeasible.is_none() && plan.optimality.status == OptimalityStatus::Infeasible {
        let words = "what stands in the way: the time limit came before it was found";
        all.push(("Left undone", words.to_owned()));
    }
    if !plan.rejected.is_empty() {
        let words = format!("variants: {}", refused(&plan.rejected));
        all.push(("Not taken", words));
    }
    all
}

/// The first few, and how many more there are.
fn some(all: impl ExactSizeIterator<Item = String>) -> String {
    let more = all.len().saturating_sub(TOLD);
    let mut told: Vec<String> = all.take(TOLD).collect();
    if more > 0 {
        told.push(format!("and {more} more (`--details`)"));
    }
    told.join("; ")
}

/// `33.9 t/s and more accepted instead of 200: gemma-4-e2b/gguf-q4_k_m`.
fn change(change: &Change) -> String {
    let loadout = match change.loadout.as_slice() {
        [first, second, rest @ ..] if !rest.is_empty() => {
            format!("{first} + {second} and {} more", rest.len())
        }
        all => all.join(" + "),
    };
    format!("{}: {loadout}", change.text)
}

fn next(plan: &Plan, typed: &Typed<'_>, screen: &Screen) -> String {
    let changes = plan.infeasible.iter().flat_map(|none| &none.changes);
    let mut commands = changes.filter_map(|c| (typed.again)(&c.flags, &c.without));
    let details = "`--details` says what is known of each variant";
    match commands.next() {
        Some(command) => screen.commands(&[command]),
        None => screen.labelled("Next", details),
    }
}
