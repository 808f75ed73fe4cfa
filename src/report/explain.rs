//! The answer to `explain` as text.

use super::screen::{Paint, Screen};
use super::table::Grid;
use crate::advise::explain::{Explanation, SpeedAnswer, WeightRange, WhyNot};
use crate::units::{Bytes, tokens};

/// Predicted speeds of models outside the loadout that are named.
const NAMED_SPEEDS: usize = 5;

/// The whole explanation.
#[must_use]
pub fn text(e: &Explanation, screen: &Screen) -> String {
    let head = format!("{}: score {:.4}", e.loadout.join(" + "), e.objective);
    let mut out = painted(screen, Paint::Strong, &head);
    if !e.unchanged {
        let text = "the catalog has changed since the plan was made: solving again gives this loadout, and everything below is about it";
        out.push_str(&painted(screen, Paint::Care, text));
    }
    if let Some(why_not) = &e.why_not {
        out.push_str(&screen.heading(&format!("Why not {}", why_not.model)));
        out.push_str(&why(why_not, screen));
    }
    out.push_str(&screen.heading("What binds"));
    out.push_str(&screen.fold("  ", "    ", &binds(e)));
    out.push_str(&screen.heading("How far the weights may go"));
    out.push_str(&weights(&e.weights, screen));
    out.push_str(&screen.heading("What predicted speeds could change"));
    out.push_str(&speeds(e, screen));
    out
}

/// A paragraph in one colour, folded before it is painted.
fn painted(screen: &Screen, paint: Paint, text: &str) -> String {
    format!(
        "{}\n",
        screen.paint(paint, screen.fold("", "  ", text).trim_end())
    )
}

fn binds(e: &Explanation) -> String {
    let m = &e.memory;
    let left = Bytes(m.headroom_bytes.unsigned_abs());
    let head = format!(
        "the {} is the tighter limit, with {} left",
        m.binding,
        left.both()
    );
    if m.decides {
        format!(
            "{head}. Memory decides: without limits the answer would be {} (score {:.4})",
            m.unlimited_loadout.join(" + "),
            m.unlimited_objective
        )
    } else if m.contexts.is_empty() {
        format!("{head}. Memory does not decide: without limits the answer would be the same")
    } else {
        let all: Vec<String> = m
            .contexts
            .iter()
            .map(|c| {
                let (with, without) = (tokens(c.context), tokens(c.unlimited_context));
                format!("{} would have {without} instead of {with}", c.variant)
            })
            .collect();
        format!(
            "{head}. Memory decides the context, not the models: without limits {}",
            all.join(", and ")
        )
    }
}

fn weights(ranges: &[WeightRange], screen: &Screen) -> String {
    let header = ["Weight", "Is", "Keeps the answer", "Below", "Above"];
    let mut grid = Grid::new(screen, &header).right(&[1]);
    for r in ranges {
        let what = r.utility.as_ref().map_or_else(
            || format!("share of {}", r.task),
            |u| format!("{}: {u}", r.task),
        );
        let other = |answer: &Option<Vec<String>>| {
            answer
                .as_ref()
                .map_or_else(|| "-".to_owned(), |names| names.join(" + "))
        };
        grid.add_row([
            what,
            format!("{:.2}", r.weight),
            format!("{:.3} to {:.3}", r.low, r.high),
            other(&r.below),
            other(&r.above),
        ]);
    }
    let note = "Each weight is moved alone, the task's others keeping their proportions.";
    format!("{grid}\n{}", screen.fold("  ", "    ", note))
}

fn speeds(e: &Explanation, screen: &Screen) -> String {
    let (own, others): (Vec<_>, Vec<_>) = e.speeds.iter().partition(|s| s.in_loadout);
    let mut out = String::new();
    for s in own.iter().chain(others.iter().take(NAMED_SPEEDS)) {
        out.push_str(&screen.fold("  - ", "    ", &speed(s)));
    }
    if others.len() > NAMED_SPEEDS {
        let more = format!(
            "and {} more, which `--format json` lists",
            others.len() - NAMED_SPEEDS
        );
        out.push_str(&screen.fold("  - ", "    ", &more));
    }
    if e.speeds.is_empty() {
        out.push_str("  nothing: no prediction within its error changes the answer\n");
    }
    if e.hopeful_loadout != e.loadout {
        let text = format!(
            "with every prediction at the high end of its range the answer would be {}",
            e.hopeful_loadout.join(" + ")
        );
        out.push_str(&screen.fold("  - ", "    ", &text));
    }
    out
}

fn speed(s: &SpeedAnswer) -> String {
    let range = format!(
        "{} (predicted {:.1} to {:.1} t/s)",
        s.variant, s.low, s.high
    );
    match s.changes_at_tokens_per_second {
        None => format!("{range} stays at any speed"),
        Some(at) if s.in_loadout => {
            format!(
                "{range} stays down to {at:.1} t/s, then {}",
                s.loadout.join(" + ")
            )
        }
        Some(at) => format!("{range} from {at:.1} t/s on: {}", s.loadout.join(" + ")),
    }
}

fn why(w: &WhyNot, screen: &Screen) -> String {
    let mut out = screen.fold("  ", "    ", &w.reason);
    if !w.variants.is_empty() {
        let mut grid = Grid::new(screen, &["Variant", "Why not, the nearest first"]);
        for v in &w.variants {
            grid.add_row([v.variant.clone(), v.reason.clone()]);
        }
        out.push_str(&format!("\n{grid}"));
    }
    if !w.best_with.is_empty() {
        let best = format!(
            "the best loadout with it: {} (score {:.4})",
            w.best_with.join(" + "),
            w.best_with_objective.unwrap_or(0.0)
        );
        out.push_str(&screen.fold("  ", "    ", &best));
    }
    for task in w.parts.chunk_by(|a, b| a.task == b.task) {
        let header = [
            &task[0].task,
            "Weight",
            &task[0].chosen,
            &task[0].other,
            "Difference",
        ];
        let mut grid = Grid::new(screen, &header).right(&[1, 2, 3, 4]);
        let mut sums = [0.0, 0.0];
        for p in task {
            sums = [
                sums[0] + p.chosen_contribution,
                sums[1] + p.other_contribution,
            ];
            grid.add_row([
                p.utility.clone(),
                format!("{:.2}", p.weight),
                format!("{:.3}", p.chosen_contribution),
                format!("{:.3}", p.other_contribution),
                format!("{:+.3}", p.other_contribution - p.chosen_contribution),
            ]);
        }
        let [ours, theirs] = sums;
        grid.add_row([
            "together".to_owned(),
            String::new(),
            format!("{ours:.3}"),
            format!("{theirs:.3}"),
            format!("{:+.3}", theirs - ours),
        ]);
        out.push_str(&format!("\n{grid}\n"));
    }
    if !w.flips.is_empty() {
        out.push_str("\n  Any one of these would bring it in:\n");
        for f in &w.flips {
            let text = format!("{} -> {}", f.text, f.loadout.join(" + "));
            out.push_str(&screen.fold("  - ", "    ", &text));
        }
    } else if !w.reason.ends_with("is in the loadout") {
        out.push_str("\n  No single weight, share, speed or size brings it in.\n");
    }
    out
}
