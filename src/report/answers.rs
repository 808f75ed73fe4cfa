//! What a plan says beyond its loadout: why there is none, its models at once, the front.

use super::screen::{Paint, Screen};
use crate::basis::Basis;
use crate::plan::document::{Concurrency, Infeasible, Member, ParetoPoint, SpeedFigure};
use crate::units::tokens;

/// What conflicts, and what would give a loadout.
pub(super) fn infeasible(infeasible: &Infeasible, screen: &Screen) -> String {
    let heading = match (infeasible.conflict.len(), infeasible.besides.len()) {
        (1, 0) => "nothing meets this, whatever else is given up:",
        (1, _) => "nothing meets any of these, whatever else is given up:",
        _ => "these cannot hold together:",
    };
    let mut out = screen.fold("  ", "    ", heading);
    for need in infeasible.conflict.iter().chain(&infeasible.besides) {
        out.push_str(&screen.fold("  - ", "    ", &need.text));
    }
    if infeasible.changes.is_empty() {
        out.push_str(&screen.fold("  ", "    ", infeasible.none_found()));
        return out;
    }
    out.push_str(&screen.heading("Any one of these gives a plan"));
    for change in &infeasible.changes {
        let text = format!(
            "{} -> {} (score {:.3})",
            change.text,
            change.loadout.join(" + "),
            change.objective
        );
        out.push_str(&screen.fold("  - ", "    ", &text));
        if !change.flags.is_empty() {
            let flags = screen.paint(Paint::Strong, &change.flags.join(" "));
            out.push_str(&format!("      {flags}\n"));
        }
        if !change.without.is_empty() {
            let flags = screen.paint(Paint::Strong, &change.without.join(" "));
            out.push_str(&format!("      without {flags}\n"));
        }
    }
    if infeasible.cut_short {
        let text = "the time limit came before every change was tried";
        out.push_str(&screen.fold("  ", "    ", text));
    }
    out
}

/// The speeds of tasks that generate at once.
pub(super) fn concurrency(concurrency: &Concurrency, screen: &Screen) -> String {
    let mut out = String::new();
    for s in &concurrency.streams {
        let of = if s.tasks > 1 {
            format!(", for each of its {} tasks", s.tasks)
        } else {
            String::new()
        };
        let line = format!(
            "{}: {:.1} t/s beside the others ({:.0} to {:.0}){of}, {:.1} alone, at an empty context",
            s.variant, s.together_tokens_per_second, s.low, s.high, s.alone_tokens_per_second
        );
        out.push_str(&screen.fold("  ", "    ", &line));
    }
    out.push_str(&screen.fold("  ", "    ", &concurrency.rule));
    out
}

/// `minimax-m2.1/gguf-q4_k_s at 128k + ...`.
pub(super) fn members(members: &[Member]) -> String {
    let of = |m: &Member| format!("{} at {}", m.variant, tokens(m.context));
    members.iter().map(of).collect::<Vec<_>>().join(" + ")
}

/// `37.2 measured`, or `41.0 predicted (33 to 49)`: the same wherever a speed is shown.
pub(super) fn speed(s: &SpeedFigure) -> String {
    let range = if s.basis == Basis::Predicted || s.high - s.low > 0.05 * s.low {
        format!(" ({:.0} to {:.0})", s.low, s.high)
    } else {
        String::new()
    };
    format!("{:.1} {}{range}", s.decode_tokens_per_second, s.basis)
}

/// What counts of the speeds that are shown.
const LOW_END: &str = "Slowest t/s: one conversation of the slowest model at the depth of its task, measured, or the middle of a prediction with its range. Scores and demands count the low end, floors of profiles the middle.";

/// The front as a table.
pub(super) fn pareto(points: &[ParetoPoint], screen: &Screen) -> String {
    let header = ["Score", "GPU memory", "Slowest t/s", "Loadout"];
    let mut grid = screen.table(&header).right(&[0, 1, 2]);
    for p in points {
        grid.add_row([
            format!("{:.3}", p.objective),
            p.gpu_total_bytes.to_string(),
            p.slowest
                .as_ref()
                .map_or_else(|| "not known".to_owned(), speed),
            members(&p.members),
        ]);
    }
    format!("{grid}\n{}", screen.fold("  ", "    ", LOW_END))
}
