//! Does this model fit: at these settings, on this machine, and up to which context.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{Advice, Memory};
use crate::memory::ledger::Line;
use crate::memory::limits::{Binding, Demand, Limits};
use crate::memory::{Ledger, Settings, Weights};
use crate::model::Architecture;
use crate::units::{Bytes, tokens};

/// Contexts are tried in steps of this many tokens, which engines allocate by.
const STEP: u32 = 256;

/// The answer to `fit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fit {
    /// Version of this shape.
    pub schema: u32,
    /// What was asked about.
    pub model: String,
    /// The machine.
    pub machine: String,
    /// The answer.
    pub verdict: Verdict,
    /// The settings that it holds for.
    pub settings: Settings,
    /// Memory by kind.
    pub memory: Memory,
    /// Memory line by line.
    pub ledger: Vec<Line>,
    /// What the machine can hold.
    pub limits: Limits,
    /// The limit with least room left.
    pub binding: Binding,
    /// Bytes left under it; negative where it does not fit.
    pub headroom_bytes: i64,
    /// The largest context that fits, up to the model's own; absent where none does.
    pub largest_context: Option<u32>,
    /// What to know and to do.
    pub advice: Vec<Advice>,
}

/// Whether it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Under both limits.
    Fits,
    /// Under physical memory, and under the GPU's limit once that is raised.
    FitsIfWiredLimitRaised,
    /// Not on this machine.
    DoesNotFit,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fits => "fits",
            Self::FitsIfWiredLimitRaised => "fits if the GPU's limit is raised",
            Self::DoesNotFit => "does not fit",
        })
    }
}

/// A model to be asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// Its name, for people.
    pub name: String,
    /// Its architecture.
    pub architecture: Architecture,
    /// Its weights.
    pub weights: Weights,
    /// The context that it was trained for.
    pub context_length: u32,
    /// What to know about its figures.
    pub notes: Vec<String>,
}

/// Answers whether a model fits.
#[must_use]
pub fn fit(subject: &Subject, settings: &Settings, machine: &str, limits: &Limits) -> Fit {
    let ledger = ledger(subject, settings);
    let demand = Demand::from(&ledger);
    let raised = limits.raised_working_set();
    let fits_raised = raised.is_some_and(|set| {
        demand.gpu + limits.safety_margin_bytes <= set && demand.total <= limits.physical_budget()
    });
    let verdict = match (limits.holds(demand), fits_raised) {
        (true, _) => Verdict::Fits,
        (false, true) => Verdict::FitsIfWiredLimitRaised,
        (false, false) => Verdict::DoesNotFit,
    };
    let largest_context = largest_context(subject, settings, limits);
    Fit {
        schema: super::document::SCHEMA,
        model: subject.name.clone(),
        machine: machine.to_owned(),
        verdict,
        settings: *settings,
        memory: Memory::of(&ledger),
        ledger: ledger.lines().to_vec(),
        binding: limits.binding(demand),
        headroom_bytes: limits.headroom(demand),
        largest_context,
        advice: advice(subject, verdict, demand, limits, largest_context),
        limits: limits.clone(),
    }
}

fn ledger(subject: &Subject, settings: &Settings) -> Ledger {
    Ledger::of(&subject.architecture, &subject.weights, settings)
}

/// By bisection over the same ledger: memory never falls as the context grows.
fn largest_context(subject: &Subject, settings: &Settings, limits: &Limits) -> Option<u32> {
    let fits = |steps: u32| {
        let context = (steps * STEP).min(subject.context_length);
        limits.holds(Demand::from(&ledger(
            subject,
            &settings.with_context(context),
        )))
    };
    let (mut low, mut high) = (0, subject.context_length.div_ceil(STEP));
    while low < high {
        let middle = high - (high - low) / 2;
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    (low > 0).then(|| (low * STEP).min(subject.context_length))
}

fn advice(
    subject: &Subject,
    verdict: Verdict,
    demand: Demand,
    limits: &Limits,
    largest: Option<u32>,
) -> Vec<Advice> {
    let note = |kind: &str, text: String| Advice {
        kind: kind.to_owned(),
        text,
        command: None,
    };
    let mut all: Vec<Advice> = subject
        .notes
        .iter()
        .map(|n| note("about_the_file", n.clone()))
        .collect();
    if verdict == Verdict::FitsIfWiredLimitRaised {
        let mib = (demand.gpu + limits.safety_margin_bytes).mib_ceil();
        all.push(Advice {
            kind: "raise_wired_limit".to_owned(),
            text: format!(
                "the GPU's limit must be raised to {}; it lasts until the next restart",
                Bytes::from_mib(mib).both()
            ),
            command: Some(format!("sudo sysctl iogpu.wired_limit_mb={mib}")),
        });
    }
    if verdict != Verdict::Fits {
        all.push(match largest {
            Some(context) => note(
                "shorter_context",
                format!(
                    "it fits with a context of {} ({context} tokens)",
                    tokens(context)
                ),
            ),
            None => note(
                "too_large",
                "it fits at no context: a smaller quantization or more memory is needed".to_owned(),
            ),
        });
    }
    all
}
