//! What is written of a model beside its figures: days that are in no calendar, layers that don't
//! add up, tokens that a run can't have had.

use jiff::civil::Date;

use crate::audit::finding::{Finding, finding, subject};
use crate::catalog::Catalog;
use crate::catalog::schema::{Measurement, Model};
use crate::model::Architecture;

/// Layers that keep a cache or a state are at least one of so many: those of shipped models are three
/// of seven and more, where the others reuse a cache or are feed-forward alone.
const KEEP_ONE_OF: u32 = 8;
/// A layer is listed at most so often: with a cache of each kind, or with a cache and a state.
const TIMES_LISTED: u32 = 2;

/// More tokens of context than any model has.
const MOST_CONTEXT: u32 = 1 << 24;

pub(super) fn check(model: &Model) -> Vec<Finding> {
    let days = days(model).into_iter().filter(|(_, day)| !is_a_day(day));
    let mut findings: Vec<Finding> = days.map(|(whose, day)| no_day(whose, day)).collect();
    let architecture = model.architecture.as_ref();
    findings.extend(architecture.and_then(|arch| layers(&model.id, arch)));
    findings.extend(long_context(model));
    let rows = || model.measurements.iter();
    findings.extend(rows().filter_map(|m| beyond_context(model, m)));
    findings.extend(rows().filter_map(|m| no_tokens(model, m)));
    findings
}

/// What lies after today, which is written `2026-11-29`.
#[must_use]
pub fn to_come(catalog: &Catalog, today: &str) -> Vec<Finding> {
    let days = catalog.models.iter().flat_map(days);
    // A month or a year is compared as far as it is written.
    let later = |day: &str| {
        let said = day.get(..10).unwrap_or(day);
        is_a_day(day) && today.get(..said.len()).is_some_and(|now| said > now)
    };
    days.filter(|(_, day)| later(day))
        .map(|(whose, day)| {
            let evidence = format!("`{day}` is after {today}");
            let figures = vec![("date", day.to_owned()), ("today", today.to_owned())];
            let remedy = "look the date up in the source";
            finding("date-to-come", whose, (evidence, figures), remedy)
        })
        .collect()
}

/// Every date of a model, and whose it is.
fn days(model: &Model) -> Vec<(String, &String)> {
    let released = model.released.iter();
    let rows = model.measurements.iter();
    let of_rows = rows.filter_map(|m| Some((subject(model, m), m.date.as_ref()?)));
    released
        .map(|day| (model.id.clone(), day))
        .chain(of_rows)
        .collect()
}

fn long_context(model: &Model) -> Option<Finding> {
    (model.context_length > MOST_CONTEXT).then(|| {
        let context = model.context_length.to_string();
        finding(
            "context-length",
            model.id.clone(),
            (
                format!("a context of {context} tokens, longer than any model has"),
                vec![("context", context)],
            ),
            "read `max_position_embeddings` in the model's config.json",
        )
    })
}

/// A run deeper than the model's context.
fn beyond_context(model: &Model, m: &Measurement) -> Option<Finding> {
    let depth = m.depth_tokens.filter(|d| *d > model.context_length)?;
    let (depth, context) = (depth.to_string(), model.context_length.to_string());
    Some(finding(
        "beyond-context",
        subject(model, m),
        (
            format!("at {depth} tokens, of a model with a context of {context}"),
            vec![("depth", depth), ("context", context)],
        ),
        "look the depth up, or the model's context length",
    ))
}

/// A prompt of no tokens has no speed.
fn no_tokens(model: &Model, m: &Measurement) -> Option<Finding> {
    (m.prefill_tokens == Some(0)).then(|| {
        finding(
            "no-tokens",
            subject(model, m),
            ("a prefill of 0 tokens".to_owned(), Vec::new()),
            "write how many tokens were read, or leave `prefill_tokens` out",
        )
    })
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
