//! The GPUs of machines that are no Macs: what they are, and who else is on them.

use super::diagnosis::{Draft, Severity, so};
use crate::machine::gpu::Gpu;
use crate::machine::reading::{Missing, Reading};
use crate::memory::limits::SAFETY_MARGIN_OWN;

pub(super) fn look(reading: &Reading, draft: &mut Draft) {
    for gpu in &reading.gpus {
        draft.fact("GPU", told(gpu));
        crowded(gpu, reading, draft);
    }
    let unread = |m: &Missing| m.what.starts_with("gpus.");
    if reading.os.name != "macos" && reading.gpus.is_empty() && !reading.missing.iter().any(unread)
    {
        draft.found(
            Severity::Warning,
            "no_gpu",
            "no GPU was found: models would run on the processor, and planner knows no speed of that"
                .to_owned(),
            so(
                "plan for the machine that will run them",
                "planner recommend --machine NAME",
            ),
        );
    }
    for missing in reading.missing.iter().filter(|m| unread(m)) {
        draft.not_looked(missing.what.clone(), &missing.reason);
    }
}

fn told(gpu: &Gpu) -> String {
    let size = match (gpu.memory_bytes, gpu.shared_bytes) {
        (Some(own), Some(shared)) => {
            format!(
                ", {} of its own and {} of the system's",
                own.both(),
                shared.both()
            )
        }
        (Some(own), None) => format!(", {}", own.both()),
        (None, Some(shared)) => format!(", {} of the system's", shared.both()),
        (None, None) => String::new(),
    };
    format!("{}{size}", gpu.called())
}

/// A card that is full without an engine: a plan counts on all of it but what is kept free.
fn crowded(gpu: &Gpu, reading: &Reading, draft: &mut Draft) {
    let engines = reading.memory.as_ref().map(|memory| &memory.engines);
    if !gpu.separate || engines.is_none_or(|engines| !engines.is_empty()) {
        return;
    }
    if let Some(used) = gpu
        .memory_used_bytes
        .filter(|used| *used > SAFETY_MARGIN_OWN)
    {
        draft.found(
            Severity::Warning,
            "card_in_use",
            format!(
                "other programs hold {} of the memory of {}, and plans keep {} free for them",
                used.both(),
                gpu.called(),
                SAFETY_MARGIN_OWN
            ),
            so(
                "see who holds it, and close what is not needed",
                "planner probe",
            ),
        );
    }
}
