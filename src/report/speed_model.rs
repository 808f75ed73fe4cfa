//! The model of turns as text: how near it comes to rows that it has not seen, and what would help.

use super::screen::Screen;
use crate::speed::model::{Fitted, FittedPart, GroupError};

/// A class whose median or ninth of ten is beyond this is bad.
const BAD: (f64, f64) = (0.15, 0.35);

/// Errors by engine, class, generation and depth; the bad classes, each with what to run.
#[must_use]
pub fn text(fitted: &Fitted, screen: &Screen) -> String {
    let mut out = String::new();
    for (what, part) in [
        ("Decode at depth", &fitted.decode),
        ("Prefill", &fitted.prefill),
    ] {
        out.push_str(&screen.heading(&format!("{what}, from {} runs", part.rows)));
        out.push_str(&errors(part, screen));
        out.push_str(&bad(part, screen));
    }
    out.push_str(&screen.fold(
        "",
        "  ",
        "median / nine of ten / share inside the range, of rows whose whole source, or whole Mac, the fit had not seen",
    ));
    out
}

fn errors(part: &FittedPart, screen: &Screen) -> String {
    let mut table = screen
        .table(&["Rows of", "Rows", "Source left out", "Mac left out"])
        .right(&[1]);
    let told = |e: &GroupError| {
        format!(
            "{:.0} / {:.0} / {:.0} %",
            e.median * 100.0,
            e.ninth_of_ten * 100.0,
            e.in_band * 100.0
        )
    };
    let of = |group: &'static str| part.errors.iter().filter(move |e| e.left_out == group);
    for by_source in of("source") {
        let by_mac = of("mac").find(|e| e.of == by_source.of);
        table.add_row([
            by_source.of.clone(),
            by_source.rows.to_string(),
            told(by_source),
            by_mac.map(told).unwrap_or_default(),
        ]);
    }
    format!("{table}")
}

fn bad(part: &FittedPart, screen: &Screen) -> String {
    let mut out = String::new();
    for class in part.bands.keys() {
        let of_class = || part.errors.iter().filter(|e| e.of == *class);
        if of_class().all(|e| e.median <= BAD.0 && e.ninth_of_ten <= BAD.1) {
            continue;
        }
        let Some(rows) = of_class().map(|e| e.rows).max() else {
            continue;
        };
        let (engine, shape) = class.split_once(' ').unwrap_or((class, ""));
        let run = match engine {
            "llama.cpp" => "llama-bench -p 512,4096 -n 128 -d 0,8192,32768",
            "mlx" => "mlx_lm.benchmark -p 512,8192,32768 -g 128",
            "ds4" => "ds4-bench to a context of 65536",
            _ => "planner bench at depths of 0, 8k and 32k",
        };
        out.push_str(&screen.fold(
            "",
            "  ",
            &format!("missed by much: {class} ({rows} rows); would mend it: `{run}` with a model of {shape}, on two Macs"),
        ));
    }
    out
}
