//! What an import came to, as text.

use super::screen::{Paint, Screen};
use crate::import::document::{Became, Import, ImportedFile, ImportedRow};

/// Every file, every row, and the sum.
#[must_use]
pub fn text(import: &Import, dry_run: bool, screen: &Screen) -> String {
    let mut out = String::new();
    for file in &import.files {
        out.push_str(&of_file(file, screen));
    }
    let will = if dry_run { "would be" } else { "were" };
    out.push_str(&format!(
        "\n{} new {will} added, {} known already, {} refused\n",
        screen.paint(Paint::Strong, &import.new.to_string()),
        import.known,
        import.refused
    ));
    out
}

fn of_file(file: &ImportedFile, screen: &Screen) -> String {
    let mut out = format!(
        "{} ({})\n",
        screen.paint(Paint::Strong, &file.file),
        file.format
    );
    for row in &file.rows {
        out.push_str(&of_row(row, screen));
    }
    if file.rows.is_empty() {
        out.push_str("  no rows\n");
    }
    out
}

fn of_row(row: &ImportedRow, screen: &Screen) -> String {
    let (paint, word) = match row.became {
        Became::New => (Paint::Good, "new"),
        Became::Known => (Paint::Faint, "known"),
        Became::Refused => (Paint::Bad, "refused"),
    };
    let mut parts = vec![row.what.clone()];
    parts.extend(row.variant.clone());
    if row.requests > 0 {
        parts.push(format!("{} requests", row.requests));
    }
    parts.extend(
        row.decode_tokens_per_second
            .map(|t| format!("{t} tokens/s decoding")),
    );
    parts.extend(
        row.prefill_tokens_per_second
            .map(|t| format!("{t} tokens/s prefill")),
    );
    let score = row.benchmark.as_ref().zip(row.score);
    parts.extend(score.map(|(benchmark, score)| format!("{benchmark} {score}")));
    parts.extend(row.loss_nats.map(|n| format!("loses {n} nats per token")));
    let lead = format!("  {} ", screen.paint(paint, word));
    let mut text = parts.join(", ");
    if let Some(reason) = &row.reason {
        text.push_str(match row.became {
            Became::New => ": suspect, never used to decide: ",
            Became::Known => ": in the catalog from ",
            Became::Refused => ": ",
        });
        text.push_str(reason);
    }
    screen.fold(&lead, "    ", &text)
}
