//! What is loaded, in one line: for menu bars and prompts.

use crate::apply::document::{LoadedRow, StatusReport};
use crate::printable::printable;
use crate::units::tokens;

/// `qwen3-coder-next 256k, gpt-oss-20b 8k (busy); 90.1 of 464.0 GiB; as planned`.
#[must_use]
pub fn status_line(report: &StatusReport) -> String {
    let loaded: Vec<String> = report.loaded.iter().map(model).collect();
    let loaded = match loaded.as_slice() {
        [] => "nothing loaded".to_owned(),
        all => all.join(", "),
    };
    let memory = match (report.ledger_gpu_bytes, report.gpu_working_set_bytes) {
        _ if report.loaded.is_empty() => String::new(),
        (Some(taken), Some(all)) => format!("; {:.1} of {:.1} GiB", taken.gib(), all.gib()),
        (Some(taken), None) => format!("; {:.1} GiB", taken.gib()),
        (None, _) => String::new(),
    };
    let drift = match report.drift.as_deref() {
        None => String::new(),
        Some([]) => "; as planned".to_owned(),
        Some([_]) => "; 1 change from the plan".to_owned(),
        Some(changes) => format!("; {} changes from the plan", changes.len()),
    };
    format!("{loaded}{memory}{drift}")
}

fn model(row: &LoadedRow) -> String {
    let context = row
        .context
        .map_or(String::new(), |n| format!(" {}", tokens(n)));
    let busy = match row.status.as_deref() {
        None | Some("idle") => "",
        Some(_) => " (busy)",
    };
    format!("{}{context}{busy}", printable(&row.identifier))
}
