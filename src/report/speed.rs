//! Speeds at depths and with several streams as a table.

use super::screen::Screen;
use crate::basis::Basis;
use crate::speed::answer::Speeds;

/// What the columns mean.
const NOTE: &str = "decode is of one stream while the others run; prefill of a whole prompt as long as the depth (512 tokens at 0), from an empty context; about four of five measured figures lie in such ranges";

/// The table, with what is not known.
#[must_use]
pub fn text(speeds: &Speeds, screen: &Screen) -> String {
    let why = speeds.rows.iter().find_map(|r| r.unknown.as_ref());
    if let Some(why) = why.filter(|_| speeds.rows.iter().all(|r| r.unknown.is_some())) {
        let text = format!(
            "No speed is known on {}: {why}. Name another machine with `--machine`, such as `--machine m4-max-64gb`; `planner machines` lists them.",
            speeds.machine
        );
        return screen.fold("", "  ", &text);
    }
    let head = [
        "Variant",
        "Depth",
        "Streams",
        "Decode t/s",
        "",
        "Prefill t/s",
        "",
    ];
    let mut table = screen.table(&head).right(&[1, 2, 3, 5]);
    for r in &speeds.rows {
        table.add_row([
            r.variant.clone(),
            r.depth_tokens.to_string(),
            r.streams.to_string(),
            figure(r.decode_tokens_per_second, r.decode_low, r.decode_high),
            basis(r.decode_basis),
            figure(r.prefill_tokens_per_second, r.prefill_low, r.prefill_high),
            basis(r.prefill_basis),
        ]);
    }
    let apart = speeds.rows.iter().find_map(|r| r.cpu_experts);
    let apart = apart.map_or_else(String::new, |e| format!(", {e} in the system's memory"));
    let title = format!("Speeds on {}{apart}:", speeds.machine);
    let mut out = screen.fold("", "  ", &title);
    out.push_str(&format!("{table}"));
    if let Some(why) = why {
        out.push_str(&screen.fold("", "  ", &format!("unknown: {why}")));
    }
    out.push_str(&screen.fold("", "  ", NOTE));
    out
}

fn figure(value: Option<f64>, low: Option<f64>, high: Option<f64>) -> String {
    let (Some(value), Some(low), Some(high)) = (value, low, high) else {
        return "unknown".to_owned();
    };
    let digits = usize::from(value < 100.0);
    format!("{value:.digits$} ({low:.digits$} to {high:.digits$})")
}

fn basis(basis: Option<Basis>) -> String {
    basis.map(|b| b.to_string()).unwrap_or_default()
}
