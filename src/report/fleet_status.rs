//! How the nodes of a fleet stand, on one screen and in one line.

use super::apply::{drift, settings};
use super::screen::{Paint, Screen};
use super::status_line::status_line;
use super::table::{Column, Grid};
use super::words::join;
use super::wrap::columns;
use crate::apply::document::{LoadedRow, StatusReport};
use crate::apply::fleet::{FleetStatus, NodeState, NodeStatus};
use crate::printable::{on_one_line, printable};

/// In the order of a row's cells.
const COLUMNS: [Column; 7] = [
    Column::words("Node", 0),
    Column::words("Loaded", 0),
    Column::figures("Context", 1),
    Column::figures("Slots", 2),
    Column::figures("TTL", 3),
    Column::words("State", 1),
    Column::figures("GPU memory", 0),
];

/// What is loaded on each node, how each stands, and what to do about those that don't stand well.
#[must_use]
pub fn text(report: &FleetStatus, screen: &Screen) -> String {
    let mut out = format!("{}\n", loaded(report, screen));
    let widest = report.nodes.iter().map(|n| columns(&n.node)).max();
    let widest = widest.unwrap_or(0) + 2;
    let rest = " ".repeat(widest);
    for node in &report.nodes {
        let first = format!("{:widest$}", node.node);
        out.push_str(&screen.fold(&first, &rest, &standing(node, screen)));
        let rows = node.status.as_ref().and_then(|s| s.drift.as_deref());
        out.push_str(&drift(rows.unwrap_or_default(), screen));
        if let Some(hint) = &node.hint {
            let hint = format!(
                "{} {}",
                screen.paint(Paint::Strong, "hint:"),
                on_one_line(hint)
            );
            out.push_str(&screen.fold(&rest, &rest, &hint));
        }
    }
    out
}

/// `studio-1 qwen3-coder-next 256k; as planned | studio-2 not reached`.
#[must_use]
pub fn line(report: &FleetStatus) -> String {
    let one = |node: &NodeStatus| match &node.status {
        Some(status) => format!("{}: {}", node.node, status_line(status)),
        None => format!("{}: {}", node.node, word(node.state)),
    };
    report.nodes.iter().map(one).collect::<Vec<_>>().join(" | ")
}

fn loaded(report: &FleetStatus, screen: &Screen) -> Grid {
    let mut rows: Vec<[String; 7]> = Vec::new();
    for node in &report.nodes {
        let own = node.status.as_ref().map_or(&[][..], |s| &s.loaded);
        rows.extend(own.iter().map(|row| cells(node, row)));
        if own.is_empty() {
            let mut row = <[String; 7]>::default();
            row[0].clone_from(&node.node);
            row[1] = nothing(node).to_owned();
            rows.push(row);
        }
    }
    screen.narrowed(&COLUMNS, &rows)
}

fn nothing(node: &NodeStatus) -> &'static str {
    match (&node.status, node.state) {
        (Some(_), _) | (None, NodeState::NotUsed | NodeState::NotRunning) => "nothing",
        (None, NodeState::OtherEngine) => "see below",
        (None, _) => "not known",
    }
}

fn cells(node: &NodeStatus, row: &LoadedRow) -> [String; 7] {
    let [context, slots, ttl, state] = settings(row);
    [
        node.node.clone(),
        printable(&row.identifier).into_owned(),
        context,
        slots,
        ttl,
        printable(&state).into_owned(),
        row.memory.map_or_else(
            || "unknown model".to_owned(),
            |m| format!("{:.1} GiB", m.gpu_total_bytes.gib()),
        ),
    ]
}

/// A state in as few words as a line has room for.
const fn word(state: NodeState) -> &'static str {
    match state {
        NodeState::AsPlanned => "as planned",
        NodeState::Drifted => "not as planned",
        NodeState::Read => "read",
        NodeState::NotUsed => "not in the plan",
        NodeState::OtherEngine => "llama.cpp's RPC",
        NodeState::NotRunning => "LM Studio does not run",
        NodeState::Failed => "can't be compared",
        NodeState::NotReached => "not reached",
    }
}

/// How a node stands, and what memory it has.
fn standing(node: &NodeStatus, screen: &Screen) -> String {
    let paint = match node.state {
        NodeState::AsPlanned | NodeState::Read => Paint::Good,
        NodeState::NotUsed | NodeState::OtherEngine => Paint::Faint,
        NodeState::Drifted | NodeState::NotRunning => Paint::Care,
        NodeState::Failed | NodeState::NotReached => Paint::Bad,
    };
    let state = match node.state {
        NodeState::AsPlanned => "exactly its part of the plan is loaded".to_owned(),
        NodeState::NotUsed => "the plan has nothing for it, and leaves it alone".to_owned(),
        NodeState::OtherEngine => format!(
            "keeps {} by llama.cpp's RPC, which LM Studio knows nothing of: `health.sh` of `planner emit --server llama.cpp` asks it",
            join(&node.parts)
        ),
        NodeState::NotReached | NodeState::Failed => {
            let why = node
                .error
                .as_deref()
                .map_or_else(String::new, |e| format!(": {}", on_one_line(e)));
            format!("{}{why}", word(node.state))
        }
        other => word(other).to_owned(),
    };
    let mut told = vec![screen.paint(paint, &state)];
    told.extend(node.status.as_ref().and_then(gpu));
    if let Some(bytes) = node.available_bytes {
        let of = node
            .physical_bytes
            .map_or_else(String::new, |all| format!(" of {:.1} GiB", all.gib()));
        told.push(format!("{:.1}{of} of memory available now", bytes.gib()));
    }
    told.extend(node.program.as_deref().map(|p| printable(p).into_owned()));
    let linked = node.status.iter().flat_map(|s| &s.linked);
    told.extend(linked.map(|row| {
        format!(
            "`{}` is loaded on the linked device {}",
            printable(&row.identifier),
            printable(&row.device)
        )
    }));
    told.join("; ")
}

/// `48.1 of 464.0 GiB of the GPU working set`.
fn gpu(status: &StatusReport) -> Option<String> {
    let (used, all) = (status.ledger_gpu_bytes?, status.gpu_working_set_bytes?);
    Some(format!(
        "{:.1} of {:.1} GiB of the {}",
        used.gib(),
        all.gib(),
        status.gpu_memory.name()
    ))
}
