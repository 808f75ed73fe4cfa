//! A result of `bench`, as text.

use super::screen::{Paint, Screen};
use crate::measure::document::{Bench, ModelBench, Outcome, Series, Status};
use crate::measure::summary::{SoakSummary, Spread, Summary, Trend};
use crate::units::{Bytes, tokens};

/// What was measured, how it compares with the server's own figures, and what failed.
#[must_use]
pub fn text(bench: &Bench, screen: &Screen) -> String {
    let mut out = String::new();
    for model in &bench.models {
        out.push_str(&head(bench, model, screen));
        out.push_str(&standard(&model.summary, screen));
        out.push_str(&depths(&model.summary, screen));
        out.push_str(&concurrency(&model.summary, screen));
        out.push_str(
            &model
                .summary
                .soak
                .as_ref()
                .map_or(String::new(), |s| soak(s, screen)),
        );
        out.push_str(&server(&model.summary, screen));
        out.push_str(&problems(model, screen));
        out.push('\n');
    }
    let mut notes: Vec<&str> = bench.notes.iter().map(String::as_str).collect();
    notes.extend(
        bench
            .models
            .iter()
            .flat_map(|m| m.notes.iter().map(String::as_str)),
    );
    if bench.status == Status::Interrupted {
        notes.push("stopped before its end: what was measured until then is kept");
    }
    for note in notes {
        out.push_str(&screen.fold("note: ", "      ", note));
    }
    out
}

fn head(bench: &Bench, model: &ModelBench, screen: &Screen) -> String {
    let s = &model.summary;
    let passed = s.requests - s.failed;
    let paint = if s.failed + s.unmeasured == 0 && s.requests > 0 {
        Paint::Good
    } else {
        Paint::Bad
    };
    let mut out = format!(
        "{}: {}\n",
        screen.paint(Paint::Strong, &model.model),
        screen.paint(
            paint,
            &format!("{passed} of {} requests passed", s.requests)
        ),
    );
    if let Some(kinds) = kinds(model) {
        out.push_str(&screen.fold("  ", "  ", &kinds));
    }
    let mut at = vec![format!(
        "{} at {}",
        bench.server.kind.as_deref().unwrap_or("a server"),
        bench.server.base_url
    )];
    at.extend(bench.server.version.clone());
    at.extend(
        model
            .context_tokens
            .map(|c| format!("context {}", tokens(c))),
    );
    at.extend(model.slots.map(|n| format!("{n} slots")));
    if let Some(variant) = &model.variant {
        let by = model.variant_known_by.as_deref().unwrap_or("");
        at.push(format!("{variant} (by {by})"));
    }
    out.push_str(&screen.fold("  ", "  ", &at.join(", ")));
    out
}

/// Which requests those are, where not all are of the standard tests.
fn kinds(model: &ModelBench) -> Option<String> {
    let names = [
        (Series::Standard, "of the standard tests"),
        (Series::Depth, "of the depths"),
        (Series::Warm, "of warm prompts"),
        (Series::Concurrency, "of several at once"),
        (Series::Soak, "of the soak"),
        (Series::CrossCheck, "for the server's own figures"),
    ];
    let parts: Vec<String> = names
        .into_iter()
        .map(|(series, name)| {
            let of = model.requests.iter().filter(|r| r.series == series);
            let counted = of.filter(|r| !r.was_interrupted());
            (counted.count(), name)
        })
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    (parts.len() > 1).then(|| parts.join(", "))
}

fn standard(s: &Summary, screen: &Screen) -> String {
    if s.tests.is_empty() {
        return String::new();
    }
    let mut out = screen.heading("Standard tests");
    let mut table = screen.table(&[
        "Test",
        "Passed",
        "Tokens",
        "First token",
        "Decode TPS",
        "Whole TPS",
    ]);
    for t in &s.tests {
        table.add_row([
            t.test.clone(),
            format!("{}/{}", t.passed, t.runs),
            t.completion_tokens
                .map_or(missing(), |s| format!("{:.0}", s.median)),
            seconds(t.time_to_first_token_seconds),
            rate(t.decode_tokens_per_second),
            rate(t.wall_clock_tokens_per_second),
        ]);
    }
    out.push_str(&format!("{table}\n"));
    let line = |name: &str, text: String| format!("  {name:<28}{text}\n");
    if let Some(d) = s.decode_tokens_per_second {
        let figure = format!("{:.2} tokens/s", d.median);
        out.push_str(&line(
            "decode, median",
            format!("{} ({})", screen.paint(Paint::Strong, &figure), range(d)),
        ));
    }
    if let Some(steady) = s.steady_tokens_per_second {
        out.push_str(&line(
            "steady, slope over tests",
            format!("{steady:.2} tokens/s"),
        ));
    }
    if let Some(mean) = s.wall_clock_mean_tokens_per_second {
        out.push_str(&line(
            "whole requests, mean",
            format!("{mean:.2} tokens/s, prompt included"),
        ));
    }
    out
}

fn depths(s: &Summary, screen: &Screen) -> String {
    if s.depths.is_empty() {
        return String::new();
    }
    let mut table = screen.table(&[
        "Depth",
        "Prompt tokens",
        "First token",
        "Prefill TPS",
        "Decode TPS",
        "Failed",
    ]);
    for d in &s.depths {
        table.add_row([
            tokens(d.depth_tokens),
            d.prompt_tokens
                .map_or(missing(), |s| format!("{:.0}", s.median)),
            seconds(d.time_to_first_token_seconds),
            rate(d.prefill_tokens_per_second),
            rate(d.decode_tokens_per_second),
            d.failed.to_string(),
        ]);
        if let Some(w) = &d.warm {
            let kept = w
                .cached_tokens
                .map_or(String::new(), |s| format!(", {:.0} kept", s.median));
            table.add_row([
                format!("{}, warm", tokens(d.depth_tokens)),
                w.prompt_tokens
                    .map_or(missing(), |s| format!("{:.0}{kept}", s.median)),
                seconds(w.time_to_first_token_seconds),
                rate(w.prefill_tokens_per_second),
                rate(w.decode_tokens_per_second),
                w.failed.to_string(),
            ]);
        }
    }
    format!("{}{table}\n", screen.heading("By depth"))
}

