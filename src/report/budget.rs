//! The memory budget as bars: what is taken, what is kept, what is free, against both limits.

use super::screen::{Paint, Screen};
use super::wrap::entries;
use crate::machine::{GIVEN_WIRED_LIMIT, GpuMemory};
use crate::memory::limits::{Binding, Limits};
use crate::plan::document::Memory;
use crate::units::Bytes;

/// What may grow with use is drawn with, so far as there is room for it.
const GROWTH: char = '/';

/// One stretch of a bar.
struct Part {
    name: &'static str,
    bytes: Bytes,
    glyph: char,
    paint: Paint,
}

/// What is taken of a limit, stretch by stretch.
struct Limit {
    title: String,
    whole: Bytes,
    parts: [Part; 5],
}

impl Limit {
    fn of_gpu(totals: &Memory, limits: &Limits) -> Option<Self> {
        let whole = limits.gpu_working_set_bytes?;
        Some(Self {
            title: limits.gpu_memory.name().to_owned(),
            whole,
            parts: [
                part("weights", gpu_weights(totals), '█', Paint::Strong),
                part("context", gpu_context(totals), '▓', Paint::Good),
                part("compute", totals.gpu_compute_bytes, '▒', Paint::Care),
                part("margin", limits.safety_margin_bytes, '░', Paint::Faint),
                part("may grow by", totals.gpu_growth(), GROWTH, Paint::Faint),
            ],
        })
    }

    fn physical(totals: &Memory, limits: &Limits) -> Self {
        let own = limits.gpu_memory == GpuMemory::Own;
        let beside_gpu = |all: Bytes, gpu: Bytes| if own { all.saturating_sub(gpu) } else { all };
        let compute = totals.gpu_compute_bytes + totals.cpu_compute_bytes;
        let compute = beside_gpu(compute, totals.gpu_compute_bytes);
        let weights = beside_gpu(totals.weights_bytes, gpu_weights(totals));
        let context = beside_gpu(totals.context_bytes, gpu_context(totals));
        let growth = beside_gpu(totals.growth(), totals.gpu_growth());
        let kept = if limits.guard_cuts() {
            "reserved"
        } else {
            "system"
        };
        let clear = limits
            .physical_bytes
            .saturating_sub(limits.physical_budget());
        Self {
            title: "Physical memory".to_owned(),
            whole: limits.physical_bytes,
            parts: [
                part("weights", weights, '█', Paint::Strong),
                part("context", context, '▓', Paint::Good),
                part("compute", compute, '▒', Paint::Care),
                part(kept, clear, '░', Paint::Faint),
                part("may grow by", growth, GROWTH, Paint::Faint),
            ],
        }
    }
}

/// Both bars with their legends.
pub(super) fn bars(screen: &Screen, totals: &Memory, limits: &Limits, binding: Binding) -> String {
    let mut out = String::new();
    let gpu_binds = binding == Binding::GpuWorkingSet;
    let tighter = |binds: bool| if binds { " <- the tighter limit" } else { "" };
    if let Some(gpu) = Limit::of_gpu(totals, limits) {
        let given = limits.gpu_working_set_source.as_deref() == Some(GIVEN_WIRED_LIMIT);
        let basis = match limits.gpu_working_set_basis {
            Some(_) if given => ", given".to_owned(),
            Some(basis) => format!(", {basis}"),
            None => String::new(),
        };
        let title = format!(
            "{}, {}{basis}{}",
            gpu.title,
            gpu.whole.both(),
            tighter(gpu_binds)
        );
        out.push_str(&bar(screen, &title, &gpu, Bytes::both));
    }
    let physical = Limit::physical(totals, limits);
    let title = format!(
        "{}, {}{}",
        physical.title,
        physical.whole.both(),
        tighter(!gpu_binds)
    );
    out.push_str(&bar(screen, &title, &physical, Bytes::both));
    out
}

