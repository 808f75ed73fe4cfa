//! The engines that LM Studio loads models by, and what they are known to get wrong.

use super::bundle::StudioAnswers;
use super::diagnosis::{Draft, Severity, so};
use crate::lmstudio::{Runtime, known_faults, runtimes};
use crate::machine::reading::Reading;

pub(super) fn look(studio: &StudioAnswers, reading: &Reading, draft: &mut Draft) {
    if studio.lms.is_err() {
        return;
    }
    let table = match &studio.runtimes {
        Ok(table) => table,
        Err(why) => return draft.not_looked("LM Studio's engines", why),
    };
    let all = runtimes(table);
    if all.is_empty() {
        return draft.not_looked(
            "LM Studio's engines",
            "`lms runtime ls` lists none that planner can read",
        );
    }
    for runtime in all.iter().filter(|r| r.selected) {
        draft.fact("Engine", format!("{}@{}", runtime.name, runtime.version));
        for fault in known_faults(&runtime.name, runtime.version, reading.chip.as_deref()) {
            let fix = match fault.right {
                Some(right) => {
                    let spec = format!("{}@{right}", runtime.name);
                    let here = |r: &Runtime| r.name == runtime.name && r.version == right;
                    let get = if all.iter().any(here) {
                        String::new()
                    } else {
                        format!("lms runtime get {spec} && ")
                    };
                    so(
                        "use a version that does not, and load the models again",
                        format!("{get}lms runtime select {spec}"),
                    )
                }
                None => so("use a newer version", "lms runtime update --all"),
            };
            draft
                .found(
                    Severity::Warning,
                    "known_fault",
                    format!("{}@{} {}", runtime.name, runtime.version, fault.text),
                    fix,
                )
                .source = Some(fault.source.clone());
        }
    }
}
