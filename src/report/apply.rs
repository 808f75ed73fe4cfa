//! What is loaded, what should be, and what came of it, as text.

use super::screen::{Paint, Screen};
use super::standing;
use super::wrap::columns;
use crate::apply::document::{Action, ChangeRow, EstimateRow, LoadedRow, Outcome, StatusReport};
use crate::apply::promises::Promises;
use crate::measure::verdict::Held;
use crate::printable::printable;
use crate::units::{Bytes, tokens};

/// Estimates that differ from the ledger by more than this share are pointed out.
const DISAGREEMENT: f64 = 0.15;

/// The differences, one per line.
#[must_use]
pub fn changes(rows: &[ChangeRow], screen: &Screen) -> String {
    let widest = rows
        .iter()
        .map(|r| columns(&printable(&r.identifier)))
        .max()
        .unwrap_or(0);
    rows.iter()
        .map(|row| {
            let paint = match row.action {
                Action::Keep | Action::Leave => Paint::Faint,
                Action::Load => Paint::Good,
                Action::Reload => Paint::Care,
                Action::Unload => Paint::Bad,
            };
            let action = screen.paint(paint, &format!("{:8}", row.action.word()));
            screen.fold(
                &format!("  {action}{:widest$}  ", printable(&row.identifier)),
                "            ",
                &row.reason,
            )
        })
        .collect()
}

/// LM Studio's estimates beside the ledger.
#[must_use]
pub fn estimates(rows: &[EstimateRow], screen: &Screen) -> String {
    let mut text = String::new();
    for row in rows {
        let (ours, theirs) = (row.ledger_gpu_bytes, row.estimate_gpu_bytes);
        let apart = ours.minus(theirs).unsigned_abs() > ours.share(DISAGREEMENT).0;
        let mut line = format!(
            "LM Studio estimates {} of GPU memory, our ledger counts {}",
            theirs.both(),
            ours.both()
        );
        if apart {
            line.push_str("; they disagree, and LM Studio's estimates are known to be far off for some models");
        }
        if row.refused {
            line.push_str("; LM Studio says that its guardrails would refuse this load");
        }
        let paint = if apart || row.refused {
            Paint::Care
        } else {
            Paint::Faint
        };
        let first = format!(
            "  {} ",
            screen.paint(paint, &format!("{}:", row.identifier))
        );
        text.push_str(&screen.fold(&first, "      ", &line));
    }
    text
}

/// What is known of loading the models, where that is not only good.
#[must_use]
pub fn to_mind(all: &[String], screen: &Screen) -> String {
    let told = all.iter();
    told.map(|text| screen.fold("  mind: ", "    ", &screen.paint(Paint::Care, text)))
        .collect()
}

/// The state that an apply leaves, in a line.
#[must_use]
pub fn outcome(outcome: Outcome, screen: &Screen) -> String {
    let (paint, words) = match outcome {
        Outcome::Unchanged => (Paint::Good, "everything is loaded as planned"),
        Outcome::NotStarted => (Paint::Care, "nothing was changed"),
        Outcome::Applied => (Paint::Good, "the plan is loaded"),
        Outcome::RolledBack => (Paint::Care, "what was loaded before is loaded again"),
        Outcome::Stuck => (
            Paint::Bad,
            "neither the plan nor what was before is loaded: see `planner status`",
        ),
    };
    screen.paint(paint, words) + "\n"
}

/// What is loaded, how it fits, and what has drifted.
#[must_use]
pub fn status(report: &StatusReport, screen: &Screen) -> String {
    let mut text = loaded(&report.loaded, screen);
    text.push_str(&beside(report, screen));
    text.push_str(&memory(report, screen));
    match report.drift.as_deref() {
        None => {}
        Some([]) => {
            text.push_str(&format!(
                "\n{}\n",
                screen.paint(Paint::Good, "exactly the plan is loaded")
            ));
        }
        Some(rows) => {
            text.push_str(&screen.heading("Not as planned"));
            text.push_str(&drift(rows, screen));
        }
    }
    if let Some(score) = &report.score {
        text.push_str(&screen.heading("Beside the best plan"));
        text.push_str(&standing::beside(score, screen));
    }
    if let Some(promises) = &report.promises {
        text.push_str(&screen.heading("By measurement"));
        text.extend(promises.iter().map(|p| checks(p, screen)));
    }
    text
}

