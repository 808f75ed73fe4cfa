//! Does this model fit: at these settings, on this machine, beside what runs, up to which context,
//! and what would have to change.
//!
//! Every statement comes from the one ledger: the largest context by search over it, each change
//! by computing it again.

mod change;
mod comfort;
mod document;
mod elsewhere;
pub mod from_folder;
pub mod from_gguf;
mod range;
mod speed;
mod subject;
mod survey;
mod table;

pub use document::{
    BoundLimits, Case, Comfort, ComfortLevel, Fit, Neighbour, Range, TableRow, Verdict,
};
pub use range::{Shape, common_context, fit_range, shapes_of_size};
pub use speed::speed;
pub use subject::{About, Parameters, Sibling, Subject, model_of, siblings};
pub use survey::{LeftOut, Survey, SurveyRow};

use crate::machine::Machine;
use crate::memory::Settings;
use crate::memory::limits::{Demand, Limits};
use crate::plan::document::{Advice, Memory, SCHEMA, SpeedSummary};
use crate::units::Bytes;

/// Contexts are tried in steps of this many tokens, which engines allocate by.
const STEP: u32 = 256;

/// Everything that the answer depends on.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The model.
    pub subject: &'a Subject,
    /// How it is loaded.
    pub settings: &'a Settings,
    /// The machine.
    pub machine: &'a Machine,
    /// What it can hold.
    pub limits: &'a Limits,
    /// How fast it decodes alone on the machine, where known.
    pub speed: Option<&'a SpeedSummary>,
    /// What is loaded besides.
    pub beside: &'a [Neighbour],
    /// Machines to look for a smallest one among.
    pub machines: &'a [Machine],
    /// Whether to tabulate contexts and KV cache types.
    pub table: bool,
}

/// How a question stands: computed again for every change that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    demand: Demand,
    verdict: Verdict,
    headroom: i64,
    comfort: Option<ComfortLevel>,
    largest: Option<u32>,
}

impl Question<'_> {
    fn others(&self) -> Demand {
        self.beside.iter().map(Neighbour::demand).sum()
    }

    fn demand_at(&self, settings: &Settings) -> Demand {
        Demand::from(&self.subject.ledger(settings)) + self.others()
    }

    fn standing(&self) -> Standing {
        let demand = self.demand_at(self.settings);
        let verdict = verdict(self, demand);
        Standing {
            demand,
            verdict,
            headroom: self.limits.headroom(demand),
            comfort: comfort::of(self.limits, demand, verdict).map(|c| c.level),
            largest: self.largest_context(),
        }
    }

    /// By bisection over the same ledger: memory never falls as the context grows. None where no
    /// context fits, or where the context or its memory is not known.
    fn largest_context(&self) -> Option<u32> {
        let own = self.subject.context_length?;
        self.subject.architecture.as_ref().ok()?;
        let fits = |steps: u32| {
            let context = (steps * STEP).min(own);
            self.limits
                .holds(self.demand_at(&self.settings.with_context(context)))
        };
        let (mut low, mut high) = (0, own.div_ceil(STEP));
        while low < high {
            let middle = high - (high - low) / 2;
            if fits(middle) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        (low > 0).then(|| (low * STEP).min(own))
    }
}

/// Answers whether a model fits.
#[must_use]
pub fn fit(question: Question<'_>) -> Fit {
    let Question {
        subject,
        settings,
        limits,
        ..
    } = question;
    let ledger = subject.ledger(settings);
    let standing = question.standing();
    let memory = Memory::of(&ledger);
    let together = question
        .beside
        .iter()
        .fold(memory, |sum, n| sum.plus(n.memory));
    Fit {
        schema: SCHEMA,
        model: subject.name.clone(),
        machine: question.machine.name.clone(),
        verdict: standing.verdict,
        reason: subject.architecture.as_ref().err().cloned(),
        comfort: comfort::of(limits, standing.demand, standing.verdict),
        settings: *settings,
        memory,
        ledger: ledger.lines().to_vec(),
        beside: question.beside.to_vec(),
        together,
        limits: BoundLimits::of(limits, limits.binding(standing.demand)),
        headroom_bytes: standing.headroom,
        largest_context: standing.largest,
        context_length: subject.context_length,
        speed: question
            .speed
            .filter(|_| standing.verdict != Verdict::DoesNotFit || standing.largest.is_some())
            .cloned(),
        range: None,
        table: question.table.then(|| table::rows(&question)).flatten(),
        advice: advice(&question, standing),
    }
}

fn verdict(question: &Question<'_>, demand: Demand) -> Verdict {
    let limits = question.limits;
    let raised = limits.raised_working_set();
    let fits_raised = raised.is_some_and(|set| {
        demand.gpu + limits.safety_margin_bytes <= set && demand.total <= limits.physical_budget()
    });
    match (limits.holds(demand), fits_raised) {
        // Weights alone that are too large settle it; weights that fit settle nothing.
        (true, _) | (_, true) if question.subject.architecture.is_err() => Verdict::Unknown,
        (true, _) => Verdict::Fits,
        (false, true) => Verdict::FitsIfWiredLimitRaised,
        (false, false) => Verdict::DoesNotFit,
    }
}

fn note(kind: &str, text: String) -> Advice {
    Advice {
        kind: kind.to_owned(),
        text,
        command: None,
    }
}

fn advice(question: &Question<'_>, standing: Standing) -> Vec<Advice> {
    let subject = question.subject;
    let mut all: Vec<Advice> = subject
        .notes
        .iter()
        .map(|n| note("about_the_file", n.clone()))
        .collect();
    if let Err(reason) = &subject.architecture {
        all.push(note(
            "unknown",
            format!(
                "the memory of its context is not known: {reason}. The ledger holds its weights alone, {} of them",
                (subject.weights.gpu + subject.weights.cpu).both()
            ),
        ));
        return all;
    }
    all.extend(change::all(question, standing));
    all
}

/// Bytes of a signed headroom, for people.
fn left(headroom: i64) -> String {
    let bytes = Bytes(headroom.unsigned_abs()).both();
    if headroom >= 0 {
        format!("{bytes} to spare")
    } else {
        format!("{bytes} too much")
    }
}