/// The bar of the tighter limit, in GiB.
pub(super) fn tighter(
    screen: &Screen,
    totals: &Memory,
    limits: &Limits,
    binding: Binding,
) -> String {
    let gpu = Limit::of_gpu(totals, limits).filter(|_| binding == Binding::GpuWorkingSet);
    let limit = gpu.unwrap_or_else(|| Limit::physical(totals, limits));
    let growth = limit.parts.iter().filter(|p| p.glyph == GROWTH);
    let growth: Bytes = growth.map(|p| p.bytes).sum();
    let grows = match growth {
        Bytes::ZERO => String::new(),
        _ => format!("; may grow by {:.1} ({GROWTH})", growth.gib()),
    };
    // One screen has no second line for the names of the parts: the title says what may grow.
    let limit = Limit {
        parts: limit.parts.map(|p| match p.glyph {
            GROWTH => Part { name: "", ..p },
            _ => p,
        }),
        ..limit
    };
    let title = format!("{}, {:.0} GiB{grows}", limit.title, limit.whole.gib());
    bar(screen, &title, &limit, |b| format!("{:.1}", b.gib()))
}

const fn part(name: &'static str, bytes: Bytes, glyph: char, paint: Paint) -> Part {
    Part {
        name,
        bytes,
        glyph,
        paint,
    }
}

/// The context but for what lies with layers on the processor.
fn gpu_context(totals: &Memory) -> Bytes {
    totals
        .context_bytes
        .saturating_sub(totals.cpu_context_bytes)
}

/// Weights against the GPU: all that is not context or compute there.
fn gpu_weights(totals: &Memory) -> Bytes {
    totals
        .gpu_total_bytes
        .saturating_sub(gpu_context(totals) + totals.gpu_compute_bytes)
}

fn bar(screen: &Screen, title: &str, limit: &Limit, size: fn(Bytes) -> String) -> String {
    let width = (screen.width - 6).min(72);
    let whole = limit.whole;
    let is_growth = |p: &Part| p.glyph == GROWTH;
    let parts: Vec<&Part> = (limit.parts.iter())
        .filter(|p| !is_growth(p) || p.bytes > Bytes::ZERO)
        .collect();
    // What may grow is not taken: it lies in what is free, and may be more than that.
    let taken: Bytes = parts
        .iter()
        .filter(|p| !is_growth(p))
        .map(|p| p.bytes)
        .sum();
    let free = whole.saturating_sub(taken);
    let mut cells: Vec<usize> = parts
        .iter()
        .map(|p| {
            let drawn = if is_growth(p) {
                p.bytes.min(free)
            } else {
                p.bytes
            };
            share_of(drawn, whole, width)
        })
        .collect();
    // Rounding up small parts must not make the bar longer than the whole.
    while cells.iter().sum::<usize>() > width {
        if let Some(longest) = cells.iter_mut().max() {
            *longest -= 1;
        }
    }
    let empty = width - cells.iter().sum::<usize>();
    let filled: String = parts
        .iter()
        .zip(&cells)
        .map(|(p, n)| screen.paint(p.paint, &p.glyph.to_string().repeat(*n)))
        .collect();
    let title = screen.fold("  ", "    ", title);
    let named = |p: &&Part| format!("{} {} {}", p.glyph, p.name, size(p.bytes));
    let (growth, sure): (Vec<&Part>, Vec<&Part>) = parts.iter().partition(|p| is_growth(p));
    let mut legend: Vec<String> = sure.iter().map(named).collect();
    legend.push(format!("· free {}", size(free)));
    let growth = growth.iter().filter(|p| !p.name.is_empty());
    legend.extend(growth.map(named));
    let legend = entries(screen.width, "   ", &legend);
    format!("{title}  [{filled}{}]\n{legend}", "·".repeat(empty))
}

/// Cells for a share of the whole; something is never nothing.
fn share_of(bytes: Bytes, whole: Bytes, width: usize) -> usize {
    if bytes == Bytes::ZERO || whole == Bytes::ZERO {
        return 0;
    }
    let cells = u128::from(bytes.0) * width as u128 / u128::from(whole.0);
    usize::try_from(cells).unwrap_or(width).clamp(1, width)
}
