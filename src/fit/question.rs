//! A question and how it stands.

use super::comfort;
use super::document::{ComfortLevel, Neighbour, Verdict};
use super::speed::Paced;
use super::subject::Subject;
use crate::catalog::loads::Loads;
use crate::machine::Machine;
use crate::memory::Settings;
use crate::memory::limits::{Demand, Limits};

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
    /// How fast it decodes alone on the machine, where that was looked into.
    pub pace: Option<&'a Paced>,
    /// What is loaded besides.
    pub beside: &'a [Neighbour],
    /// Machines to look for a smallest one among.
    pub machines: &'a [Machine],
    /// What is known of engines and architectures.
    pub engines: &'a [Loads],
    /// Whether to tabulate contexts and KV cache types.
    pub table: bool,
}

/// How a question stands: computed again for every change that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) demand: Demand,
    pub(super) verdict: Verdict,
    pub(super) headroom: i64,
    pub(super) comfort: Option<ComfortLevel>,
    pub(super) largest: Option<u32>,
}

impl Question<'_> {
    pub(super) fn others(&self) -> Demand {
        self.beside.iter().map(Neighbour::demand).sum()
    }

    pub(super) fn demand_at(&self, settings: &Settings) -> Demand {
        Demand::from(&self.subject.ledger(settings)) + self.others()
    }

    pub(super) fn standing(&self) -> Standing {
        let demand = self.demand_at(self.settings);
        let verdict = verdict(self, demand);
        Standing {
            demand,
            verdict,
            headroom: self.limits.headroom(demand),
            comfort: comfort::grade(self.limits, demand, verdict).map(|c| c.level),
            largest: self.largest_context(),
        }
    }

    fn largest_context(&self) -> Option<u32> {
        self.largest_within(self.limits)
    }

    /// By bisection over the same ledger: memory never falls as the context grows. None where no
    /// context fits, or where the context or its memory is not known.
    pub(super) fn largest_within(&self, limits: &Limits) -> Option<u32> {
        let own = self.subject.context_length?;
        self.subject.architecture.as_ref().ok()?;
        let fits = |steps: u32| {
            let context = (steps * STEP).min(own);
            limits.holds(self.demand_at(&self.settings.with_context(context)))
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

fn verdict(question: &Question<'_>, demand: Demand) -> Verdict {
    let limits = question.limits;
    let raised = limits.raised_working_set();
    let fits_raised = raised.is_some_and(|set| {
        demand.gpu + limits.safety_margin_bytes <= set
            && demand.physical(limits.gpu_memory) <= limits.physical_budget()
    });
    match (limits.holds(demand), fits_raised) {
        // Weights alone that are too large settle it; weights that fit settle nothing.
        (true, _) | (_, true) if question.subject.architecture.is_err() => Verdict::Unknown,
        (true, _) => Verdict::Fits,
        (false, true) => Verdict::FitsIfWiredLimitRaised,
        (false, false) => Verdict::DoesNotFit,
    }
}
