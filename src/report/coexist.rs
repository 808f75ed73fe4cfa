//! Which models may be in memory together, as text.

use super::screen::Screen;
use crate::emit::coexist::Coexistence;
use crate::memory::limits::SEEN_TO_FAIL;
use crate::units::{Bytes, tokens};

/// Each maximal set on a line, and what that comes to.
#[must_use]
pub fn text(said: &Coexistence, screen: &Screen) -> String {
    let header = ["Model", "File", "Context", "Memory", "Loads in"];
    let mut table = screen.table(&header).right(&[2, 3, 4]);
    for m in &said.models {
        let file = m.variant.rsplit('/').next().unwrap_or(&m.variant);
        table.add_row([
            m.identifier.clone(),
            file.to_owned(),
            tokens(m.context),
            format!("{:.1} GiB", Bytes(m.total_bytes).gib()),
            format!("{} s", m.load_seconds),
        ]);
    }
    let mut out = format!("{table}\n");
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
    // Half a part below the share at which a Mac was seen to fail: shares are told in whole ones.
    let most = format!("{}.5", SEEN_TO_FAIL - 1);
    let words = format!(
        "On {} {sets} of {all} models fit in memory, with these contexts full, and within the {most} % of memory that plans fill{any}.",
        said.machine
    );
    out.push_str(&screen.fold("", "", &words));
    out
}
