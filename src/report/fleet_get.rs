//! What has to lie on the nodes of a fleet, and what brings it there.

use super::screen::{Paint, Screen};
use crate::apply::fleet::{FleetFiles, NodeFiles, NodeModel};
use crate::printable::on_one_line;

/// Each node with its models, and the command for those that it lacks.
#[must_use]
pub fn text(report: &FleetFiles, screen: &Screen) -> String {
    let mut out: String = report.nodes.iter().map(|n| node(n, screen)).collect();
    let commands = report.nodes.iter().any(|n| n.command.is_some());
    let (paint, words) = match (report.complete(), commands) {
        (true, _) => (Paint::Good, "everything is on its node"),
        (false, true) => (
            Paint::Care,
            "nothing was downloaded: run these, each goes on from wherever it ended (planner has to be on the node's path; `planner apply` then loads)",
        ),
        (false, false) => (Paint::Care, "nothing was downloaded"),
    };
    out.push_str(&screen.fold("", "  ", &screen.paint(paint, words)));
    out
}

fn node(node: &NodeFiles, screen: &Screen) -> String {
    let name = screen.paint(Paint::Strong, &node.node);
    let mut out = format!("{name}\n");
    for model in &node.models {
        out.push_str(&screen.fold("  ", "    ", &line(model)));
    }
    if let Some(error) = &node.error {
        let words = screen.paint(Paint::Bad, &on_one_line(error));
        out.push_str(&screen.fold("  not known what is there: ", "    ", &words));
    }
    if let Some(hint) = &node.hint {
        out.push_str(&screen.fold("  hint: ", "    ", &on_one_line(hint)));
    }
    if let Some(words) = &node.note {
        out.push_str(&screen.fold("  ", "    ", words));
    }
    // A command stays on its line, to be copied.
    if let Some(command) = &node.command {
        out.push_str(&format!("  {command}\n"));
    }
    out
}

fn line(model: &NodeModel) -> String {
    let here = match model.here {
        Some(true) => ": here",
        Some(false) => ": missing",
        None => "",
    };
    let size = model.bytes.decimal();
    let from = model
        .repository
        .as_deref()
        .map_or_else(String::new, |r| format!(", of {r}"));
    format!("{}, {size}{from}{here}", model.variant)
}
