//! Whether a model fits, as text.

use super::advice::advice;
use super::budget;
use super::screen::{Paint, Screen};
use super::turn;
use super::words::join;
use super::wrap::columns;
use crate::basis::Basis;
use crate::fit::{Comfort, ComfortLevel, Fit, Neighbour, Range, TableRow, Verdict};
use crate::memory::limits::{Demand, Limits};
use crate::memory::{Engine, Line, Place, Settings};
use crate::plan::document::{Advice, ExpectedQuality, SpeedSummary};
use crate::units::{Bytes, exact_tokens, thousands};

/// Narrower screens have the source of a figure below it.
const BESIDE: usize = 90;

/// The answer, the ledger, the budget, the advice.
#[must_use]
pub fn text(fit: &Fit, screen: &Screen) -> String {
    let mut out = head(fit, screen);
    if let Some(range) = &fit.range {
        out.push_str(&range_text(range, &fit.limits.limits, screen));
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
    let grown = fit.together.growth();
    if grown > Bytes::ZERO {
        let budget = fit.limits.limits.physical_budget();
        let grown_to = Demand {
            gpu: fit.together.gpu_total_bytes + fit.together.gpu_growth(),
            total: fit.together.worst_total_bytes,
        };
        let grown_to = grown_to.physical(fit.limits.limits.gpu_memory);
        let beyond = if grown_to > budget {
            beyond_memory(&fit.settings)
        } else {
            ""
        };
        let text = format!(
            "with use it may grow to {} of memory, {} more than after loading{beyond}",
            fit.together.worst_total_bytes.both(),
            grown.both()
        );
        out.push_str(&screen.fold("  ", "  ", &text));
    }
    let limits = &fit.limits.limits;
    out.push_str(&screen.heading(if fit.beside.is_empty() {
        "Against the limits"
    } else {
        "All of it against the limits"
    }));
    out.push_str(&budget::bars(
        screen,
        &fit.together,
        limits,
        fit.limits.binding,
    ));
    if let Some(rows) = &fit.table {
        out.push_str(&table(rows, &fit.limits.limits, screen));
    }
    let (to_know, to_do): (Vec<Advice>, Vec<Advice>) =
        fit.advice.iter().cloned().partition(|a| a.kind.is_note());
    out.push_str(&advice(&to_do, screen));
    out.push_str(&notes(&to_know, screen));
    out.push('\n');
    out.push_str(&screen.fold("", "  ", &title(fit, screen)));
    out
}

fn notes(all: &[Advice], screen: &Screen) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut out = screen.heading("To know");
    for note in all {
        out.push_str(&screen.fold("  - ", "    ", &note.text));
    }
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

/// The answer in a line.
fn title(fit: &Fit, screen: &Screen) -> String {
    let verdict = || screen.paint(paint_of(fit.verdict), &fit.verdict.to_string());
    let answer = match (fit.shorter_context(), &fit.comfort) {
        (Some(context), _) => screen.paint(
            Paint::Care,
            &format!("fits up to {} as it is", exact_tokens(context)),
        ),
        (None, Some(c)) => {
            let level = screen.paint(paint_of_comfort(c.level), &c.level.to_string());
            format!("{} ({level})", verdict())
        }
        (None, None) => verdict(),
    };
    let name = screen.paint(Paint::Strong, &fit.model);
    format!("{name}: {answer} on {}", fit.machine)
}

fn head(fit: &Fit, screen: &Screen) -> String {
    let shorter = fit.shorter_context();
    let mut out = screen.fold("", "  ", &title(fit, screen));
    if let Some(why) = &fit.fails_to_load {
        let text = format!("LM Studio does not load these files: {why}");
        out.push_str(&screen.fold("  ", "  ", &screen.paint(Paint::Bad, &text)));
    }
    if shorter.is_some() {
        let own = if fit.context_length == Some(fit.settings.context) {
            "its full context of "
        } else {
            ""
        };
        let text = format!(
            "with {own}{}: {}",
            exact_tokens(fit.settings.context),
            screen.paint(paint_of(fit.verdict), &fit.verdict.to_string())
        );
        out.push_str(&screen.fold("  ", "  ", &text));
    }
    let how = how(fit, shorter.is_some());
    out.push_str(&screen.fold("  ", "  ", &how));
    if let Some(reason) = &fit.reason {
        out.push_str(&screen.fold("  ", "  ", &format!("not known, because {reason}")));
    }
    if let (Some(context), None) = (fit.largest_context, shorter) {
        out.push_str(&format!(
            "  largest context that fits: {}\n",
            exact_tokens(context)
        ));
    }
    if let Some(speed) = &fit.speed {
        out.push_str(&speeds(speed, screen));
        out.push_str(&quality(&fit.quality, screen));
    }
    out.push_str(&too_slow(fit, screen));
    if let Some(comfort) = &fit.comfort {
        out.push_str(&comfort_text(comfort, screen));
    }
    out
}

/// How it is loaded, and what is left then; at a context of its own or at a shorter one.
fn how(fit: &Fit, is_shorter: bool) -> String {
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
    let with = if is_shorter {
        String::new()
    } else {
        format!(" with {}", exact_tokens(s.context))
    };
    format!(
        "in {}{with}, {pool}{}, keys {} and values {}: {} {room} ({})",
        s.engine,
        layers(fit),
        s.kv_type_k,
        s.kv_type_v,
        Bytes(fit.headroom_bytes.unsigned_abs()).both(),
        fit.limits.binding.name(fit.limits.limits.gpu_memory)
    )
}

/// What is left to the processor, where anything is.
fn layers(fit: &Fit) -> String {
    let layers = fit
        .gpu_layers
        .map(|n| format!(", {} of its layers on the card", n.saturating_sub(1)));
    let experts = fit
        .cpu_expert_layers
        .map(|n| format!(", the experts of its first {n} layers left to the processor"));
    [layers, experts].into_iter().flatten().collect()
}

/// Turns that are slower than was asked for.
fn too_slow(fit: &Fit, screen: &Screen) -> String {
    let told = fit.too_slow.iter().map(|slow| {
        let text = format!("too slow for {}: {}", slow.task, slow.reason);
        screen.fold("  ", "    ", &screen.paint(Paint::Bad, &text))
    });
    told.collect()
}

/// The decode speed, and how long turns take.
fn speeds(speed: &SpeedSummary, screen: &Screen) -> String {
    let turns = speed.turns.iter().map(|t| turn::words(t, true));
    let lines = [speed_text(speed)].into_iter().chain(turns);
    lines.map(|line| screen.fold("  ", "    ", &line)).collect()
}

/// `quality for chat 71 and for agent 81, of 100 and less a margin for doubt`; nothing where the
/// catalog has no such model.
fn quality(quality: &[ExpectedQuality], screen: &Screen) -> String {
    let Some(first) = quality.first() else {
        return String::new();
    };
    let each = quality.iter().map(|q| {
        let points = q.deciding();
        format!("for {} {points:.0}", q.task)
    });
    let each = join(&each.collect::<Vec<_>>());
    let doubt = match first.published + first.other_evidence {
        0 => "; nobody published a score of it",
        _ if first.unchecked => "; by its own maker's scores alone",
        _ => "",
    };
    let text = format!("quality {each}, of 100 and less a margin for doubt{doubt}");
    screen.fold("  ", "    ", &text)
}

fn speed_text(speed: &SpeedSummary) -> String {
    let depth = speed.depth_tokens.map_or_else(
        || "at a nearly empty context".to_owned(),
        |d| format!("{} deep in the context", exact_tokens(d)),
    );
    let range = match speed.basis {
        Basis::Measured => String::new(),
        _ => format!(" ({:.1} to {:.1})", speed.low, speed.high),
    };
    format!(
        "decodes {:.1} tokens per second{range} {depth}, {}: {}",
        speed.decode_tokens_per_second, speed.basis, speed.source
    )
}

fn comfort_text(comfort: &Comfort, screen: &Screen) -> String {
    let stays = match comfort.level {
        ComfortLevel::AtTheEdge => "; `planner recommend` stays below that without `--fill`",
        ComfortLevel::Comfortable | ComfortLevel::Tight => "",
    };
    let text = format!(
        "{}: {}; {}{stays}",
        comfort.level, comfort.reason, comfort.source
    );
    screen.fold("  ", "    ", &text)
}

fn range_text(range: &Range, limits: &Limits, screen: &Screen) -> String {
    let side =
        |case: &crate::fit::Case| format!("{} (like {})", case.gpu_total_bytes.both(), case.like);
    let text = format!(
        "of the {} it takes between {} and {}, by {} known architectures",
        limits.gpu_memory.name(),
        side(&range.low),
        side(&range.high),
        range.considered.len()
    );
    screen.fold("  ", "  ", &text)
}

/// How to bound what grows with use, by who keeps it.
const fn beyond_memory(settings: &Settings) -> &'static str {
    match (settings.engine, settings.slots) {
        (Engine::LlamaCpp, _) => {
            "; that is more than there is. A shorter `--context` bounds it, and so do llama.cpp's own `--ctx-checkpoints` and `--cache-ram`"
        }
        (Engine::Mlx, 1) => {
            "; that is more than there is. A shorter `--context` bounds it, and so does `--slots 2`: MLX keeps one finished conversation then, and ten with a single slot"
        }
        (Engine::Mlx, _) => {
            "; that is more than there is. A shorter `--context` bounds it, and so do fewer `--slots`"
        }
    }
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
    let grows = (line.bounded_by.as_ref()).map_or(String::new(), |by| {
        format!("up to {} ({by}), ", line.worst().both())
    });
    let passes = if line.passing { "passing, " } else { "" };
    let source = format!("{grows}{passes}{}: {source}", line.basis);
    if screen.width >= BESIDE {
        screen.fold(&figures, &" ".repeat(columns(&figures)), &source)
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
        out.push_str(&screen.fold(
            "  ",
            "      ",
            &neighbour_text(neighbour, &fit.limits.limits),
        ));
    }
    let sum = format!(
        "together {} of {}, {} of memory",
        fit.together.gpu_total_bytes.both(),
        fit.limits.limits.gpu_memory.name(),
        fit.together.total_bytes.both()
    );
    out.push_str(&screen.fold("  ", "  ", &sum));
    out
}

fn neighbour_text(neighbour: &Neighbour, limits: &Limits) -> String {
    let how = neighbour.settings.as_ref().map_or(String::new(), |s| {
        format!(" in {} with {}", s.engine, exact_tokens(s.context))
    });
    format!(
        "{}{how}: {} of {} ({}: {})",
        neighbour.name,
        neighbour.memory.gpu_total_bytes.both(),
        limits.gpu_memory.name(),
        neighbour.basis,
        neighbour.source
    )
}

/// One line per context, one column per KV cache type; what does not fit says so.
fn table(rows: &[TableRow], limits: &Limits, screen: &Screen) -> String {
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
            .map_or(String::new(), |row| thousands(u64::from(row.context)));
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
        &format!(
            "{} of the model by context and type of keys and values; ! does not fit",
            limits.gpu_memory.name()
        ),
    );
    format!("{}{caption}{lines}", screen.heading("By context"))
}
