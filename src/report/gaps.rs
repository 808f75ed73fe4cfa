//! What to measure next, and the speed model, as text.

use super::screen::Screen;
use crate::plan::gaps::Gaps;
use crate::speed::{DepthClass, SiblingError, SpeedClass};

/// Rows to print.
const SHOWN: usize = 15;

/// The variants that are worth measuring, the most rewarding first.
#[must_use]
pub fn text(gaps: &Gaps, screen: &Screen) -> String {
    let tasks: Vec<&str> = gaps.tasks.iter().map(|t| t.id.as_str()).collect();
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
            &format!(
                "no measurement could change that: {} predicted variants were tried at the high end of their range",
                gaps.tried
            ),
        ));
        return out;
    }
    let mut table = screen
        .table(&["Measure", "Predicted t/s", "Gain", "Then keep loaded"])
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
            "{} predicted variants tried, each as if the high end of its range had been measured; now it takes part at the low end. Load one and measure it with `planner bench --record`",
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

/// The classes of the speed model with their errors.
#[must_use]
pub fn model(
    classes: &[SpeedClass],
    siblings: SiblingError,
    depths: &[DepthClass],
    screen: &Screen,
) -> String {
    let mut out = screen.fold(
        "",
        "  ",
        "seconds per token = layers x time per layer + active weight bytes / (0.85 x bandwidth) + KV bytes read at the depth / (share x bandwidth)",
    );
    out.push_str(&screen.heading("Time per layer"));
    let mut table = screen
        .table(&[
            "Chips",
            "Architecture",
            "Engine",
            "Rows",
            "ms/layer",
            "Error",
        ])
        .right(&[3, 4, 5]);
    for c in classes {
        table.add_row([
            c.tier.clone(),
            c.shape.clone(),
            c.engine.clone(),
            c.rows.to_string(),
            format!("{:.3}", c.milliseconds_per_layer),
            format!("{:.0} %", c.error * 100.0),
        ]);
    }
    out.push_str(&format!("{table}"));
    out.push_str(&screen.fold(
        "",
        "  ",
        &format!(
            "where another quantization of the same model was measured, its time per layer counts instead: error {:.0} % over {} variants",
            siblings.error * 100.0,
            siblings.rows
        ),
    ));
    out.push_str(&screen.heading("Share of the bandwidth that the KV cache is read at"));
    let mut table = screen
        .table(&["Attention", "Engine", "Pairs", "Share", "Error", "Basis"])
        .right(&[2, 4]);
    for c in depths {
        table.add_row([
            c.attention.clone(),
            c.engine.clone(),
            c.rows.to_string(),
            format!(
                "{:.2} ({:.2} to {:.2})",
                c.bandwidth_share, c.share_low, c.share_high
            ),
            format!("{:.0} %", c.error * 100.0),
            c.basis.to_string(),
        ]);
    }
    out.push_str(&format!("{table}"));
    out.push_str(&screen.fold(
        "",
        "  ",
        "a row is a variant on a chip, however often it was run; errors: nine of ten rows keep to them when each is predicted from the others, and one row alone admits 30 %",
    ));
    out
}
