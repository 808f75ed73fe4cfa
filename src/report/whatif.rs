//! The answer to `whatif` as text: each change as a difference, and the table of machines.

use super::answers::members;
use super::screen::{Paint, Screen};
use super::table::Grid;
use crate::plan::whatif::{Loadout, MachineRow, Scenario, WhatIf};

/// The whole answer.
#[must_use]
pub fn text(answer: &WhatIf, screen: &Screen) -> String {
    let mut out = screen.fold("", "  ", &format!("Now: {}", loadout(&answer.current)));
    for scenario in &answer.scenarios {
        out.push_str(&screen.heading(&format!("With {}", scenario.change)));
        out.push_str(&difference(scenario, screen));
    }
    if !answer.machines.is_empty() {
        out.push_str(&screen.heading("Machines"));
        out.push_str(&machines(&answer.machines, screen));
        let smallest = answer.smallest_machine.as_ref().map_or_else(
            || "no machine known here runs this loadout as it is".to_owned(),
            |id| format!("the least memory that runs this loadout as it is: {id}"),
        );
        out.push_str(&screen.fold("  ", "    ", &smallest));
    }
    out
}

fn loadout(l: &Loadout) -> String {
    l.objective.map_or_else(
        || "nothing meets the request".to_owned(),
        |score| {
            format!(
                "{} (score {score:.4}, {})",
                members(&l.members),
                l.gpu_total_bytes.both()
            )
        },
    )
}

fn difference(s: &Scenario, screen: &Screen) -> String {
    let same = s.added.is_empty() && s.removed.is_empty() && s.other_context.is_empty();
    let change = s.difference.map_or(String::new(), |d| format!(", {d:+.4}"));
    if same && s.answer.objective.is_some() {
        let text = format!(
            "no difference{}",
            if change.ends_with("0.0000") {
                ""
            } else {
                &change
            }
        );
        return screen.fold("  ", "    ", &text);
    }
    let mut out = screen.fold("  ", "    ", &format!("{}{change}", loadout(&s.answer)));
    let lines = [
        (Paint::Good, "+ ", &s.added, ""),
        (Paint::Bad, "- ", &s.removed, ""),
        (Paint::Care, "~ ", &s.other_context, " at another context"),
    ];
    for (paint, sign, names, note) in lines {
        for name in names {
            let line = format!("{sign}{name}{note}");
            out.push_str(&format!("    {}\n", screen.paint(paint, &line)));
        }
    }
    out
}

fn machines(rows: &[MachineRow], screen: &Screen) -> String {
    let priced = rows.iter().any(|r| r.price.is_some());
    let mut header = vec!["Machine", "Memory", "Runs it", "Score", "Best there"];
    if priced {
        header.insert(1, "Price");
    }
    let shift = usize::from(priced);
    let right: Vec<usize> = [1, 3].iter().map(|c| c + shift).chain([1]).collect();
    let mut grid = Grid::new(screen, &header).right(&right);
    for r in rows {
        let runs = match (r.runs_the_loadout, r.slowest_tokens_per_second) {
            (false, _) => "no".to_owned(),
            (true, None) => "yes".to_owned(),
            (true, Some(t)) => format!("yes, {t:.0} t/s"),
        };
        let mut cells = vec![
            r.id.clone(),
            r.memory_bytes.to_string(),
            runs,
            r.answer
                .objective
                .map_or_else(|| "-".to_owned(), |s| format!("{s:.3}")),
            members(&r.answer.members),
        ];
        if priced {
            let price = r
                .price
                .map_or_else(|| "-".to_owned(), |p| format!("{p:.0}"));
            cells.insert(1, price);
        }
        grid.add_row(cells);
    }
    format!("{grid}\n")
}
