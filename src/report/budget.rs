//! The memory budget as bars: what is taken, what is kept, what is free, against both limits.

use super::screen::{Paint, Screen};
use super::wrap::entries;
use crate::machine::GIVEN_WIRED_LIMIT;
use crate::memory::limits::{Binding, Limits};
use crate::plan::document::Memory;
use crate::units::Bytes;

/// One stretch of a bar.
struct Part {
    name: &'static str,
    bytes: Bytes,
    glyph: char,
    paint: Paint,
}

/// Both bars with their legends.
pub(super) fn bars(screen: &Screen, totals: &Memory, limits: &Limits, binding: Binding) -> String {
    let mut out = String::new();
    if let Some(set) = limits.gpu_working_set_bytes {
        let given = limits.gpu_working_set_source.as_deref() == Some(GIVEN_WIRED_LIMIT);
        let basis = match limits.gpu_working_set_basis {
            Some(_) if given => ", given".to_owned(),
            Some(basis) => format!(", {basis}"),
            None => String::new(),
        };
        let title = format!("GPU working set, {}{basis}", set.both());
        let parts = [
            part("weights", gpu_weights(totals), '█', Paint::Strong),
            part("context", totals.context_bytes, '▓', Paint::Good),
            part("compute", totals.gpu_compute_bytes, '▒', Paint::Care),
            part("margin", limits.safety_margin_bytes, '░', Paint::Faint),
        ];
        out.push_str(&bar(
            screen,
            &title,
            set,
            &parts,
            binding == Binding::GpuWorkingSet,
        ));
    }
    let title = format!("Physical memory, {}", limits.physical_bytes.both());
    let compute = totals.gpu_compute_bytes + totals.cpu_compute_bytes;
    let kept = if limits.guard_cuts() {
        "kept clear"
    } else {
        "system"
    };
    let parts = [
        part("weights", totals.weights_bytes, '█', Paint::Strong),
        part("context", totals.context_bytes, '▓', Paint::Good),
        part("compute", compute, '▒', Paint::Care),
        part(
            kept,
            limits
                .physical_bytes
                .saturating_sub(limits.physical_budget()),
            '░',
            Paint::Faint,
        ),
    ];
    out.push_str(&bar(
        screen,
        &title,
        limits.physical_bytes,
        &parts,
        binding != Binding::GpuWorkingSet,
    ));
    out
}

const fn part(name: &'static str, bytes: Bytes, glyph: char, paint: Paint) -> Part {
    Part {
        name,
        bytes,
        glyph,
        paint,
    }
}

/// Weights against the GPU: all that is not context or compute there.
fn gpu_weights(totals: &Memory) -> Bytes {
    totals
        .gpu_total_bytes
        .saturating_sub(totals.context_bytes + totals.gpu_compute_bytes)
}

fn bar(screen: &Screen, title: &str, whole: Bytes, parts: &[Part], binding: bool) -> String {
    let width = (screen.width - 6).min(72);
    let taken: Bytes = parts.iter().map(|p| p.bytes).sum();
    let free = whole.saturating_sub(taken);
    let mut cells: Vec<usize> = parts
        .iter()
        .map(|p| share_of(p.bytes, whole, width))
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
    let note = if binding { " <- the tighter limit" } else { "" };
    let title = screen.fold("  ", "    ", &format!("{title}{note}"));
    let mut legend: Vec<String> = parts
        .iter()
        .map(|p| format!("{} {} {}", p.glyph, p.name, p.bytes.both()))
        .collect();
    legend.push(format!("· free {}", free.both()));
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
