//! The model that is asked about, wherever its figures were read.

use crate::catalog::Catalog;
use crate::memory::{Companion, Engine, Ledger, Settings, Weights};
use crate::model::Architecture;
use crate::plan::candidates::{full_name, weights_of};

/// A model to be asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// Its name, for people.
    pub name: String,
    /// The engine that runs it.
    pub engine: Engine,
    /// Its architecture, or why that is not known.
    pub architecture: Result<Architecture, String>,
    /// Its weights.
    pub weights: Weights,
    /// What is loaded with it.
    pub companions: Vec<Companion>,
    /// The context that it was trained for, where known.
    pub context_length: Option<u32>,
    /// The same model in other quantizations.
    pub siblings: Vec<Sibling>,
    /// What to know about its figures.
    pub notes: Vec<String>,
}

/// The same model in another quantization.
#[derive(Debug, Clone, PartialEq)]
pub struct Sibling {
    /// How to ask for it.
    pub name: String,
    /// Its quantization.
    pub quantization: String,
    /// Its weights.
    pub weights: Weights,
}

impl Subject {
    /// Its ledger with all that is loaded with it; of the weights alone where the architecture is
    /// not known.
    #[must_use]
    pub fn ledger(&self, settings: &Settings) -> Ledger {
        let own = match &self.architecture {
            Ok(arch) => Ledger::of(arch, &self.weights, settings),
            Err(_) => Ledger::of_weights(&self.weights),
        };
        self.companions
            .iter()
            .fold(own, |ledger, companion| ledger.with(companion, settings))
    }
}

/// Files of one shape and engine in the catalog, in all their quantizations: of the model itself,
/// or of models that are built alike, whose files agree in size.
#[must_use]
pub fn siblings(catalog: &Catalog, architecture: &Architecture, engine: Engine) -> Vec<Sibling> {
    let alike = catalog
        .models
        .iter()
        .filter(|model| model.architecture.as_ref() == Some(architecture));
    alike
        .flat_map(|model| model.variants.iter().map(move |variant| (model, variant)))
        .filter(|(_, variant)| variant.engine == engine.id())
        .map(|(model, variant)| Sibling {
            name: full_name(model, variant),
            quantization: variant.quantization.clone(),
            weights: weights_of(variant),
        })
        .collect()
}
