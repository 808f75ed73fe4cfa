//! Whether a model fits, as text.

use super::advice::advice;
use super::budget;
use super::screen::{Paint, Screen};
use crate::memory::{Line, Place};
use crate::plan::fit::{Comfort, ComfortLevel, Fit, Neighbour, Range, TableRow, Verdict};
use crate::units::{Bytes, exact_tokens, tokens};

/// Narrower screens have the source of a figure below it.
const BESIDE: usize = 90;

/// The answer, the ledger, the budget, the advice.
#[must_use]
pub fn text(fit: &Fit, screen: &Screen) -> String {
    let mut out = head(fit, screen);
    if let Some(range) = &fit.range {
        out.push_str(&range_text(range, screen));
    }
    out.push_str(&screen.heading("Memory"));
    let mut above = None;
    for line in &fit.ledger {
        let source = if above == Some(&line.source) {
            "as above"
        } else {
            &line.source
        };
        out.push_str(&ledger_line(line, source, screen));
        above = Some(&line.source);
    }
    if !fit.beside.is_empty() {
        out.push_str(&beside(fit, screen));
    }
    let limits = fit.limits.limits();
    out.push_str(&screen.heading(if fit.beside.is_empty() {
        "Against the limits"
    } else {
        "All of it against the limits"
    }));
    out.push_str(&budget::bars(
        screen,
        &fit.together,
        &limits,
        fit.limits.binding,
    ));
    if let Some(rows) = &fit.table {
        out.push_str(&table(rows, screen));
    }
    out.push_str(&advice(&fit.advice, screen));
    out
}

/// How an answer looks.
const fn paint_of(verdict: Verdict) -> Paint {
    match verdict {
        Verdict::Fits => Paint::Good,
        Verdict::FitsIfWiredLimitRaised | Verdict::Unknown => Paint::Care,
        Verdict::DoesNotFit => Paint::Bad,
    }
}

const fn paint_of_comfort(level: ComfortLevel) -> Paint {
    match level {
        ComfortLevel::Comfortable => Paint::Good,
        ComfortLevel::Tight => Paint::Care,
        ComfortLevel::AtTheEdge => Paint::Bad,
    }
}

fn head(fit: &Fit, screen: &Screen) -> String {
    let verdict = screen.paint(paint_of(fit.verdict), &fit.verdict.to_string());
    let comfort = fit.comfort.as_ref().map_or(String::new(), |c| {
        let level = screen.paint(paint_of_comfort(c.level), &c.level.to_string());
        format!(" ({level})")
    });
    let mut out = format!(
        "{}: {verdict}{comfort} on {}\n",
        screen.paint(Paint::Strong, &fit.model),
        fit.machine
    );
    let s = &fit.settings;
    let room = if fit.headroom_bytes >= 0 {
        "to spare"
    } else {
        "too much"
    };
    let pool = match (s.slots, s.kv_unified) {
        (1, _) => "1 slot".to_owned(),
        (n, true) => format!("{n} slots in one pool"),
        (n, false) => format!("{n} slots with a pool each"),
    };
    let how = format!(
        "in {} at {} tokens, {pool}, keys {} and values {}: {} {room} ({})",
        s.engine,
        tokens(s.context),
        s.kv_type_k,
        s.kv_type_v,
        Bytes(fit.headroom_bytes.unsigned_abs()).both(),
        fit.limits.binding
    );
    out.push_str(&screen.fold("  ", "  ", &how));
    if let Some(reason) = &fit.reason {
        out.push_str(&screen.fold("  ", "  ", &format!("not known, because {reason}")));
    }
    if let Some(context) = fit.largest_context {
        out.push_str(&format!(
            "  largest context that fits: {}\n",
            exact_tokens(context)
        ));
    }
    if let Some(comfort) = &fit.comfort {
        out.push_str(&comfort_text(comfort, screen));
    }
    out
}

fn comfort_text(comfort: &Comfort, screen: &Screen) -> String {
    let text = format!("{}: {}; {}", comfort.level, comfort.reason, comfort.source);
    screen.fold("  ", "    ", &text)
}

fn range_text(range: &Range, screen: &Screen) -> String {
    let side = |case: &crate::plan::fit::Case| {
        format!("{} (like {})", case.gpu_total_bytes.both(), case.like)
    };
    let text = format!(
        "of the GPU working set it takes between {} and {}, by {} known architectures",
        side(&range.low),
        side(&range.high),
        range.considered.len()
    );
    screen.fold("  ", "  ", &text)
}

fn ledger_line(line: &Line, source: &str, screen: &Screen) -> String {
    let place = match line.place {
        Place::Gpu => "GPU",
        Place::Cpu => "CPU",
    };
    let name = if line.part.is_model() {
        line.line.to_string()
    } else {
        format!("{} {}", line.part, line.line)
    };
    let figures = format!("  {name:<19} {place} {:>22}  ", line.bytes.both());
    let source = format!("{}: {source}", line.basis);
    if screen.width >= BESIDE {
        screen.fold(&figures, &" ".repeat(figures.chars().count()), &source)
    } else {
        format!(
            "{}\n{}",
            figures.trim_end(),
            screen.fold("      ", "      ", &source)
        )
    }
}

fn beside(fit: &Fit, screen: &Screen) -> String {
    let mut out = screen.heading("Beside it");
    for neighbour in &fit.beside {
        out.push_str(&screen.fold("  ", "      ", &neighbour_text(neighbour)));
    }
    let sum = format!(
        "together {} of GPU working set, {} of memory",
        fit.together.gpu_total_bytes.both(),
        fit.together.total_bytes.both()
    );
    out.push_str(&screen.fold("  ", "  ", &sum));
    out
}

fn neighbour_text(neighbour: &Neighbour) -> String {
    let how = neighbour.settings.as_ref().map_or(String::new(), |s| {
        format!(" in {} at {} tokens", s.engine, tokens(s.context))
    });
    format!(
        "{}{how}: {} of GPU working set ({}: {})",
        neighbour.name,
        neighbour.memory.gpu_total_bytes.both(),
        neighbour.basis,
        neighbour.source
    )
}

/// One line per context, one column per KV cache type; what does not fit says so.
fn table(rows: &[TableRow], screen: &Screen) -> String {
    let mut types = Vec::new();
    for row in rows {
        if !types.contains(&row.kv_type) {
            types.push(row.kv_type);
        }
    }
    let mut lines = format!("  {:>9}", "context");
    for kv in &types {
        lines.push_str(&format!("  {:>14}", format!("KV in {kv}")));
    }
    lines.push('\n');
    for line in rows.chunks(types.len().max(1)) {
        let context = line
            .first()
            .map_or(String::new(), |row| tokens(row.context));
        lines.push_str(&format!("  {context:>9}"));
        for row in line {
            let size = row.gpu_total_bytes.to_string();
            lines.push_str("  ");
            lines.push_str(&if row.headroom_bytes >= 0 {
                screen.paint(Paint::Good, &format!("{size:>14}"))
            } else {
                screen.paint(Paint::Bad, &format!("{:>14}", format!("! {size}")))
            });
        }
        lines.push('\n');
    }
    let caption = screen.fold(
        "  ",
        "  ",
        "GPU working set of the model by context and type of keys and values; ! does not fit",
    );
    format!("{}{caption}{lines}", screen.heading("By context"))
}
