//! The check: what in a catalog cannot be true, or does not hold together.
//!
//! Each rule looks at the figures alone and is told nothing about where to look. A finding names
//! the figure, the rule, the evidence and what to do. Findings that were looked at are explained in
//! `catalog/findings.toml`; an explanation without its finding is itself a finding.

pub mod added;
mod compute;
mod depth;
mod facts;
mod finding;
mod names;
mod scores;
mod shape;
mod sizes;
mod speculation;
mod speeds;
mod tests_of_runs;

pub use facts::to_come;
pub use finding::{Finding, place};
pub use scores::MOST_SCORE;
pub use tests_of_runs::rows_mean;

use finding::{finding, subject};

use crate::catalog::Catalog;
use crate::catalog::schema::Model;
use crate::machine::profile::Chip;

/// Every finding, explained or not, in the order of models and rules.
#[must_use]
pub fn check(catalog: &Catalog, chips: &[Chip]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for model in &catalog.models {
        findings.extend(sizes::check(model));
        findings.extend(scores::check(model));
        findings.extend(speeds::check(model, chips));
        findings.extend(compute::check(model, chips));
        findings.extend(depth::check(model));
        findings.extend(
            model
                .measurements
                .iter()
                .flat_map(|m| tests_of_runs::check(model, m)),
        );
        findings.extend(facts::check(model));
        findings.extend(shape::check(model));
        findings.extend(names::chips(model, chips));
        findings.extend(sources(model));
    }
    findings.extend(sizes::two_sizes_for_one_file(catalog));
    findings.extend(names::misspelt(catalog));
    findings.extend(speculation::check(catalog, chips));
    explain(catalog, &mut findings);
    findings.extend(stale_explanations(catalog, &findings));
    findings
}

/// A figure without a source does not belong here.
fn sources(model: &Model) -> Vec<Finding> {
    let mut nameless = Vec::new();
    if model.sources.iter().all(|s| s.trim().is_empty()) {
        nameless.push(model.id.clone());
    }
    let empty = |s: &str| s.trim().is_empty();
    nameless.extend(
        model
            .variants
            .iter()
            .filter(|v| empty(&v.source))
            .map(|v| format!("{}/{}", model.id, v.id)),
    );
    nameless.extend(
        model
            .measurements
            .iter()
            .filter(|m| empty(&m.source))
            .map(|m| subject(model, m)),
    );
    nameless.extend(
        model
            .scores
            .iter()
            .filter(|s| empty(&s.source))
            .map(|s| format!("{} {}", model.id, s.benchmark)),
    );
    nameless
        .into_iter()
        .map(|s| {
            finding(
                "no-source",
                s,
                ("no source is named".to_owned(), Vec::new()),
                "name where the figure was read, or take it out",
            )
        })
        .collect()
}

fn explain(catalog: &Catalog, findings: &mut [Finding]) {
    for f in findings {
        let known = catalog
            .known_findings
            .iter()
            .find(|k| k.rule == f.rule && k.subjects.contains(&f.subject));
        f.explanation = known.map(|k| k.explanation.clone());
        f.explanation_zh = known.and_then(|k| k.explanation_zh.clone());
    }
}

fn stale_explanations(catalog: &Catalog, findings: &[Finding]) -> Vec<Finding> {
    let lost = |rule: &str, subject: &String| {
        !findings
            .iter()
            .any(|f| f.rule == rule && f.subject == *subject)
    };
    catalog
        .known_findings
        .iter()
        .flat_map(|k| {
            k.subjects
                .iter()
                .filter(|s| lost(&k.rule, s))
                .map(move |s| (k, s))
        })
        .map(|(k, s)| {
            let evidence = format!(
                "explains a finding of the rule `{}` that is no longer there",
                k.rule
            );
            finding(
                "stale-explanation",
                s.clone(),
                (evidence, vec![("rule", k.rule.clone())]),
                "take the explanation out of findings.toml",
            )
        })
        .collect()
}
