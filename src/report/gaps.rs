//! What to measure next, and the speed model, as text.

use super::screen::Screen;
use crate::advise::gaps::Gaps;
use crate::speed::{DepthClass, SpeedClass, SpeedConstants};

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
            &format!(
                "no measurement could change that: {} predicted variants were tried at the high end of their range{untried}",
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

/// The speed model: its constants, its classes with their errors, and how speed falls with depth.
#[must_use]
pub fn model(
    constants: &SpeedConstants,
    classes: &[SpeedClass],
    depths: &[DepthClass],
    screen: &Screen,
) -> String {
    let mut out = screen.fold("", "  ", &formula(constants));
    out.push_str(&screen.heading("Time per layer"));
    let mut table = screen
        .table(&[
            "Architecture",
            "Engine",
            "Rows",
            "ms/layer",
            "Factor",
            "Error",
            "of model",
            "of file",
        ])
        .right(&[2, 3, 4, 5, 6, 7]);
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    for c in classes {
        table.add_row([
            c.shape.clone(),
            c.engine.clone(),
            c.rows.to_string(),
            format!("{:.3}", c.milliseconds_per_layer),
            format!("{:.2}", c.times),
            percent(c.error),
            percent(c.error_of_model),
            percent(c.error_of_file),
        ]);
    }
    out.push_str(&format!("{table}"));
    out.push_str(&screen.fold(
        "",
        "  ",
        "error: four of five predictions keep to it, each model predicted from the others; `of model` where another of its files was measured in the engine, `of file` where the file itself was on another Mac",
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
        "a row is a variant on a chip, however often it was run; errors at depth: nine of ten pairs of runs keep to them when each is predicted from the others",
    ));
    out
}

/// The formula with its constants.
fn formula(c: &SpeedConstants) -> String {
    format!(
        "seconds per token = factor x (active weight bytes / (share x bandwidth) + layers x time per layer) + KV bytes read at the depth / (share x bandwidth). Weights are read at {:.2} of the bandwidth in llama.cpp and {:.2} in MLX, and no speed is above {:.2} of it. The time per layer is told for an M3 with 40 GPU cores and a model 3072 wide: each generation saves {:.0} %, and it goes with cores to the power -{:.2} and with width to the power {:.2}",
        c.llama_cpp_bandwidth_share,
        c.mlx_bandwidth_share,
        c.largest_bandwidth_share,
        c.saved_per_generation * 100.0,
        c.cores_exponent,
        c.width_exponent
    )
}
