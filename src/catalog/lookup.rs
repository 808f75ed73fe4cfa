//! The catalog's models, variants and figures, and how they are found by name.

use super::loads::Loads;
use super::schema::{
    KnownFinding, LeftOutRow, Measurement, Model, PublishedClaim, PublishedLoadout, Variant,
};
use super::speculation::Pair;
use super::variant::{full_name, title};
use crate::suggest;
use crate::units::Bytes;

/// Every known model, in the order of their ids.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    /// The day of the catalog at the bottom, where it has one of its own.
    pub date: Option<String>,
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
    /// Which engine loads an architecture.
    pub loads: Vec<Loads>,
    /// What drafting was measured to gain.
    pub speculation: Vec<Pair>,
}

impl Catalog {
    /// The model with this id.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&Model> {
        self.models.iter().find(|m| m.id == id)
    }

    /// Every variant with its model, in their order.
    pub fn files(&self) -> impl Iterator<Item = (&Model, &Variant)> {
        let models = self.models.iter();
        models.flat_map(|m| m.variants.iter().map(move |v| (m, v)))
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

    /// The name that is meant: that of what answers call so, or the nearest that is known.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<String> {
        let answered = |(m, v): &(&Model, &Variant)| title(m, v).eq_ignore_ascii_case(name);
        let file = self.files().find(answered).map(|(m, v)| full_name(m, v));
        let called = |m: &&Model| m.name.eq_ignore_ascii_case(name);
        let model = self.models.iter().find(called).map(|m| m.id.clone());
        file.or(model).or_else(|| {
            let names: Vec<String> = self.names().collect();
            suggest::nearest(name, names.iter().map(String::as_str))
        })
    }

    /// The day that it is of: its own, else that of its newest entry.
    #[must_use]
    pub fn date(&self) -> Option<&str> {
        self.date.as_deref().or_else(|| self.newest())
    }

    /// The newest date of a model or a measurement, of those that are whole.
    #[must_use]
    pub fn newest(&self) -> Option<&str> {
        let dates = self.models.iter().flat_map(|m| {
            let measured = m.measurements.iter().filter_map(|r| r.date.as_deref());
            measured.chain(m.released.as_deref())
        });
        dates.filter(|d| d.len() == 10).max()
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

    /// What is known of an engine and a model's architecture; what was read last holds.
    #[must_use]
    pub fn loads(&self, model: &Model, variant: &Variant) -> Option<&Loads> {
        let name = &model.architecture.as_ref()?.name;
        let mut all = self.loads.iter().rev();
        all.find(|l| l.architecture == *name && l.engine == variant.engine)
    }

    /// What is known of a variant's engine, where nobody reported that LM Studio's loads it.
    #[must_use]
    pub fn not_seen_to_load(&self, model: &Model, variant: &Variant) -> Option<&Loads> {
        self.loads(model, variant)
            .filter(|loads| loads.lm_studio.is_none())
    }
}

impl Model {
    /// The variant with this id.
    #[must_use]
    pub fn variant(&self, id: &str) -> Option<&Variant> {
        self.variants.iter().find(|v| v.id == id)
    }

    /// What a model is made for that neither converses nor follows instructions: embeddings, or
    /// completing code as it is typed. None for all others.
    #[must_use]
    pub fn narrow_purpose(&self) -> Option<&'static str> {
        const NARROW: [&str; 2] = ["embedding", "autocomplete"];
        let narrow = |s: &String| NARROW.into_iter().find(|n| n == s);
        let first = self.specialties.first().and_then(narrow)?;
        let all = self.specialties.iter().all(|s| narrow(s).is_some());
        all.then_some(first)
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
