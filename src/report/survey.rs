//! Several models asked the same question, as a table.

use super::screen::{Paint, Screen};
use crate::fit::{Survey, SurveyRow};
use crate::units::{Bytes, tokens};

/// The table, what was left out, and what to know.
#[must_use]
pub fn text(survey: &Survey, screen: &Screen) -> String {
    let mut out = screen.fold(
        "",
        "  ",
        &format!("{} on {}", survey.source, survey.machine),
    );
    if !survey.models.is_empty() {
        let header = [
            "Model", "Weights", "Context", "GPU", "Room", "Largest", "t/s", "Answer",
        ];
        let mut table = screen.table(&header).right(&[1, 2, 3, 4, 5, 6]);
        for row in &survey.models {
            table.add_row(cells(row));
        }
        out.push_str(&format!("{table}"));
    }
    for left in &survey.left_out {
        let name = screen.paint(Paint::Care, &left.model);
        out.push_str(&screen.fold("  - ", "    ", &format!("{name}: {}", left.reason)));
    }
    for note in &survey.notes {
        out.push_str(&screen.fold("  ", "  ", note));
    }
    out
}

fn cells(row: &SurveyRow) -> [String; 8] {
    let room = Bytes(row.headroom_bytes.unsigned_abs());
    let sign = if row.headroom_bytes < 0 { "-" } else { "" };
    let answer = match (row.comfort, &row.reason) {
        (Some(level), _) => format!("{} ({level})", row.verdict),
        (None, Some(reason)) => format!("{}: {reason}", row.verdict),
        (None, None) => row.verdict.to_string(),
    };
    [
        row.model.clone(),
        row.weights_bytes.to_string(),
        tokens(row.context),
        row.gpu_total_bytes.to_string(),
        format!("{sign}{room}"),
        row.largest_context.map_or("none".to_owned(), tokens),
        row.speed.as_ref().map_or(String::new(), |s| {
            format!("{:.1} {}", s.decode_tokens_per_second, s.basis)
        }),
        answer,
    ]
}
