//! The catalog of measured models: what it holds, how it is read, layered and checked.
//!
//! Never decides: it says what is known, by whom, and what is wrong with it.

pub mod effort;
pub mod entry;
mod layers;
mod lists;
pub mod sampling;
pub mod schema;
mod variant;
pub mod write;

pub use layers::{CatalogError, Layer};
pub use variant::{full_name, weights_of};

use crate::units::Bytes;
use schema::{
    KnownFinding, LeftOutRow, Measurement, Model, PublishedClaim, PublishedLoadout, Variant,
};

/// Every known model, in the order of their ids.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    /// The models.
    pub models: Vec<Model>,
    /// Findings of the check that were looked at.
    pub known_findings: Vec<KnownFinding>,
    /// Published rows that were not taken.
    pub left_out: Vec<LeftOutRow>,
    /// Sets of models that a study recommends.
    pub published_loadouts: Vec<PublishedLoadout>,
    /// What studies print of their own data.
    pub published_claims: Vec<PublishedClaim>,
}

impl Catalog {
    /// The catalog inside the binary.
    ///
    /// # Errors
    /// When a shipped file is broken, which a test rules out.
    pub fn embedded() -> Result<Self, CatalogError> {
        Self::default().with_layer(&Layer::embedded()?)
    }

    /// The model with this id.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&Model> {
        self.models.iter().find(|m| m.id == id)
    }

    /// Finds a model or a variant by `model` or `model/variant`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<(&Model, Option<&Variant>)> {
        let (model, variant) = match name.split_once('/') {
            Some((model, variant)) => (model, Some(variant)),
            None => (name, None),
        };
        let model = self.model(model)?;
        match variant {
            None => Some((model, None)),
            Some(id) => model.variant(id).map(|v| (model, Some(v))),
        }
    }

    /// Every name that [`Self::find`] knows: models, then their variants.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.models.iter().flat_map(|m| {
            std::iter::once(m.id.clone())
                .chain(m.variants.iter().map(|v| format!("{}/{}", m.id, v.id)))
        })
    }

    /// Every campaign that a measurement belongs to, sorted.
    #[must_use]
    pub fn campaigns(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self
            .models
            .iter()
            .flat_map(|m| &m.measurements)
            .filter_map(|m| m.campaign.as_deref())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Model {
    /// The variant with this id.
    #[must_use]
    pub fn variant(&self, id: &str) -> Option<&Variant> {
        self.variants.iter().find(|v| v.id == id)
    }

    /// What was measured with a variant.
    pub fn measurements_of<'a>(
        &'a self,
        variant: &'a Variant,
    ) -> impl Iterator<Item = &'a Measurement> {
        self.measurements.iter().filter(|m| m.variant == variant.id)
    }

    /// Bits per weight of a variant: the bytes of its language weights over all parameters.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio for display and scores")]
    pub fn bits_per_weight(&self, variant: &Variant) -> f64 {
        variant.language_bytes().0 as f64 * 8.0 / self.parameters_total as f64
    }

    /// Bytes of weights read for one token: the active share of the language weights.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "an input of a speed prediction")]
    pub fn active_bytes(&self, variant: &Variant) -> f64 {
        variant.language_bytes().0 as f64 * self.parameters_active as f64
            / self.parameters_total as f64
    }
}

impl Variant {
    /// The weights without those that are not the language model's.
    #[must_use]
    pub fn language_bytes(&self) -> Bytes {
        let other = self.other_weights_bytes.unwrap_or(Bytes::ZERO);
        self.weights_bytes.saturating_sub(other)
    }
}
