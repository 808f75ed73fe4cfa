//! Why a model does not serve a task, as text.

use super::answers::members;
use super::screen::Screen;
use super::turn;
use crate::advise::unfinished::Unfinished;
use crate::advise::why_not::{Flip, ForTask, Standing, WhyNot};
use crate::units::tokens;

/// How it stands, its best for each task, the best loadout in which it serves, what would make it.
pub(super) fn text(w: &WhyNot, unfinished: &[Unfinished], screen: &Screen) -> String {
    let mut out = screen.fold("  ", "    ", &standing(w));
    if !w.variants.is_empty() {
        let mut grid = screen.table(&["Variant", "Why not, the nearest first"]);
        for v in &w.variants {
            grid.add_row([v.variant.clone(), v.reason.clone()]);
        }
        out.push_str(&format!("\n{grid}"));
    }
    if w.standing != Standing::Serves {
        for task in &w.tasks {
            out.push_str(&side_by_side(task, screen));
        }
        out.push_str(&flips(
            &w.flips,
            unfinished.contains(&Unfinished::Flips),
            screen,
        ));
    }
    out
}

fn standing(w: &WhyNot) -> String {
    let name = &w.model;
    match w.standing {
        Standing::Serves => format!("{name} is in the answer, and serves a task"),
        Standing::Idles => {
            format!("{name} is loaded because it is pinned; no task is left for it to serve")
        }
        Standing::WorthLess { difference } => {
            let than = if difference > 0.0 { "more" } else { "less" };
            let difference = difference.abs();
            let best = members(&w.best_with);
            format!(
                "{name} could serve; the best loadout in which it does scores {difference:.4} {than} than the answer: {best}"
            )
        }
        Standing::OnlyIdle => format!(
            "{name} could only idle: it can be loaded, but what can be is below a floor of every task"
        ),
        Standing::NoLoadout => {
            format!("{name} fits alone, but no loadout in which it serves meets the request")
        }
        Standing::TooLarge => format!("{name} can't be loaded here: it is too large"),
        Standing::NoCandidate => format!("{name} is no candidate here"),
    }
}

fn side_by_side(task: &ForTask, screen: &Screen) -> String {
    let (chosen, other) = (&task.chosen, &task.other);
    let at = |m: &crate::plan::document::Member| {
        let (context, turns) = (tokens(m.context), turn::times(&m.turns));
        format!("{} at {context}{turns}", m.variant)
    };
    let too_large = if task.other_fits { "" } else { ", too large" };
    let header = [&task.task, "Weight", "Now", "Instead", "Difference"];
    let mut grid = screen.table(&header).right(&[1, 2, 3, 4]);
    let now = screen.fold("  ", "    ", &format!("now: {}", at(chosen)));
    let instead = format!("instead: {}{too_large}", at(other));
    let instead = screen.fold("  ", "    ", &instead);
    for p in &task.parts {
        grid.add_row([
            p.utility.id().to_owned(),
            format!("{:.2}", p.weight),
            format!("{:.3}", p.chosen_contribution),
            format!("{:.3}", p.other_contribution),
            format!("{:+.3}", p.other_contribution - p.chosen_contribution),
        ]);
    }
    let (ours, theirs) = (task.chosen_score, task.other_score);
    grid.add_row([
        "together".to_owned(),
        String::new(),
        format!("{ours:.3}"),
        format!("{theirs:.3}"),
        format!("{:+.3}", theirs - ours),
    ]);
    let unreported = match task.other_unreported {
        true => screen.fold(
            "  ",
            "    ",
            &format!("nobody reported that LM Studio's engine loads {}: its quality, speed and reliability count nine tenths", other.variant),
        ),
        false => String::new(),
    };
    format!("\n{now}{instead}{grid}\n{unreported}")
}

fn flips(flips: &[Flip], cut_short: bool, screen: &Screen) -> String {
    if flips.is_empty() {
        let text = match cut_short {
            true => {
                "What would make it serve a task was not looked for to the end: the time limit came first."
            }
            false => "No single weight, share, speed, size or setting makes it serve a task.",
        };
        return format!("\n{}", screen.fold("  ", "    ", text));
    }
    let mut out = "\n  With any one of these it would serve:\n".to_owned();
    for f in flips {
        let flags = if f.flags.is_empty() {
            String::new()
        } else {
            format!(" (`{}`)", f.flags.join(" "))
        };
        let text = format!("{}{flags} -> {}", f.text, members(&f.loadout));
        out.push_str(&screen.fold("  - ", "    ", &text));
    }
    out
}
