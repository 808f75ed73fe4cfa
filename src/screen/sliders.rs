//! The sliders: what each is called, where it stands, and what moving it makes of the question.

use super::steps::{AGENTS, DEPTHS, limits, reserves, step};
use super::wanted::{Choices, Wanted};
use crate::units::{Bytes, tokens};

/// The weight of a task goes up to this.
const HEAVIEST: f64 = 5.0;
/// Models at once go up to this.
const MOST_MODELS: usize = 8;
/// Cells of a slider's bar.
const BAR: usize = 5;

/// A slider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slider {
    /// The weight of a task.
    Task(usize),
    /// Models at once.
    Models,
    /// The depth of a turn.
    Depth,
    /// Conversations at once.
    Agents,
    /// The machine.
    Machine,
    /// The GPU's limit.
    WiredLimit,
    /// Memory left to the system.
    Reserve,
}

/// All sliders, from the top.
pub(super) fn all(choices: &Choices) -> Vec<Slider> {
    let rest = [
        Slider::Depth,
        Slider::Agents,
        Slider::Models,
        Slider::Machine,
        Slider::WiredLimit,
        Slider::Reserve,
    ];
    (0..choices.tasks.len())
        .map(Slider::Task)
        .chain(rest)
        .collect()
}

impl Slider {
    /// What it is called.
    pub(super) fn name(self, choices: &Choices) -> &str {
        match self {
            Self::Task(n) => choices.tasks.get(n).map_or("", |task| &task.id),
            Self::Models => "models",
            Self::Depth => "depth",
            Self::Agents => "agents",
            Self::Machine => "machine",
            Self::WiredLimit => "GPU limit",
            Self::Reserve => "reserve",
        }
    }

    /// Where it stands, in words.
    pub(super) fn value(self, wanted: &Wanted, choices: &Choices) -> String {
        let gib = |bytes: Option<Bytes>| bytes.map(|b| format!("{:.0} GiB", b.gib()));
        let said = match self {
            Self::Task(n) => return weight(wanted.weights.get(n).copied().unwrap_or(0.0)),
            Self::Models => return format!("up to {}", wanted.max_models),
            Self::Machine => {
                let row = choices.machines.get(wanted.machine);
                return row.map_or(String::new(), |row| {
                    row.id.clone().unwrap_or_else(|| row.name.clone())
                });
            }
            Self::Depth => wanted.depth.map(tokens),
            Self::Agents => wanted.agents.map(|n| n.to_string()),
            Self::WiredLimit => gib(wanted.wired_limit),
            Self::Reserve => gib(wanted.reserve),
        };
        said.unwrap_or_else(|| "usual".to_owned())
    }

    /// What is asked for once it was moved; `memory` is the machine's.
    pub(super) fn moved(
        self,
        wanted: &Wanted,
        up: bool,
        choices: &Choices,
        memory: Option<Bytes>,
    ) -> Wanted {
        let mut next = wanted.clone();
        match self {
            Self::Task(n) => {
                if let Some(weight) = next.weights.get_mut(n) {
                    let by = if up { 1.0 } else { -1.0 };
                    *weight = (*weight + by).clamp(0.0, HEAVIEST);
                }
            }
            Self::Models => {
                let by = if up { 1 } else { -1 };
                next.max_models = next
                    .max_models
                    .saturating_add_signed(by)
                    .clamp(1, MOST_MODELS);
            }
            Self::Depth => next.depth = step(&DEPTHS, wanted.depth, up),
            Self::Agents => next.agents = step(&AGENTS, wanted.agents, up),
            Self::Machine => {
                let last = choices.machines.len().saturating_sub(1);
                let by = if up { 1 } else { -1 };
                next.machine = next.machine.saturating_add_signed(by).min(last);
                if next.machine != wanted.machine {
                    // Amounts of one machine make no sense on another.
                    (next.wired_limit, next.reserve) = (None, None);
                }
            }
            Self::WiredLimit => {
                let values = memory.map_or(Vec::new(), limits);
                next.wired_limit = step(&values, wanted.wired_limit, up);
            }
            Self::Reserve => {
                let values = memory.map_or(Vec::new(), reserves);
                next.reserve = step(&values, wanted.reserve, up);
            }
        }
        next
    }
}

/// `■■□□□ 2`; a weight of the user's may be no whole number.
fn weight(weight: f64) -> String {
    if weight <= 0.0 {
        return "-".to_owned();
    }
    let full = (1..=BAR).filter(|n| weight >= *n as f64 - 0.5).count();
    let bar = format!("{}{}", "■".repeat(full), "□".repeat(BAR - full));
    format!("{bar} {weight}")
}
