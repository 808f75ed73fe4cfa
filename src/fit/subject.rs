//! The model that is asked about, wherever its figures were read.

use crate::catalog::roles::Pooling;
use crate::catalog::schema::Model;
use crate::catalog::{Catalog, entry, full_name, weights_of};
use crate::memory::inside::Inside;
use crate::memory::offload::Apart;
use crate::memory::shard::{Stored, Whole};
use crate::memory::{Companion, Engine, Ledger, Settings, Weights};
use crate::model::{Architecture, Experts};
use crate::units::Bytes;

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
    /// How it may be split between memories.
    pub split: Split,
    /// What of it is left to the processor.
    pub apart: Apart,
    /// What is loaded with it.
    pub companions: Vec<Companion>,
    /// The context that it was trained for, where known.
    pub context_length: Option<u32>,
    /// The same model in other quantizations.
    pub siblings: Vec<Sibling>,
    /// What to know about its figures.
    pub notes: Vec<String>,
}

/// What the layers of a model are told by, where they are to be split.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Split {
    /// Its quantization, where known.
    pub quantization: Option<String>,
    /// What of its weights is no layer of the language model.
    pub beside: Bytes,
    /// What is known of its layers.
    pub inside: Inside,
}

/// What a file says of a model beside what its memory depends on: for a catalog entry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    /// The name that people use, where the file has one.
    pub title: Option<String>,
    /// Who published it, where the file says so.
    pub publisher: Option<String>,
    /// Its quantization by the field's name: `Q4_K_M`, `4bit`.
    pub quantization: Option<String>,
    /// How many numbers it is made of.
    pub parameters: Parameters,
    /// How it embeds, where its header says that it does.
    pub embeds: Option<Pooling>,
    /// The repository that holds the files, where it is on a hub.
    pub repository: Option<String>,
    /// The files, by path.
    pub files: Option<String>,
}

/// How many numbers a model is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parameters {
    /// All of them.
    pub total: u64,
    /// Those that work on one token; the embedding table of a mixture is a look-up.
    pub active: u64,
}

impl Parameters {
    /// Adds a matrix; of routed ones a token uses its share.
    pub(super) fn add(&mut self, elements: u64, routed: bool, experts: Option<Experts>) {
        self.total = self.total.saturating_add(elements);
        let active = match experts {
            Some(e) if routed => {
                let used = u128::from(elements) * u128::from(e.used) / u128::from(e.total.max(1));
                u64::try_from(used).unwrap_or(u64::MAX)
            }
            _ => elements,
        };
        self.active = self.active.saturating_add(active);
    }
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
            Ok(arch) => self.whole(arch).offloaded(settings, self.apart),
            Err(_) => Ledger::of_weights(&self.weights),
        };
        self.companions
            .iter()
            .fold(own, |ledger, companion| ledger.with(companion, settings))
    }
}

impl Subject {
    /// Makes it another file of the same model, which nobody opened.
    pub fn becomes(&mut self, weights: Weights, quantization: &str) {
        self.weights = weights;
        self.split.quantization = Some(quantization.to_owned());
        self.split.inside = self.split.inside.of_another_file();
    }

    /// As it may be split between memories.
    pub(super) fn whole<'a>(&self, arch: &'a Architecture) -> Whole<'a> {
        let quantization = self.split.quantization.as_deref().unwrap_or_default();
        Whole {
            arch,
            weights: self.weights.clone(),
            beside: self.split.beside,
            inside: self.split.inside.clone(),
            stored: Stored::of(quantization, arch.experts.is_some()),
        }
    }
}

/// An architecture that can be computed with.
pub(super) fn reasonable(architecture: Architecture) -> Result<Architecture, String> {
    match architecture.beyond_reason() {
        None => Ok(architecture),
        Some(reason) => Err(reason),
    }
}

/// A trained context that can be meant; more than 16M tokens is a slip of the file.
pub(super) fn meant(context: Option<u32>) -> Option<u32> {
    context.filter(|c| (1..=16 << 20).contains(c))
}

/// The model of the catalog that files are of: built alike, and of the name that the files have for
/// themselves. A shape alone is not enough, since other models may share it; nor is the name of a
/// base model, since a fine-tune is another model than its base.
#[must_use]
pub fn model_of<'a>(catalog: &'a Catalog, subject: &Subject, about: &About) -> Option<&'a Model> {
    let architecture = subject.architecture.as_ref().ok()?;
    let title = entry::id_of(about.title.as_deref()?);
    let title = without_format(&title, about.quantization.as_deref());
    catalog.models.iter().find(|model| {
        let own = model.architecture.as_ref();
        let called = |name: &str| entry::id_of(name) == title;
        own.is_some_and(|own| own.is_like(architecture))
            && (called(&model.id) || called(&model.name))
    })
}

/// The name of a folder or file without what it says of its format: `glm-4.6-mlx-4bit` is of
/// `glm-4.6`.
fn without_format<'a>(title: &'a str, quantization: Option<&str>) -> &'a str {
    let quantization = quantization.map(|q| format!("-{}", entry::id_of(q)));
    let title = quantization
        .and_then(|q| title.strip_suffix(q.as_str()))
        .unwrap_or(title);
    title
        .strip_suffix("-mlx")
        .or_else(|| title.strip_suffix("-gguf"))
        .unwrap_or(title)
}

/// A model of the catalog in all its quantizations for an engine.
#[must_use]
pub fn siblings(model: &Model, engine: Engine) -> Vec<Sibling> {
    let own = model.variants.iter().filter(|v| v.engine == engine.id());
    own.map(|variant| Sibling {
        name: full_name(model, variant),
        quantization: variant.quantization.clone(),
        weights: weights_of(variant),
    })
    .collect()
}
