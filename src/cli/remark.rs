//! What happens in a use case, as a line of text.

use crate::app::Event;
use crate::lmstudio::matching::By;
use crate::plan::document::Entry;
use crate::printable::{on_one_line, printable};

/// The line of an event that is told by one; none of those that are shown as progress.
pub(super) fn remark(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::Likely { entry, key, by } => likely(entry, key, *by),
        Event::Unserved(tasks) => format!(
            "nothing on the disk serves {}, which is left out; without `--installed` the answer says what would",
            tasks.join(", ")
        ),
        Event::OnlyByFile { entry, settings } => format!(
            "{}: a load can't be told {}; `planner emit PLAN --install` puts it into LM Studio's own files",
            name(entry),
            settings.join(", ")
        ),
        Event::ContextAtRisk { models } => at_risk(models),
        Event::NothingRecorded { model } => {
            format!("nothing of `{model}` was measured, so nothing was recorded")
        }
        Event::Recorded {
            rows,
            variant,
            path,
        } => format!(
            "recorded {rows} {} as `{variant}` in {}",
            if *rows == 1 {
                "measurement"
            } else {
                "measurements"
            },
            path.display()
        ),
        Event::Found(finding) => format!(
            "check: {}: {}; {}",
            finding.subject, finding.evidence, finding.remedy
        ),
        Event::Withheld(row) => format!("not given: {}: {}", row.what, row.reason),
        Event::HeadersRead {
            bytes,
            requests,
            host,
        } => format!(
            "read {} in {requests} requests from {}",
            bytes.decimal(),
            host.unwrap_or("the server")
        ),
        Event::OddRow(row) => format!(
            "LM Studio lists `{}`, which can't be read ({}); it was passed over",
            row.name, row.why
        ),
        Event::JournalSetAside(path) => format!(
            "the record of the last apply can't be read; it is kept as {}",
            path.display()
        ),
        Event::WouldNotBegin { why, .. } => format!("it would not begin: {why}"),
        Event::Answering { program, version } => {
            let version = version.map_or_else(String::new, |v| format!(" {v}"));
            format!("{program}{version} answers, and reads these files")
        }
        Event::OnNode { node, event } => {
            format!("{node}: {}", step(event).or_else(|| remark(event))?)
        }
        Event::WaitingForLoad => "waiting for a load that is still under way".to_owned(),
        Event::PuttingBack { why, .. } => {
            format!("{why}; putting back what was loaded before")
        }
        other => return of_study(other),
    })
}

fn at_risk(models: &[&str]) -> String {
    let quoted: Vec<String> = models.iter().map(|m| format!("`{m}`")).collect();
    format!(
        "note: some versions of LM Studio's MLX engine replace the context that was asked for, unless a model is loaded with one slot: {} {} more than one; `planner recommend --slots 1` plans so",
        quoted.join(", "),
        if models.len() == 1 { "has" } else { "have" }
    )
}

fn likely(entry: &Entry, key: &str, by: By) -> String {
    let name_too = match by {
        By::Copy => "repository's name, ",
        By::Name | By::Size => "",
    };
    let entry = name(entry);
    format!("{entry} was taken to be `{key}` by its {name_too}quantization and size")
}

/// The line of a step on a node, where several are under way and no bar shows them.
fn step(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::NotRunning => "neither LM Studio nor llmster runs".to_owned(),
        Event::Unloading(name) => format!("unloading {}", printable(name)),
        Event::Loading(name) => format!("loading {}", printable(name)),
        Event::StepDone { seconds } => format!("done in {seconds:.1} s"),
        Event::Stuck { why } => format!("can't be put back: {}", on_one_line(why)),
        _ => return None,
    })
}

/// The line of an event of a study.
fn of_study(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::StudyTurn {
            variant,
            number,
            of,
        } => format!("{number} of {of}: {variant}"),
        Event::StudyFailed(row) => format!(
            "{} failed: {}",
            row.variant,
            row.why.as_deref().unwrap_or("nobody says why")
        ),
        _ => return None,
    })
}

fn name(entry: &Entry) -> String {
    entry.full_name()
}
