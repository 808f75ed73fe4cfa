//! What stands between a machine and a plan that works on it, from what the machine and LM Studio
//! said of themselves.
//!
//! Pure: [`Bundle`] holds the answers as they came, so that one written down on another machine is
//! judged here as it was there. It never asks, and mends nothing: each finding says who can.

mod bundle;
mod catalog;
mod diagnosis;
mod gpus;
mod machine;
mod records;
mod redact;
mod runtimes;
mod studio;

pub use bundle::{Bundle, CatalogSeen, Fault, JournalSeen, Records, SCHEMA, StudioAnswers};
pub use diagnosis::{Diagnosis, Fact, Finding, Fix, NotLooked, Severity};
pub use redact::redacted;

use diagnosis::Draft;

/// Judges what was read.
#[must_use]
pub fn diagnose(bundle: &Bundle) -> Diagnosis {
    let mut draft = Draft::default();
    let reading = bundle.machine.clone().reading();
    studio::look(&bundle.studio, &mut draft);
    runtimes::look(&bundle.studio, &reading, &mut draft);
    machine::look(&reading, &mut draft);
    gpus::look(&reading, &mut draft);
    machine::look_at_power(&bundle.power.state(), &mut draft);
    records::look(&bundle.records, &mut draft);
    catalog::look(&bundle.catalog, &bundle.read_at, &mut draft);
    draft.done(bundle)
}
