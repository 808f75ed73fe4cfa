//! Published statements against the data: whether each holds, and why.
//!
//! A reason is the name of a sentence and its figures; the sentences, in every language, are the
//! report's. Nothing here names a model or a figure: what was printed stands in the catalog.

mod memory;
mod ruling;
mod speeds;

use std::collections::BTreeMap;

use super::document::{CheckedClaim, Scenario};
use super::inputs::Inputs;
use crate::catalog::schema::{ClaimKind, PublishedClaim};
use ruling::{Case, Ruling, agrees, differs};

/// Every claim of the campaign that its data can answer.
pub(super) fn check(inputs: &Inputs<'_>, scenarios: &[Scenario]) -> Vec<CheckedClaim> {
    let claims = inputs.catalog.published_claims.iter();
    claims
        .filter(|c| inputs.campaign == Some(c.campaign.as_str()))
        .filter_map(|claim| {
            let members = claim.members.iter().map(|name| {
                let (model, variant) = inputs.catalog.find(name)?;
                Some((model, variant?))
            });
            let case = Case {
                inputs,
                claim,
                members: members.collect::<Option<_>>()?,
            };
            let ruling = rule(&case, scenarios)?;
            Some(CheckedClaim {
                kind: claim.kind,
                members: claim.members.clone(),
                scenario: claim.scenario.clone(),
                printed: printed(claim),
                recomputed: ruling.recomputed,
                verdict: ruling.verdict,
                reason: ruling.reason.to_owned(),
                figures: ruling
                    .figures
                    .into_iter()
                    .map(|(k, v)| (k.to_owned(), v))
                    .collect::<BTreeMap<_, _>>(),
                source: claim.source.clone(),
            })
        })
        .collect()
}

/// The figure as printed, with its unit.
fn printed(claim: &PublishedClaim) -> String {
    let Some(v) = claim.value else {
        return String::new();
    };
    match claim.kind {
        ClaimKind::Weights | ClaimKind::Saving | ClaimKind::Free => format!("{v} GB"),
        ClaimKind::MeanSpeed => format!("{v:.2} t/s"),
        ClaimKind::Efficiency => format!("{v:.2} t/s/GB"),
        ClaimKind::EfficiencyRatio => format!("{v} x"),
        ClaimKind::Passed => format!("{v}/{}", claim.value_high.unwrap_or(v)),
        ClaimKind::Load => format!("{v} s"),
        ClaimKind::FreeShare => format!("{v} %"),
        ClaimKind::ExpectedSpeed => format!("{v}-{} t/s", claim.value_high.unwrap_or(v)),
        ClaimKind::Recommendation => String::new(),
    }
}

fn rule(case: &Case<'_>, scenarios: &[Scenario]) -> Option<Ruling> {
    match case.claim.kind {
        ClaimKind::Weights => memory::weights(case),
        ClaimKind::MeanSpeed => speeds::mean_speed(case),
        ClaimKind::Efficiency => speeds::efficiency(case),
        ClaimKind::EfficiencyRatio => speeds::efficiency_ratio(case),
        ClaimKind::Saving => memory::saving(case),
        ClaimKind::Passed => speeds::passed(case),
        ClaimKind::Load => speeds::load(case),
        ClaimKind::Free | ClaimKind::FreeShare => memory::free(case),
        ClaimKind::ExpectedSpeed => speeds::expected_speed(case),
        ClaimKind::Recommendation => recommendation(case, scenarios),
    }
}

fn recommendation(case: &Case<'_>, scenarios: &[Scenario]) -> Option<Ruling> {
    let wanted = case.claim.scenario.as_deref()?;
    let scenario = scenarios.iter().find(|s| s.id == wanted)?;
    let mut ours: Vec<String> = scenario.loadout.iter().map(|e| e.full_name()).collect();
    let text = ours.join(" + ");
    let mut theirs = case.claim.members.clone();
    ours.sort();
    theirs.sort();
    Some(if ours == theirs {
        agrees(text, "recommendation_agrees")
    } else {
        differs(text, "recommendation_differs", Vec::new())
    })
}
