//! The memory budget as bars: what is taken, what is kept, what is free, against both limits.

use super::screen::{Paint, Screen};
use super::wrap::entries;
use crate::machine::{GIVEN_WIRED_LIMIT, GpuMemory};
use crate::memory::limits::{Binding, Limits};
use crate::plan::document::{Memory, Plan};
use crate::units::Bytes;

/// What may grow with use is drawn with, so far as there is room for it.
const GROWTH: char = '/';
/// What models don't get is drawn with.
const KEPT: char = '░';

/// One stretch of a bar.
struct Part {
    name: &'static str,
    bytes: Bytes,
    glyph: char,
    paint: Paint,
}

impl Part {
    fn named(&self, size: impl Fn(Bytes) -> String) -> String {
        format!("{} {} {}", self.glyph, self.name, size(self.bytes))
    }
}

/// What is taken of a limit, stretch by stretch.
struct Limit {
    title: String,
    whole: Bytes,
    parts: [Part; 4],
    /// What may grow is not taken: it lies in what is free, and may be more than that.
    growth: Part,
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
                part("margin", limits.safety_margin_bytes, KEPT, Paint::Faint),
            ],
            growth: growing(totals.gpu_growth()),
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
                part(kept, clear, KEPT, Paint::Faint),
            ],
            growth: growing(growth),
        }
    }

    fn free(&self) -> Bytes {
        let taken: Bytes = self.parts.iter().map(|p| p.bytes).sum();
        self.whole.saturating_sub(taken)
    }

    /// What neither these models nor others beside them may take, whichever limit says so.
    fn keep_for_system(&mut self, plan: &Plan) {
        let system = match plan.machine.kind {
            None => "macOS and apps",
            Some(_) => "system and apps",
        };
        for part in self.parts.iter_mut().filter(|p| p.glyph == KEPT) {
            part.name = system;
            part.bytes = (self.whole).saturating_sub(plan.totals.total_bytes + plan.free());
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
        out.push_str(&bar(screen, &title, &gpu));
    }
    let physical = Limit::physical(totals, limits);
    let title = format!(
        "{}, {}{}",
        physical.title,
        physical.whole.both(),
        tighter(!gpu_binds)
    );
    out.push_str(&bar(screen, &title, &physical));
    out
}

/// One bar in GiB: of a card's own memory where that is the tighter limit, else of all memory, with
/// what stays for the system and other applications.
pub(super) fn one(screen: &Screen, plan: &Plan) -> String {
    let (totals, limits) = (&plan.totals, &plan.limits);
    let of_card = limits.gpu_memory == GpuMemory::Own && plan.binding == Binding::GpuWorkingSet;
    let card = Limit::of_gpu(totals, limits).filter(|_| of_card);
    let mut limit = card.unwrap_or_else(|| Limit::physical(totals, limits));
    let shared = limits.gpu_memory != GpuMemory::Own;
    if shared {
        limit.keep_for_system(plan);
    }
    // One screen has no second line of names: the title says what is free, and what of that may be
    // taken.
    let grows = match limit.growth.bytes {
        Bytes::ZERO => String::new(),
        growth => format!(", may grow by {:.1} ({GROWTH})", growth.gib()),
    };
    let free = limit.free();
    let title = format!(
        "{}, {:.0} GiB: {:.1} free{grows}",
        limit.title,
        limit.whole.gib(),
        free.gib()
    );
    // What grows beyond what is free takes of what stays for the system.
    let beyond = limit.growth.bytes.saturating_sub(free);
    let gib = |bytes: Bytes| format!("{:.1}", bytes.gib());
    let named = |p: &Part| match shared && p.glyph == KEPT && beyond > Bytes::ZERO {
        true => p.named(|all| format!("{} to {}", gib(all.saturating_sub(beyond)), gib(all))),
        false => p.named(gib),
    };
    let legend: Vec<String> = limit.parts.iter().map(named).collect();
    for kept in limit.parts.iter_mut().filter(|p| shared && p.glyph == KEPT) {
        kept.bytes = kept.bytes.saturating_sub(beyond);
    }
    drawn(screen, &title, &limit, legend)
}

const fn growing(bytes: Bytes) -> Part {
    part("may grow by", bytes, GROWTH, Paint::Faint)
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

/// The bar of a limit with the sizes of all that it is made of.
fn bar(screen: &Screen, title: &str, limit: &Limit) -> String {
    let named = |p: &Part| p.named(Bytes::both);
    let mut legend: Vec<String> = limit.parts.iter().map(named).collect();
    legend.push(format!("· free {}", limit.free().both()));
    legend.extend((limit.growth.bytes > Bytes::ZERO).then(|| named(&limit.growth)));
    drawn(screen, title, limit, legend)
}

fn drawn(
    screen: &Screen,
    title: &str,
    limit: &Limit,
    legend: impl IntoIterator<Item = String>,
) -> String {
    let width = (screen.width - 6).min(72);
    let growth = limit.growth.bytes.min(limit.free());
    let free = limit.free().saturating_sub(growth);
    let sure = limit.parts.iter().map(|p| (p, p.bytes));
    let stretches: Vec<(&Part, Bytes)> = sure.chain([(&limit.growth, growth)]).collect();
    let mut bytes: Vec<Bytes> = stretches.iter().map(|(_, bytes)| *bytes).collect();
    bytes.push(free);
    let cells = cells(&bytes, width);
    let empty = cells.last().copied().unwrap_or(0);
    let filled: String = stretches
        .iter()
        .zip(&cells)
        .map(|((p, _), n)| screen.paint(p.paint, &p.glyph.to_string().repeat(*n)))
        .collect();
    let title = screen.fold("  ", "    ", title);
    let legend: Vec<String> = legend.into_iter().collect();
    let legend = entries(screen.width, "   ", &legend);
    format!("{title}  [{filled}{}]\n{legend}", "·".repeat(empty))
}

/// Cells of a bar for each of these, in all as many as it is wide: something is never nothing.
fn cells(all: &[Bytes], width: usize) -> Vec<usize> {
    let whole: u128 = all.iter().map(|b| u128::from(b.0)).sum::<u128>().max(1);
    let scaled = |b: &Bytes| u128::from(b.0) * width as u128;
    let least = |b: &Bytes| usize::from(*b > Bytes::ZERO);
    let mut cells: Vec<usize> = (all.iter())
        .map(|b| usize::try_from(scaled(b) / whole).map_or(width, |n| n.max(least(b))))
        .collect();
    // What rounding leaves goes to those that lost most by it; what it took more, from the longest.
    let mut by_loss: Vec<usize> = (0..all.len()).collect();
    by_loss.sort_by_key(|i| std::cmp::Reverse(scaled(&all[*i]) % whole));
    for i in by_loss {
        cells[i] += usize::from(cells.iter().sum::<usize>() < width && all[i] > Bytes::ZERO);
    }
    while cells.iter().sum::<usize>() > width {
        if let Some(longest) = cells.iter_mut().max() {
            *longest -= 1;
        }
    }
    cells
}
