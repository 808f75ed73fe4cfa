//! Advice as text: what to do, and the command that does it.

use super::screen::{Paint, Screen};
use crate::plan::document::Advice;

/// All advice under its heading; nothing where there is none.
pub(super) fn advice(all: &[Advice], screen: &Screen) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut out = screen.heading("Advice");
    for advice in all {
        out.push_str(&screen.fold("  - ", "    ", &advice.text));
        if let Some(command) = &advice.command {
            out.push_str(&format!("      {}\n", screen.paint(Paint::Strong, command)));
        }
    }
    out
}
