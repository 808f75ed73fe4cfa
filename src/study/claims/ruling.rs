//! What a claim is about, and what is found of it.

use super::super::document::Verdict;
use super::super::inputs::Inputs;
use crate::catalog::schema::{ClaimKind, Measurement, Model, PublishedClaim, Variant};
use crate::speed::{Figure, Filter};

/// A verdict with the figure that the data give, the sentence and its figures.
pub(super) struct Ruling {
    pub(super) verdict: Verdict,
    pub(super) recomputed: String,
    pub(super) reason: &'static str,
    pub(super) figures: Vec<(&'static str, String)>,
}

/// What a claim is about: its members in the catalog.
pub(super) struct Case<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) claim: &'a PublishedClaim,
    pub(super) members: Vec<(&'a Model, &'a Variant)>,
}

impl<'a> Case<'a> {
    pub(super) fn first(&self) -> Option<(&'a Model, &'a Variant)> {
        self.members.first().copied()
    }

    pub(super) fn value(&self) -> Option<f64> {
        self.claim.value
    }

    /// The campaign's rows of the first member.
    pub(super) fn rows(&self) -> Vec<&'a Measurement> {
        let of = |(model, variant): (&'a Model, &'a Variant)| {
            model
                .measurements_of(variant)
                .filter(|m| m.campaign.as_deref() == Some(self.claim.campaign.as_str()))
                .collect()
        };
        self.first().map_or_else(Vec::new, of)
    }

    /// The mean that the same report prints for a member.
    pub(super) fn printed_mean(&self, member: usize) -> Option<f64> {
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
    pub(super) fn steady_anywhere(&self) -> Option<f64> {
        let (model, variant) = self.first()?;
        let (speed, machine) = (self.inputs.speed, self.inputs.machine);
        match speed.decode(model, variant, machine, 0, Filter::default()) {
            Ok(Figure::Measured(seen)) => Some(seen.value),
            _ => None,
        }
    }
}

pub(super) fn agrees(recomputed: String, reason: &'static str) -> Ruling {
    Ruling {
        verdict: Verdict::Agrees,
        recomputed,
        reason,
        figures: Vec::new(),
    }
}

pub(super) fn differs(
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

pub(super) fn near(a: f64, b: f64, share: f64) -> bool {
    (a / b - 1.0).abs() < share
}