fn concurrency(s: &Summary, screen: &Screen) -> String {
    if s.concurrency.is_empty() {
        return String::new();
    }
    let mut table = screen.table(&[
        "At once",
        "All streams TPS",
        "Decode of all TPS",
        "Each stream TPS",
        "First token",
        "Failed",
    ]);
    for c in &s.concurrency {
        let one = |f: Option<f64>| f.map_or(missing(), |f| format!("{f:.2}"));
        table.add_row([
            c.depth_tokens.map_or(c.streams.to_string(), |depth| {
                format!("{}, depth {}", c.streams, tokens(depth))
            }),
            one(c.aggregate_tokens_per_second),
            one(c.aggregate_decode_tokens_per_second),
            rate(c.stream_decode_tokens_per_second),
            seconds(c.time_to_first_token_seconds),
            c.failed.to_string(),
        ]);
    }
    format!("{}{table}\n", screen.heading("Several at once"))
}

fn soak(s: &SoakSummary, screen: &Screen) -> String {
    let mut out = screen.heading("Soak");
    out.push_str(&format!(
        "  {:.0} s, {} requests, {} failed\n",
        s.seconds, s.requests, s.failed
    ));
    if let Some(d) = s.decode_tokens_per_second {
        out.push_str(&format!("  decode {:.2} tokens/s ({})", d.median, range(d)));
        let trend = s.decode_trend.map_or(String::new(), |t| {
            format!(", {}", trend(t, &|v| format!("{v:+.2} tokens/s")))
        });
        out.push_str(&format!("{trend}\n"));
    }
    for (name, found) in [
        ("memory of the system", s.memory_trend_bytes),
        ("memory of the engines", s.engines_trend_bytes),
    ] {
        if let Some(t) = found {
            out.push_str(&format!("  {name}: {}\n", trend(t, &bytes)));
        }
    }
    out
}

fn trend(t: Trend, shown: &dyn Fn(f64) -> String) -> String {
    let of = format!("per hour over {} readings", t.count);
    if t.is_sure() {
        format!("{} {of}", shown(t.per_hour))
    } else {
        format!(
            "no trend that stands out of the noise over {} readings",
            t.count
        )
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bytes of memory per hour, for the screen"
)]
fn bytes(v: f64) -> String {
    let sign = if v < 0.0 { '-' } else { '+' };
    format!("{sign}{}", Bytes(v.abs() as u64).both())
}

fn server(s: &Summary, screen: &Screen) -> String {
    let mut out = String::new();
    for a in &s.server {
        let (paint, word) = if a.agrees {
            (Paint::Good, "agrees")
        } else {
            (Paint::Care, "disagrees")
        };
        let name = match a.figure.as_str() {
            "decode_tokens_per_second" => "decode speed",
            _ => "time to first token",
        };
        let text = format!(
            "with the server's own {name} ({}): ours is {:+.1} % over {} requests",
            a.source, a.difference_percent, a.requests
        );
        out.push_str(&screen.fold(&format!("  {} ", screen.paint(paint, word)), "    ", &text));
    }
    if out.is_empty() {
        out
    } else {
        format!("\n{out}")
    }
}

/// Each problem once, with how often and where it came.
fn problems(model: &ModelBench, screen: &Screen) -> String {
    let mut seen: Vec<(&str, Option<&str>, Outcome, Vec<&str>)> = Vec::new();
    for r in model.requests.iter().filter(|r| !r.was_interrupted()) {
        let Some(p) = &r.problem else { continue };
        match seen.iter_mut().find(|s| s.0 == p.explanation) {
            Some(same) => same.3.push(&r.test),
            None => seen.push((&p.explanation, p.hint.as_deref(), r.outcome, vec![&r.test])),
        }
    }
    if seen.is_empty() {
        return String::new();
    }
    let mut out = screen.heading("Problems");
    for (explanation, hint, outcome, mut tests) in seen {
        let times = tests.len();
        tests.dedup();
        let paint = if outcome == Outcome::Failed {
            Paint::Bad
        } else {
            Paint::Care
        };
        let name = if outcome == Outcome::Failed {
            "failed"
        } else {
            "no figures"
        };
        let lead = format!("  {} {times}x ", screen.paint(paint, name));
        out.push_str(&screen.fold(
            &lead,
            "    ",
            &format!("({}) {explanation}", tests.join(", ")),
        ));
        if let Some(hint) = hint {
            out.push_str(&screen.fold("    hint: ", "      ", hint));
        }
    }
    out
}

fn missing() -> String {
    "-".to_owned()
}

fn seconds(s: Option<Spread>) -> String {
    s.map_or(missing(), |s| {
        if s.median < 1.0 {
            format!("{:.1} ms", s.median * 1000.0)
        } else {
            format!("{:.2} s", s.median)
        }
    })
}

fn rate(s: Option<Spread>) -> String {
    s.map_or(missing(), |s| match s.count {
        1 => format!("{:.2}", s.median),
        _ => format!("{:.2} ±{:.1} %", s.median, s.percent()),
    })
}

fn range(s: Spread) -> String {
    format!("{:.2} to {:.2} over {}", s.low, s.high, s.count)
}
