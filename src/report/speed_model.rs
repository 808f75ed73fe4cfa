//! The model of turns as text: how near it comes to rows that it has not seen, and what would help.

use super::screen::Screen;
use crate::machine::Kind;
use crate::speed::fitting::{Fitted, FittedPart, GroupError};

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
    for (kind, fitted) in &fitted.others {
        let name = kind_name(*kind);
        for (what, part) in [("Decode", &fitted.decode), ("Prefill", &fitted.prefill)] {
            let heading = format!("{what} on {name}, from {} runs", part.rows);
            out.push_str(&screen.heading(&heading));
            out.push_str(&elsewhere(part, screen));
        }
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

/// What a kind of machine is called.
const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Apple => "Macs",
        Kind::Gb10 => "NVIDIA GB10",
        Kind::StrixHalo => "AMD Strix Halo",
        Kind::GraphicsCard => "graphics cards",
        Kind::Other => "other machines",
    }
}

/// Errors of a kind of machine by what was left out, where something else was left in.
fn elsewhere(part: &FittedPart, screen: &Screen) -> String {
    let head = ["Rows of", "Left out", "Rows", "Error", "Range"];
    let mut table = screen.table(&head).right(&[2]);
    for e in part
        .errors
        .iter()
        .filter(|e| part.bands.contains_key(&e.of))
    {
        let left_out = match e.left_out.as_str() {
            "mac" => "chip",
            other => other,
        };
        table.add_row([
            e.of.clone(),
            left_out.to_owned(),
            e.rows.to_string(),
            format!(
                "{:.0} / {:.0} / {:.0} %",
                e.median * 100.0,
                e.ninth_of_ten * 100.0,
                e.in_band * 100.0
            ),
            part.bands.get(&e.of).map_or(String::new(), |w| {
                format!(
                    "{:+.0} / {:+.0} %",
                    (w.exp() - 1.0) * 100.0,
                    ((-w).exp() - 1.0) * 100.0
                )
            }),
        ]);
    }
    match part.errors.is_empty() {
        true => screen.fold("  ", "  ", "too few rows to leave any out"),
        false => format!("{table}"),
    }
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
