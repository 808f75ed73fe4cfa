//! Published statements against the data: whether each holds, and why.
//!
//! A reason is the name of a sentence and its figures; the sentences, in every language, are the
//! report's. Nothing here names a model or a figure: what was printed stands in the catalog.

mod memory;
mod speeds;

use std::collections::BTreeMap;

use super::document::{CheckedClaim, Scenario, Verdict};
use super::gather::Inputs;
use crate::catalog::schema::{ClaimKind, Measurement, Model, PublishedClaim, Variant};
use crate::speed::{Filter, measured};

/// A verdict with the figure that the data give, the sentence and its figures.
struct Ruling {
    verdict: Verdict,
    recomputed: String,
    reason: &'static str,
    figures: Vec<(&'static str, String)>,
}

/// What a claim is about: its members in the catalog.
struct Case<'a> {
    inputs: &'a Inputs<'a>,
    claim: &'a PublishedClaim,
    members: Vec<(&'a Model, &'a Variant)>,
}

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
                kind: kind_id(claim.kind).to_owned(),
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

const fn kind_id(kind: ClaimKind) -> &'static str {
    match kind {
        ClaimKind::Weights => "weights",
        ClaimKind::MeanSpeed => "mean_speed",
        ClaimKind::Efficiency => "efficiency",
        ClaimKind::EfficiencyRatio => "efficiency_ratio",
        ClaimKind::Saving => "saving",
        ClaimKind::Passed => "passed",
        ClaimKind::Load => "load",
        ClaimKind::Free => "free",
        ClaimKind::FreeShare => "free_share",
        ClaimKind::ExpectedSpeed => "expected_speed",
        ClaimKind::Recommendation => "recommendation",
    }
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

impl<'a> Case<'a> {
    fn first(&self) -> Option<(&'a Model, &'a Variant)> {
        self.members.first().copied()
    }

    fn value(&self) -> Option<f64> {
        self.claim.value
    }

    /// The campaign's rows of the first member.
    fn rows(&self) -> Vec<&'a Measurement> {
        let of = |(model, variant): (&'a Model, &'a Variant)| {
            model
                .measurements_of(variant)
                .filter(|m| m.campaign.as_deref() == Some(self.claim.campaign.as_str()))
                .collect()
        };
        self.first().map_or_else(Vec::new, of)
    }

    /// The mean that the same report prints for a member.
    fn printed_mean(&self, member: usize) -> Option<f64> {
        let name = self.claim.members.get(member)?;
        self.inputs
            .catalog
            .published_claims
            .iter()
            .find(|c| {
                c.kind == ClaimKind::MeanSpeed
                    && c.campaign == self.claim.campaign
                    && c.members.first() == Some(name)
            })
            .and_then(|c| c.value)
    }

    /// Steady decode speed of the first member over every campaign, where one is usable.
    fn steady_anywhere(&self) -> Option<f64> {
        let (model, variant) = self.first()?;
        let chip = self.inputs.machine.chip.as_ref()?;
        measured::decode(model, variant, chip, Filter::default())
            .map(|m| m.decode_tokens_per_second)
    }
}

fn agrees(recomputed: String, reason: &'static str) -> Ruling {
    Ruling {
        verdict: Verdict::Agrees,
        recomputed,
        reason,
        figures: Vec::new(),
    }
}

fn differs(
    recomputed: String,
    reason: &'static str,
    figures: Vec<(&'static str, String)>,
) -> Ruling {
    Ruling {
        verdict: Verdict::Differs,
        recomputed,
        reason,
        figures,
    }
}

fn recommendation(case: &Case<'_>, scenarios: &[Scenario]) -> Option<Ruling> {
    let wanted = case.claim.scenario.as_deref()?;
    let scenario = scenarios.iter().find(|s| s.id == wanted)?;
    let mut ours: Vec<String> = scenario
        .loadout
        .iter()
        .map(|e| format!("{}/{}", e.model, e.variant))
        .collect();
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

fn near(a: f64, b: f64, share: f64) -> bool {
    (a / b - 1.0).abs() < share
}
