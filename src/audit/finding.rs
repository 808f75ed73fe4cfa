//! What the check found, and how it names the figures.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::schema::{Measurement, Model};

/// One thing that does not hold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule.
    pub rule: &'static str,
    /// The figure: `model/variant` and where it was read.
    pub subject: String,
    /// What was seen.
    pub evidence: String,
    /// The figures of the evidence by name, for those who tell it in another language.
    pub figures: BTreeMap<&'static str, String>,
    /// What a user should do.
    pub remedy: &'static str,
    /// Why it stands, where it was looked at.
    pub explanation: Option<String>,
    /// The same in Chinese, where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation_zh: Option<String>,
}

/// What a rule saw: the sentence, and the figures in it by name.
pub(super) type Seen = (String, Vec<(&'static str, String)>);

pub(super) fn finding(
    rule: &'static str,
    subject: String,
    seen: Seen,
    remedy: &'static str,
) -> Finding {
    let (evidence, figures) = seen;
    Finding {
        rule,
        subject,
        evidence,
        figures: figures.into_iter().collect(),
        remedy,
        explanation: None,
        explanation_zh: None,
    }
}

/// The last part of a source, by which people know a run.
#[must_use]
pub fn place(source: &str) -> &str {
    // What follows in brackets explains the place.
    let source = source.split_once(" (").map_or(source, |(place, _)| place);
    source
        .trim_end_matches('/')
        .rsplit(['/', ' '])
        .next()
        .unwrap_or(source)
}

/// How a measurement is named: its variant and the last part of its source.
pub(super) fn subject(model: &Model, m: &Measurement) -> String {
    let depth = m
        .depth_tokens
        .filter(|d| *d > 0)
        .map_or(String::new(), |d| format!(" at {d}"));
    let place = place(&m.source);
    format!("{}/{} on {}{depth}, {place}", model.id, m.variant, m.chip)
}
