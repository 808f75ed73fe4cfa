//! What a hub says of a model's files, as text.

use super::screen::{Paint, Screen};
use crate::catalog::refresh::{Refresh, Refreshed};
use crate::catalog::schema::SizeBasis;

/// Each variant with what would change of it.
#[must_use]
pub fn text(refresh: &Refresh, screen: &Screen) -> String {
    let rows = refresh.variants.iter().map(|row| variant(row, screen));
    let changes = refresh.variants.iter().filter(|row| row.changes).count();
    let mut out: String = rows.collect();
    out.push_str(&match changes {
        0 => "nothing changes\n".to_owned(),
        1 => "1 variant changes\n".to_owned(),
        n => format!("{n} variants change\n"),
    });
    out
}

fn variant(row: &Refreshed, screen: &Screen) -> String {
    let before = format!("{} ({})", row.weights_bytes.0, basis(row.size));
    let (paint, sign, words) = match (&row.hub, row.changes) {
        (Some(hub), true) => {
            let digests = hub.files.iter().filter(|f| f.sha256.is_some()).count();
            (
                Paint::Care,
                "~",
                format!(
                    "{before} -> {} (exact), {} {} with {digests} SHA-256",
                    hub.bytes.0,
                    hub.files.len(),
                    if hub.files.len() == 1 {
                        "file"
                    } else {
                        "files"
                    },
                ),
            )
        }
        (Some(_), false) => (Paint::Good, "=", before),
        (None, _) => {
            let reason = row.reason.as_deref().unwrap_or("not known");
            (Paint::Faint, "?", format!("{before}: {reason}"))
        }
    };
    let lead = format!("{} ", screen.paint(paint, sign));
    screen.fold(&lead, "    ", &format!("{}: {words}", row.variant))
}

const fn basis(size: SizeBasis) -> &'static str {
    match size {
        SizeBasis::Exact => "exact",
        SizeBasis::Published => "published",
        SizeBasis::Rounded => "rounded",
    }
}
