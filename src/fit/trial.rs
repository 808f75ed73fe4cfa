//! Changes to a question, made and computed again.

use super::document::{ComfortLevel, Neighbour, Verdict};
use super::question::{Question, Standing};
use super::subject::Sibling;
use super::words::left;
use crate::machine::{GpuMemory, Machine};
use crate::memory::Companion;
use crate::memory::limits::Limits;
use crate::memory::offload::Apart;
use crate::plan::document::{Advice, AdviceKind};
use crate::scenario::change::{OnMachine, OnSettings};
use crate::units::{Bytes, exact_tokens};

/// One change to a question.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// Another limit of the machine.
    Machine(OnMachine),
    /// Another way to load it.
    Settings(OnSettings),
    /// Some of its layers or experts left to the processor.
    Apart(Apart),
    /// Without vision, draft model or prediction.
    WithoutCompanions,
    /// Some of what is loaded besides gone.
    Unload {
        /// What goes.
        gone: Vec<Neighbour>,
        /// What stays.
        kept: Vec<Neighbour>,
    },
    /// A smaller quantization of the same shape.
    SmallerFile {
        /// The file.
        sibling: Box<Sibling>,
        /// It is the next smaller one.
        next: bool,
    },
}

impl Change {
    const fn kind(&self) -> AdviceKind {
        match self {
            Self::Machine(_) => AdviceKind::RaiseWiredLimit,
            Self::Settings(OnSettings::FlashAttention) => AdviceKind::FlashAttention,
            Self::Settings(OnSettings::KvType(..)) => AdviceKind::QuantizedKvCache,
            Self::Settings(OnSettings::UnifiedCache) => AdviceKind::UnifiedKvCache,
            Self::Settings(OnSettings::Slots(_)) => AdviceKind::FewerSlots,
            Self::Settings(OnSettings::Context(_)) => AdviceKind::ShorterContext,
            Self::Apart(apart) => match apart.cpu_experts {
                0 => AdviceKind::LayersOnProcessor,
                _ => AdviceKind::ExpertsOnProcessor,
            },
            Self::WithoutCompanions => AdviceKind::WithoutCompanions,
            Self::Unload { .. } => AdviceKind::Alone,
            Self::SmallerFile { .. } => AdviceKind::SmallerQuantization,
        }
    }

    /// What is done, as a clause.
    fn describe(&self, question: &Question<'_>) -> String {
        match self {
            Self::Machine(change) => format!("with {}", change.describe(question.machine)),
            Self::Settings(change) => {
                format!("with {}", change.describe(question.settings, None))
            }
            Self::Apart(apart) => left_apart(*apart),
            Self::WithoutCompanions => {
                let companions = question.subject.companions.iter();
                let names: Vec<&str> = companions.map(companion).collect();
                format!("without {}", names.join(" and "))
            }
            Self::Unload { gone, .. } => {
                let names: Vec<&str> = gone.iter().map(|n| n.name.as_str()).collect();
                format!("with {} unloaded", names.join(" and "))
            }
            Self::SmallerFile { sibling, next } => format!(
                "the {}smaller {} ({}, {})",
                if *next { "next " } else { "" },
                sibling.quantization,
                sibling.name,
                (sibling.weights.gpu + sibling.weights.cpu).both()
            ),
        }
    }

    /// The command that makes it.
    fn command(&self, machine: &Machine) -> Option<String> {
        match self {
            Self::Machine(OnMachine::WiredLimit(set)) => Some(machine.raise()?.command(*set)),
            _ => None,
        }
    }

    /// The flags of `fit` that make it, word by word.
    fn flags(&self) -> Vec<String> {
        match self {
            Self::Settings(change) => change.flags(None).map_or_else(Vec::new, |flags| flags.with),
            Self::Apart(apart) => match (apart.gpu_layers, apart.cpu_experts) {
                (Some(layers), _) => vec!["--gpu-layers".to_owned(), layers.to_string()],
                (None, layers) => vec!["--n-cpu-moe".to_owned(), layers.to_string()],
            },
            _ => Vec::new(),
        }
    }
}

/// What is left to the processor, as a clause.
fn left_apart(apart: Apart) -> String {
    match apart.gpu_layers {
        Some(layers) => format!(
            "with {} of its layers on the card and the others left to the processor (`-ngl {layers}` of llama.cpp), at a speed that is not known",
            layers.saturating_sub(1)
        ),
        None => format!(
            "with the experts of its first {0} layers left to the processor and all else on the card (`--n-cpu-moe {0}` of llama.cpp)",
            apart.cpu_experts
        ),
    }
}

