//! What planner itself keeps: the journal, what was set aside or left behind, configuration.

use super::bundle::{Fault, JournalSeen, Records};
use super::diagnosis::{Draft, Severity, by_hand, run, so};

pub(super) fn look(records: &Records, draft: &mut Draft) {
    match &records.journal {
        JournalSeen::None | JournalSeen::Closed => {}
        JournalSeen::Open { plan } => {
            draft.found(
                Severity::Problem,
                "apply_interrupted",
                format!("an apply of {plan} was interrupted, and no other starts before it is finished or taken back"),
                so(
                    "`planner apply --undo` takes it back; to finish it",
                    "planner apply --resume",
                ),
            );
        }
        JournalSeen::Unreadable(fault) => {
            broken(Severity::Warning, "journal_unreadable", fault, draft)
        }
    }
    for path in &records.set_aside {
        draft.found(
            Severity::Note,
            "journal_set_aside",
            format!("{path} is the record of an apply that could not be read"),
            so("remove it, when what is loaded is right", remove(path)),
        );
    }
    for path in &records.left_behind {
        draft.found(
            Severity::Note,
            "left_behind",
            format!("{path} was left by a run that was ended while it wrote"),
            run(remove(path)),
        );
    }
    for path in &records.changed_since_install {
        draft.found(
            Severity::Note,
            "changed_since_install",
            format!("{path} is not as `planner emit --install` wrote it: a plan's settings may not be in force"),
            so("write it again", "planner emit PLAN --install"),
        );
    }
    for fault in &records.broken {
        broken(Severity::Problem, "config_broken", fault, draft);
    }
}

pub(super) fn broken(severity: Severity, id: &'static str, fault: &Fault, draft: &mut Draft) {
    let hint = fault.hint.as_deref().unwrap_or("correct the file");
    draft.found(severity, id, &*fault.error, by_hand(hint));
}

fn remove(path: &str) -> String {
    match shlex::try_quote(path) {
        Ok(word) => format!("rm {word}"),
        Err(_) => "rm FILE".to_owned(),
    }
}
