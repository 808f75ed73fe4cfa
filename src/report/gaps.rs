//! What to measure next, as text.

use super::screen::Screen;
use crate::advise::gaps::Gaps;

/// Rows to print.
const SHOWN: usize = 15;

/// The variants that are worth measuring, the most rewarding first.
#[must_use]
pub fn text(gaps: &Gaps, screen: &Screen) -> String {
    let tasks: Vec<&str> = gaps.tasks.iter().map(|t| t.id.as_str()).collect();
    let untried = match gaps.untried {
        0 => String::new(),
        n => format!(" (the time limit left {n} more untried)"),
    };
    let mut out = screen.fold(
        "",
        "  ",
        &format!(
            "{}, for {}: now {} (score {:.3})",
            gaps.machine.name,
            tasks.join(" and "),
            said(&gaps.loadout),
            gaps.objective
        ),
    );
    if gaps.gaps.is_empty() {
        out.push_str(&screen.fold(
            "",
            "  ",
            &match gaps.untried {
                0 => format!(
                    "no measurement could change that: {} predicted variants were tried at the high end of their range",
                    gaps.tried
                ),
                n => format!(
                    "no measurement of {} predicted variants could change that; the time limit left {n} more untried",
                    gaps.tried
                ),
            },
        ));
        return out;
    }
    let mut table = screen
        .table(&[
            "Measure",
            "Predicted t/s, empty context",
            "Gain",
            "Then keep loaded",
        ])
        .right(&[1, 2]);
    for g in gaps.gaps.iter().take(SHOWN) {
        let then = if g.changes_loadout {
            said(&g.loadout)
        } else {
            "the same".to_owned()
        };
        table.add_row([
            g.variant.clone(),
            format!("{:.0} to {:.0}", g.low, g.high),
            format!("+{:.3}", g.gain),
            then,
        ]);
    }
    out.push_str(&format!("{table}"));
    let more = gaps.gaps.len().saturating_sub(SHOWN);
    if more > 0 {
        out.push_str(&format!("{more} more with `--format json`\n"));
    }
    out.push_str(&screen.fold(
        "",
        "  ",
        &format!(
            "{} predicted variants tried{untried}, each as if the high end of its range had been measured; now it takes part at the low end. Load one and measure it with `planner bench --record`",
            gaps.tried
        ),
    ));
    out
}

fn said(loadout: &[String]) -> String {
    if loadout.is_empty() {
        "nothing".to_owned()
    } else {
        loadout.join(" + ")
    }
}
