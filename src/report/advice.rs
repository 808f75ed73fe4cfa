//! Advice as text: what to do, and the command that does it; what to know stands apart.

use super::screen::{Paint, Screen};
use crate::plan::document::Advice;

/// All advice under its heading, then what is to be known; nothing where there is none.
pub(super) fn advice(all: &[Advice], screen: &Screen) -> String {
    let is_note = |a: &&Advice| a.kind.is_note();
    let (notes, to_do): (Vec<_>, Vec<_>) = all.iter().partition(is_note);
    format!(
        "{}{}",
        section("Advice", &to_do, screen),
        section("Notes", &notes, screen)
    )
}

fn section(title: &str, all: &[&Advice], screen: &Screen) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut out = screen.heading(title);
    for advice in all {
        out.push_str(&screen.fold("  - ", "    ", &advice.text));
        let flags = (!advice.flags.is_empty()).then(|| advice.flags.join(" "));
        if let Some(command) = advice.command.as_ref().or(flags.as_ref()) {
            out.push_str(&format!("      {}\n", screen.paint(Paint::Strong, command)));
        }
    }
    out
}
