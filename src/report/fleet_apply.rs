//! What an apply to a fleet changes, and what came of it on each node.

use super::apply::{changes as of_node, estimates};
use super::screen::{Paint, Screen};
use crate::apply::document::Outcome;
use crate::apply::fleet::{FleetApply, NodeApply};
use crate::printable::on_one_line;

/// What differs on each node, and which are left alone.
#[must_use]
pub fn changes(report: &FleetApply, screen: &Screen) -> String {
    let mut out = String::new();
    for node in &report.nodes {
        let name = screen.paint(Paint::Strong, &node.node);
        let words = match (&node.error, node.outcome) {
            (Some(error), _) => {
                let error = screen.paint(Paint::Bad, &on_one_line(error));
                format!("{name} can't be changed: {error}")
            }
            (None, Outcome::Unchanged) => format!("{name}: as planned already"),
            _ => format!("{name} (ssh {})", node.target),
        };
        out.push_str(&screen.fold("", "  ", &words));
        if let Some(hint) = &node.hint {
            out.push_str(&screen.fold("  hint: ", "  ", &on_one_line(hint)));
        }
        out.push_str(&of_node(&node.changes, screen));
        out.push_str(&estimates(&node.estimates, screen));
    }
    for node in &report.left {
        let words = format!("{}: left as it is: {}", node.node, node.why);
        out.push_str(&screen.fold("", "  ", &screen.paint(Paint::Faint, &words)));
    }
    out
}

/// The state that an apply leaves, and each node that is in another than the rest.
#[must_use]
pub fn outcome(report: &FleetApply, screen: &Screen) -> String {
    let (paint, words) = match report.outcome {
        Outcome::Unchanged => (Paint::Good, "everything is loaded as planned"),
        Outcome::NotStarted => (Paint::Care, "nothing was changed"),
        Outcome::Applied if report.left.is_empty() => {
            (Paint::Good, "the plan is loaded on every node of it")
        }
        Outcome::Applied => (Paint::Good, "the plan is loaded on every other node of it"),
        Outcome::RolledBack => (
            Paint::Care,
            "on every node what was loaded before is loaded again",
        ),
        Outcome::Stuck => (
            Paint::Bad,
            "not every node has again what was loaded on it before; `planner apply --undo` tries again",
        ),
    };
    let mut out = String::new();
    if report.outcome == Outcome::Stuck {
        out.extend(report.nodes.iter().map(|node| state(node, screen)));
    }
    if report.outcome == Outcome::Applied && !report.left.is_empty() {
        let names: Vec<&str> = report.left.iter().map(|n| n.node.as_str()).collect();
        out.push_str(&format!("left as they are: {}\n", names.join(", ")));
    }
    out + &screen.fold("", "  ", &screen.paint(paint, words))
}

fn state(node: &NodeApply, screen: &Screen) -> String {
    let words = match node.outcome {
        Outcome::Unchanged => "as planned, nothing was changed",
        Outcome::NotStarted => "nothing was changed",
        Outcome::Applied => "its part of the plan is loaded",
        Outcome::RolledBack => "what was loaded before is loaded again",
        Outcome::Stuck => "neither the plan nor what was before is loaded",
    };
    screen.fold(&format!("  {}: ", node.node), "    ", words)
}
