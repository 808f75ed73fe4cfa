//! Which models may be in memory together, as text.

use super::screen::Screen;
use crate::emit::coexist::Coexistence;

/// Each maximal set on a line, and what that comes to.
#[must_use]
pub fn text(said: &Coexistence, screen: &Screen) -> String {
    let mut out = String::new();
    for set in &said.sets {
        out.push_str(&screen.fold("- ", "  ", &set.join(", ")));
    }
    for name in &said.too_large {
        out.push_str(&screen.fold("", "", &format!("`{name}` does not fit even alone.")));
    }
    let all = said.models.len() - said.too_large.len();
    let sets = match said.sets.len() {
        1 => "1 set".to_owned(),
        n => format!("{n} sets"),
    };
    let any = match said.any {
        _ if all < 2 => String::new(),
        n if n == all => "; all of them fit together".to_owned(),
        0 | 1 => "; not every two of them fit together".to_owned(),
        n => format!("; any {n} of them fit together"),
    };
    let words = format!(
        "On {} {sets} of {all} models fit in memory, at their full contexts, and within what plans may fill{any}.",
        said.machine
    );
    out.push_str(&screen.fold("", "", &words));
    out
}
