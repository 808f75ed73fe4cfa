//! What is written of a model beside its figures: days that are in no calendar, layers that don't add up.

use jiff::civil::Date;

use crate::audit::finding::{Finding, finding, subject};
use crate::catalog::schema::Model;
use crate::model::Architecture;

/// Layers that keep a cache or a state are at least one of so many: those of shipped models are three
/// of seven and more, where the others reuse a cache or are feed-forward alone.
const KEEP_ONE_OF: u32 = 8;
/// A layer is listed at most so often: with a cache of each kind, or with a cache and a state.
const TIMES_LISTED: u32 = 2;

pub(super) fn check(model: &Model) -> Vec<Finding> {
    let released = model.released.iter();
    let mut days: Vec<(String, &String)> = released.map(|day| (model.id.clone(), day)).collect();
    days.extend(
        model
            .measurements
            .iter()
            .filter_map(|m| Some((subject(model, m), m.date.as_ref()?))),
    );
    let days = days.into_iter().filter(|(_, day)| !is_a_day(day));
    let mut findings: Vec<Finding> = days.map(|(whose, day)| no_day(whose, day)).collect();
    let architecture = model.architecture.as_ref();
    findings.extend(architecture.and_then(|arch| layers(&model.id, arch)));
    findings
}

fn no_day(whose: String, day: &str) -> Finding {
    finding(
        "no-such-date",
        whose,
        (
            format!("`{day}` is no date"),
            vec![("date", day.to_owned())],
        ),
        "write it as 2026-11-29, 2026-11 or 2026, as the source has it",
    )
}

/// `2026`, `2026-11` and `2026-11-29`, or what begins so.
fn is_a_day(text: &str) -> bool {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let Some(2000..=2100) = number(0, 4) else {
        return false;
    };
    match text.len() {
        4 => true,
        7..10 => text[4..].starts_with('-') && matches!(number(5, 7), Some(1..=12)),
        10.. => text
            .get(..10)
            .is_some_and(|day| day.parse::<Date>().is_ok()),
        _ => false,
    }
}

/// Fewer or more layers listed than a model of so many can have.
fn layers(id: &str, arch: &Architecture) -> Option<Finding> {
    let attention: u32 = arch.attention.iter().map(|g| g.layers).sum();
    let recurrent: u32 = arch.recurrent.iter().map(|g| g.layers).sum();
    let listed = attention + recurrent;
    let few = listed > 0 && listed.saturating_mul(KEEP_ONE_OF) < arch.layers;
    let many = listed > arch.layers.saturating_mul(TIMES_LISTED);
    (few || many).then(|| {
        finding(
            "layers",
            id.to_owned(),
            (
                format!(
                    "{} layers, of which {attention} keep a KV cache and {recurrent} a state",
                    arch.layers
                ),
                vec![
                    ("layers", arch.layers.to_string()),
                    ("attention", attention.to_string()),
                    ("recurrent", recurrent.to_string()),
                ],
            ),
            "read both from the model's config.json, or from a file of it: `planner fit FILE`",
        )
    })
}
