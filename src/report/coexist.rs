//! Which models may be in memory together, as text.

use super::screen::Screen;
use crate::catalog::schema::SizeBasis;
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
            match m.size {
                SizeBasis::Exact => format!("{:.1} GiB", Bytes(m.total_bytes).gib()),
                _ => format!("about {:.1} GiB", Bytes(m.total_bytes).gib()),
            },
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
    for l in &said.left_out {
        out.push_str(&screen.fold("", "  ", &format!("`{}` is left out: {}.", l.model, l.why)));
    }
    let all = said.models.len() - said.too_large.len();
    let sets = match (said.sets.len(), all) {
        (_, 1) => "1 model fits".to_owned(),
        (1, _) => format!("1 set of {all} models fits"),
        (n, _) => format!("{n} sets of {all} models fit"),
    };
    let any = match said.any {
        _ if all < 2 => String::new(),
        n if n == all && said.too_large.is_empty() => "; all of them fit together".to_owned(),
        n if n == all => "; these fit together".to_owned(),
        0 | 1 => "; not every two of them fit together".to_owned(),
        n => format!("; any {n} of them fit together"),
    };
    // Half a part below the share at which a Mac was seen to fail: shares are told in whole ones.
    let within = match said.guarded {
        true => format!("the {}.5 % of memory that plans fill", SEEN_TO_FAIL - 1),
        false => format!(
            "the {:.1} GiB that the reserve leaves",
            Bytes(said.most_bytes).gib()
        ),
    };
    let words = format!(
        "On {} {sets} in memory, each with one conversation that fills its context, and within {within}{any}.",
        said.machine
    );
    out.push_str(&screen.fold("", "", &words));
    if said.may_outgrow > 0 {
        let words = format!(
            "With every slot and cache full {} of them would take more than that: fewer slots or a shorter `--context` bound it.",
            said.may_outgrow
        );
        out.push_str(&screen.fold("", "", &words));
    }
    if said.gguf < all {
        let words = format!(
            "llama-server's router gets {} of them: the others are MLX files, which it does not load.",
            said.gguf
        );
        out.push_str(&screen.fold("", "", &words));
    }
    out
}
