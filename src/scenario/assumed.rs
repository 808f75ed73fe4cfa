//! Figures that a scenario assumes in place of what is known: another speed, another size.
//!
//! With an assumed speed a file is as if just that had been measured, so that a measurement does what
//! was foretold of it.

use std::rc::Rc;

use crate::catalog::schema::{Model, Variant};
use crate::memory::limits::Demand;
use crate::scenario::candidate::means;
use crate::scenario::sharding::Sharding;
use crate::speed::{Expected, Figure};

/// What is assumed; nothing by default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Assumed {
    /// Every prediction comes true at the high end of its range.
    pub hopeful: bool,
    /// Deciding speeds in tokens per second, by `model/variant`; the last of a name stands.
    pub speeds: Vec<(String, f64)>,
    /// Shares of its memory that a model or variant takes, by name.
    pub sizes: Vec<(String, f64)>,
    /// Files that lie on several machines, a part on each; no others are loaded then.
    pub sharding: Option<Rc<Sharding>>,
}

impl Assumed {
    /// The speed that counts for a variant.
    pub(super) fn speed(
        &self,
        model: &Model,
        variant: &Variant,
        known: Option<Figure>,
    ) -> Option<Figure> {
        match (self.given(model, variant), known) {
            (Some(speed), _) => Some(exactly(speed)),
            (None, Some(Figure::Predicted(p))) if self.hopeful => Some(exactly(p.high)),
            (None, known) => known,
        }
    }

    /// The speed that is given for a variant.
    pub(super) fn given(&self, model: &Model, variant: &Variant) -> Option<f64> {
        let mut given = self.speeds.iter().rev();
        let of = given.find(|(name, _)| means(name, model, variant));
        of.map(|(_, speed)| *speed)
    }

    /// Whether a variant's turns take another time than is known.
    pub(super) fn moves(&self, model: &Model, variant: &Variant) -> bool {
        self.hopeful || self.given(model, variant).is_some()
    }

    /// What a variant takes.
    pub(super) fn demand(&self, model: &Model, variant: &Variant, known: Demand) -> Demand {
        let split = (self.sharding.as_ref()).and_then(|s| s.split(model, variant));
        let known = split.map_or(known, |split| split.demand);
        let of = self.sizes.iter().filter(|(n, _)| means(n, model, variant));
        of.fold(known, |demand, (_, share)| Demand {
            gpu: demand.gpu.share(*share),
            total: demand.total.share(*share),
        })
    }
}

/// A speed without a range.
fn exactly(speed: f64) -> Figure {
    Figure::Predicted(Expected {
        value: speed,
        low: speed,
        high: speed,
        runs: 0,
        source: "assumed".into(),
    })
}