/// What LM Studio lists besides, and planner leaves alone.
fn beside(report: &StatusReport, screen: &Screen) -> String {
    let linked = (report.linked.iter()).map(|row| {
        format!(
            "`{}` is loaded on the linked device {}",
            row.identifier, row.device
        )
    });
    let unreadable = (report.unreadable.iter())
        .map(|name| format!("`{name}` is listed in a form that can't be read"));
    linked
        .chain(unreadable)
        .map(|words| screen.fold("  ", "  ", &words))
        .collect()
}

fn checks(promises: &Promises, screen: &Screen) -> String {
    let name = screen.paint(Paint::Strong, &promises.identifier);
    if promises.checks.is_empty() {
        let words = screen.paint(Paint::Bad, "not measured");
        return format!("  {name}: {words}\n");
    }
    let mut text = format!("  {name}\n");
    for check in &promises.checks {
        let (paint, word) = match check.held {
            Held::Yes => (Paint::Good, "kept"),
            Held::No => (Paint::Bad, "broken"),
            Held::Unknown => (Paint::Care, "unknown"),
        };
        let first = format!("    {} ", screen.paint(paint, &format!("{word:7}")));
        text.push_str(&screen.fold(&first, "            ", &check.text));
    }
    text
}

/// Drift as a state rather than as something to do.
pub(super) fn drift(rows: &[ChangeRow], screen: &Screen) -> String {
    rows.iter()
        .map(|row| {
            let words = match row.action {
                Action::Load => format!("not loaded (planned: {})", row.reason),
                Action::Unload | Action::Leave => format!("loaded, {}", row.reason),
                Action::Reload | Action::Keep => row.reason.clone(),
            };
            screen.fold(
                &format!(
                    "  {}: ",
                    screen.paint(Paint::Bad, &printable(&row.identifier))
                ),
                "    ",
                &words,
            )
        })
        .collect()
}

fn loaded(rows: &[LoadedRow], screen: &Screen) -> String {
    if rows.is_empty() {
        return "No language model is loaded\n".to_owned();
    }
    let mut table = screen
        .table(&[
            "Identifier",
            "Context",
            "Slots",
            "TTL",
            "State",
            "Files",
            "GPU memory",
        ])
        .right(&[1, 2, 3, 5, 6]);
    for row in rows {
        let [context, slots, ttl, state] = settings(row);
        table.add_row(vec![
            row.identifier.clone(),
            context,
            slots,
            ttl,
            state,
            row.files_bytes.both(),
            row.memory
                .map_or_else(|| "unknown model".to_owned(), |m| m.gpu_total_bytes.both()),
        ]);
    }
    format!("{table}\n")
}

/// How a model is loaded: its context, slots and time to live, and what it does.
pub(super) fn settings(row: &LoadedRow) -> [String; 4] {
    let unknown = || "?".to_owned();
    let ttl = row.ttl_seconds.map(|s| format!("{s} s"));
    [
        row.context.map_or_else(unknown, tokens),
        row.slots.map_or_else(unknown, |s| s.to_string()),
        ttl.unwrap_or_else(|| "none".to_owned()),
        row.status.clone().unwrap_or_else(unknown),
    ]
}

fn memory(report: &StatusReport, screen: &Screen) -> String {
    let mut text = String::new();
    let mut line = |name: &str, bytes: Option<Bytes>| {
        if let Some(bytes) = bytes {
            text.push_str(&format!("  {name:34} {}\n", bytes.both()));
        }
    };
    line("GPU memory loaded, by our ledger", report.ledger_gpu_bytes);
    line("May grow with use by", report.may_grow_bytes);
    line("LM Studio's processes hold now", report.held_bytes);
    let limit = report.gpu_memory.name();
    line(limit, report.gpu_working_set_bytes);
    line("Physical memory", report.physical_bytes);
    line("Available now, by the system", report.available_bytes);
    if let (Some(set), Some(used)) = (report.gpu_working_set_bytes, report.ledger_gpu_bytes) {
        let left = set.minus(used);
        let words = if left >= 0 {
            screen.paint(Paint::Good, &set.saturating_sub(used).both())
        } else {
            screen.paint(
                Paint::Bad,
                &format!("{} too much", used.saturating_sub(set).both()),
            )
        };
        text.push_str(&format!(
            "  {:34} {words}\n",
            format!("Left of the {limit}")
        ));
    }
    text
}
