//! Whether a model fits, as text.

use super::advice::advice;
use super::budget;
use super::screen::{Paint, Screen};
use crate::memory::Place;
use crate::plan::fit::{Fit, Verdict};
use crate::units::{Bytes, tokens};

/// The answer, the ledger, the budget, the advice.
#[must_use]
pub fn text(fit: &Fit, screen: &Screen) -> String {
    let paint = match fit.verdict {
        Verdict::Fits => Paint::Good,
        Verdict::FitsIfWiredLimitRaised => Paint::Care,
        Verdict::DoesNotFit => Paint::Bad,
    };
    let s = &fit.settings;
    let left = Bytes(fit.headroom_bytes.unsigned_abs()).both();
    let room = if fit.headroom_bytes >= 0 {
        "to spare"
    } else {
        "too much"
    };
    let mut out = format!(
        "{}: {} on {}\n",
        screen.paint(Paint::Strong, &fit.model),
        screen.paint(paint, &fit.verdict.to_string()),
        fit.machine
    );
    let how = format!(
        "in {} at {} tokens, {} slots, keys {} and values {}: {left} {room} ({})",
        s.engine,
        tokens(s.context),
        s.slots,
        s.kv_type_k,
        s.kv_type_v,
        fit.binding
    );
    out.push_str(&screen.fold("  ", "  ", &how));
    if let Some(context) = fit.largest_context {
        out.push_str(&format!(
            "  largest context that fits: {} ({context} tokens)\n",
            tokens(context)
        ));
    }
    out.push_str(&screen.heading("Memory"));
    for line in &fit.ledger {
        let place = if line.place == Place::Gpu {
            "GPU"
        } else {
            "CPU"
        };
        let text = format!(
            "{:<15} {place} {:>22}  {}: {}",
            line.line,
            line.bytes.both(),
            line.basis,
            line.source
        );
        out.push_str(&format!("  {text}\n"));
    }
    out.push_str(&budget::bars(screen, &fit.memory, &fit.limits, fit.binding));
    out.push_str(&advice(&fit.advice, screen));
    out
}