/// How a question stands with changes made.
pub(super) fn standing(question: &Question<'_>, changes: &[Change]) -> Standing {
    let mut subject = question.subject.clone();
    let mut settings = *question.settings;
    let mut machine = question.machine.clone();
    let mut beside = question.beside.to_vec();
    for change in changes {
        match change {
            Change::Machine(change) => machine = change.on(&machine),
            Change::Settings(change) => settings = change.on(&settings),
            Change::Apart(apart) => subject.apart = *apart,
            Change::WithoutCompanions => {
                subject.companions.clear();
                settings.draft_tokens = None;
            }
            Change::Unload { kept, .. } => beside.clone_from(kept),
            Change::SmallerFile { sibling, .. } => {
                subject.becomes(sibling.weights.clone(), &sibling.quantization);
            }
        }
    }
    Question {
        subject: &subject,
        settings: &settings,
        machine: &machine,
        limits: &Limits::of(&machine),
        beside: &beside,
        ..*question
    }
    .standing()
}

/// Changes in words, where they make anything better.
pub(super) fn told(
    question: &Question<'_>,
    changes: &[Change],
    now: Standing,
    then: Standing,
) -> Option<Advice> {
    let better = rank(then) < rank(now);
    let longer = then.largest > now.largest;
    let saves = now.verdict != Verdict::Fits && then.headroom > now.headroom;
    if !(better || longer || saves) {
        return None;
    }
    let fits = then.verdict == Verdict::Fits;
    let result = if fits {
        let comfort = match then.comfort {
            Some(ComfortLevel::Comfortable) | None => String::new(),
            Some(level) => format!(" ({level})"),
        };
        format!("it fits{comfort}, with {}", left(then.headroom))
    } else {
        format!("still {}", left(then.headroom))
    };
    let up_to = then
        .largest
        .filter(|_| longer)
        .map_or(String::new(), |c| match fits {
            true => format!("; up to {}", exact_tokens(c)),
            false => format!("; it would fit up to {}", exact_tokens(c)),
        });
    let (kind, what) = match changes {
        [one] => (one.kind(), one.describe(question)),
        _ => (
            AdviceKind::AllTogether,
            "with all of these settings".to_owned(),
        ),
    };
    #[expect(clippy::cast_precision_loss, reason = "bytes of memory are below 2^53")]
    let headroom = then.headroom as f64;
    let apart = changes.iter().any(|c| matches!(c, Change::Apart(_)));
    let places = if apart { in_both(then) } else { String::new() };
    let mut advice = Advice::new(kind, format!("{what}: {result}{places}{up_to}"))
        .figures([("headroom_bytes", headroom)]);
    if apart {
        let (gpu, cpu) = sides(then);
        let figures = [("gpu_bytes", gpu), ("cpu_bytes", cpu)];
        let figures = figures.map(|(name, bytes)| (name.to_owned(), as_figure(bytes)));
        advice.figures.extend(figures);
    }
    let largest = then.largest.map(f64::from);
    let largest = largest.map(|context| ("largest_context".to_owned(), context));
    advice.figures.extend(largest);
    // What is not enough is told, and not recommended.
    if fits {
        let command = |change: &Change| change.command(question.machine);
        advice.command = changes.iter().find_map(command);
        advice.flags = changes.iter().flat_map(Change::flags).collect();
    }
    Some(advice)
}

/// What lies on the card, and in ordinary memory.
fn sides(standing: Standing) -> (Bytes, Bytes) {
    let demand = standing.demand;
    (demand.gpu, demand.physical(GpuMemory::Own))
}

fn in_both(standing: Standing) -> String {
    let (gpu, cpu) = sides(standing);
    format!("; {gpu} on the card and {cpu} of the system's memory")
}

#[expect(clippy::cast_precision_loss, reason = "bytes of memory are below 2^53")]
const fn as_figure(bytes: Bytes) -> f64 {
    bytes.0 as f64
}

/// Better standings rank lower.
fn rank(standing: Standing) -> (u8, Option<ComfortLevel>) {
    let verdict = match standing.verdict {
        Verdict::Fits => 0,
        Verdict::FitsIfWiredLimitRaised => 1,
        Verdict::DoesNotFit | Verdict::Unknown => 2,
    };
    (verdict, standing.comfort)
}

const fn companion(companion: &Companion) -> &'static str {
    match companion {
        Companion::Vision { .. } => "its vision part",
        Companion::Draft { .. } => "the draft model",
        Companion::Prediction { .. } => "multi-token prediction",
    }
}
