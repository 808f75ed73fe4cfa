//! Reading catalogs and laying one on top of another: same ids merge, measurements add.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::loads::{Engines, Loads};
use super::lookup::Catalog;
use super::schema::{
    KnownFinding, KnownFindings, LeftOut, LeftOutRow, Loss, Measurement, Model, PublishedClaim,
    PublishedClaims, PublishedLoadout, PublishedLoadouts, Score, Variant,
};
use super::speculation::{Pair, Speculation};
use crate::fault::Hinted;
use crate::shipped;
use crate::shipped::Shipped;
use crate::suggest;
use crate::toml_text;
use crate::toml_text::TomlError;

/// The day on which the shipped catalog was last held against what is public: what it has may be
/// older, and what came out since is not in it.
pub const LOOKED_OVER: &str = "2026-11-29";

/// Why a catalog can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// A file can't be read.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// Two files of one catalog describe one model.
    #[error("{second}: model `{id}` is already described in {first}")]
    DuplicateModel {
        /// The id.
        id: String,
        /// Where it stands first.
        first: String,
        /// Where it stands again.
        second: String,
    },
    /// Two variants of one model have one id.
    #[error("{path}: model `{model}` has two variants called `{variant}`")]
    DuplicateVariant {
        /// The file.
        path: String,
        /// The model.
        model: String,
        /// The variant.
        variant: String,
    },
    /// A measurement or a loss names a variant that does not exist.
    #[error("{path}: a row of `{model}` names the variant `{variant}`, which is not there{}", suggest::or_nothing(.suggestion.as_deref()))]
    UnknownVariant {
        /// The file.
        path: String,
        /// The model.
        model: String,
        /// The variant.
        variant: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// An extension of a model that does not exist.
    #[error("{path}: `extends = \"{id}\"` names no model{}", suggest::or_nothing(.suggestion.as_deref()))]
    UnknownModel {
        /// The file.
        path: String,
        /// The id.
        id: String,
        /// The nearest id.
        suggestion: Option<String>,
    },
    /// A number that can't be.
    #[error("{path}: model `{model}`: {problem}")]
    Impossible {
        /// The file.
        path: String,
        /// The model.
        model: String,
        /// What can't be.
        problem: String,
    },
}

impl Hinted for CatalogError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Toml(error) => return error.hint(),
            Self::DuplicateModel { id, .. } => format!(
                "one file per model; to add to a shipped model, write `extends = \"{id}\"` instead of `id`"
            ),
            Self::DuplicateVariant { .. } => "give one of them another id".to_owned(),
            Self::UnknownVariant { model, .. } => {
                format!(
                    "`planner catalog show {model}` lists its variants; a new one needs `[[variants]]`"
                )
            }
            Self::UnknownModel { .. } => "`planner catalog list` shows the ids".to_owned(),
            Self::Impossible { .. } => {
                "correct the figure in the file; catalog/README.md says what each field means"
                    .to_owned()
            }
        })
    }
}

/// What a file adds to a model that another layer describes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Extension {
    /// Id of the model.
    extends: String,
    #[serde(default)]
    scores: Vec<Score>,
    #[serde(default)]
    losses: Vec<Loss>,
    #[serde(default)]
    variants: Vec<Variant>,
    #[serde(default)]
    measurements: Vec<Measurement>,
}

/// One catalog as it was read, before it is laid on another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layer {
    models: Vec<(String, Model)>,
    extensions: Vec<(String, Extension)>,
    known_findings: Vec<KnownFinding>,
    left_out: Vec<LeftOutRow>,
    published_loadouts: Vec<PublishedLoadout>,
    published_claims: Vec<PublishedClaim>,
    loads: Vec<Loads>,
    speculation: Vec<Pair>,
}

/// Just enough to see which kind of file it is.
#[derive(Deserialize)]
struct Probe {
    extends: Option<toml::Spanned<toml::Value>>,
}

impl Layer {
    /// The catalog inside the binary.
    ///
    /// # Errors
    /// When a shipped file is broken.
    pub fn embedded() -> Result<Self, CatalogError> {
        let files = shipped::files("catalog");
        Self::of(files.map(|file| (file.path().to_owned(), Text::Shipped(file))))
    }

    /// A catalog from the texts of its files. `engines.toml`, `findings.toml`, `left-out.toml`,
    /// `speculation.toml`, `published-loadouts.toml` and `published-claims.toml` have their own shape;
    /// every other file is a model, or extends one.
    ///
    /// # Errors
    /// When a file is broken or two describe one model.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, CatalogError> {
        let files = files.into_iter();
        Self::of(files.map(|(path, text)| (path.to_owned(), Text::Toml(text))))
    }

    /// The same from JSON, into which the files were translated once.
    ///
    /// # Errors
    /// When a file is broken or two describe one model.
    pub fn translated<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, CatalogError> {
        let files = files.into_iter();
        Self::of(files.map(|(path, json)| (path.to_owned(), Text::Json(json))))
    }

    fn of<'a>(files: impl Iterator<Item = (String, Text<'a>)>) -> Result<Self, CatalogError> {
        let mut layer = Self::default();
        for (path, text) in files {
            layer.add_file(&path, text)?;
        }
        layer.models.sort_by(|a, b| a.1.id.cmp(&b.1.id));
        if let Some(pair) = layer.models.windows(2).find(|p| p[0].1.id == p[1].1.id) {
            return Err(CatalogError::DuplicateModel {
                id: pair[0].1.id.clone(),
                first: pair[0].0.clone(),
                second: pair[1].0.clone(),
            });
        }
        Ok(layer)
    }

    fn add_file(&mut self, path: &str, text: Text<'_>) -> Result<(), CatalogError> {
        match path.rsplit('/').next() {
            Some("findings.toml") => {
                self.known_findings
                    .extend(text.parse::<KnownFindings>(path)?.known);
            }
            Some("left-out.toml") => {
                self.left_out.extend(text.parse::<LeftOut>(path)?.rows);
            }
            Some("published-loadouts.toml") => {
                let read: PublishedLoadouts = text.parse(path)?;
                self.published_loadouts.extend(read.loadouts);
            }
            Some("published-claims.toml") => {
                let read: PublishedClaims = text.parse(path)?;
                self.published_claims.extend(read.claims);
            }
            Some("engines.toml") => {
                self.loads.extend(text.parse::<Engines>(path)?.loads);
            }
            Some("speculation.toml") => self.speculation.extend(possible(path, text.parse(path)?)?),
            _ if text.extends(path)? => {
                self.extensions.push((path.to_owned(), text.parse(path)?));
            }
            _ => self.models.push((path.to_owned(), text.parse(path)?)),
        }
        Ok(())
    }
}

/// A file of a catalog.
#[derive(Debug, Clone, Copy)]
enum Text<'a> {
    Toml(&'a str),
    /// What a file says, translated.
    Json(&'a str),
    /// A shipped file, which extends no other.
    Shipped(Shipped),
}

impl Text<'_> {
    fn parse<T: DeserializeOwned>(self, path: &str) -> Result<T, TomlError> {
        match self {
            Self::Toml(text) => toml_text::parse(path, text),
            Self::Json(text) => shipped::parse(path, text.as_bytes()),
            Self::Shipped(file) => file.parse(),
        }
    }

    /// Only a file with the word is parsed twice.
    fn extends(self, path: &str) -> Result<bool, TomlError> {
        match self {
            Self::Toml(text) if text.contains("extends") => {
                Ok(toml_text::parse::<Probe>(path, text)?.extends.is_some())
            }
            Self::Json(text) if text.contains("extends") => {
                let file: serde_json::Value = shipped::parse(path, text.as_bytes())?;
                Ok(file.get("extends").is_some())
            }
            _ => Ok(false),
        }
    }
}

impl Catalog {
    /// The catalog inside the binary.
    ///
    /// # Errors
    /// When a shipped file is broken, which a test rules out.
    pub fn embedded() -> Result<Self, CatalogError> {
        let mut catalog = Self::default().under(Layer::embedded()?)?;
        catalog.date = Some(LOOKED_OVER.to_owned());
        Ok(catalog)
    }

    /// This catalog with another on top.
    ///
    /// # Errors
    /// When the result would not hold together.
    pub fn with_layer(self, layer: &Layer) -> Result<Self, CatalogError> {
        self.under(layer.clone())
    }

    /// The same, without a copy of the other.
    fn under(mut self, layer: Layer) -> Result<Self, CatalogError> {
        for (path, model) in layer.models {
            variants_apart(&path, &model.id, &model.variants)?;
            let below = self.models.iter().position(|m| m.id == model.id);
            let place = below.unwrap_or(self.models.len());
            match below {
                Some(_) => merge(&mut self.models[place], &model),
                None => self.models.push(model),
            }
            check_model(&path, &self.models[place])?;
        }
        for (path, extension) in &layer.extensions {
            let Some(model) = self.models.iter_mut().find(|m| m.id == extension.extends) else {
                return Err(CatalogError::UnknownModel {
                    path: path.clone(),
                    id: extension.extends.clone(),
                    suggestion: suggest::nearest(
                        &extension.extends,
                        self.models.iter().map(|m| m.id.as_str()),
                    ),
                });
            };
            variants_apart(path, &extension.extends, &extension.variants)?;
            add(
                model,
                &extension.variants,
                &extension.scores,
                &extension.measurements,
            );
            model.losses.extend_from_slice(&extension.losses);
            check_model(path, model)?;
        }
        self.models.sort_by(|a, b| a.id.cmp(&b.id));
        self.known_findings.extend(layer.known_findings);
        self.left_out.extend(layer.left_out);
        self.published_loadouts.extend(layer.published_loadouts);
        self.published_claims.extend(layer.published_claims);
        self.loads.extend(layer.loads);
        self.speculation.extend(layer.speculation);
        Ok(self)
    }
}

/// The facts of `above` win; variants of the same id are replaced; the rest adds.
fn merge(below: &mut Model, above: &Model) {
    let scores = std::mem::take(&mut below.scores);
    let variants = std::mem::take(&mut below.variants);
    let measurements = std::mem::take(&mut below.measurements);
    let mut losses = std::mem::take(&mut below.losses);
    losses.extend_from_slice(&above.losses);
    *below = Model {
        losses,
        scores,
        variants,
        measurements,
        ..above.clone()
    };
    add(below, &above.variants, &above.scores, &above.measurements);
}

fn add(model: &mut Model, variants: &[Variant], scores: &[Score], measurements: &[Measurement]) {
    for variant in variants {
        match model.variants.iter_mut().find(|v| v.id == variant.id) {
            Some(below) => *below = variant.clone(),
            None => model.variants.push(variant.clone()),
        }
    }
    model.scores.extend_from_slice(scores);
    model.measurements.extend_from_slice(measurements);
}

/// Whether the variants of one file have ids of their own.
fn variants_apart(path: &str, model: &str, variants: &[Variant]) -> Result<(), CatalogError> {
    let mut ids: Vec<&str> = variants.iter().map(|v| v.id.as_str()).collect();
    ids.sort_unstable();
    match ids.windows(2).find(|p| p[0] == p[1]) {
        Some(pair) => Err(CatalogError::DuplicateVariant {
            path: path.to_owned(),
            model: model.to_owned(),
            variant: pair[0].to_owned(),
        }),
        None => Ok(()),
    }
}

/// The pairs, where each has two speeds.
fn possible(path: &str, read: Speculation) -> Result<Vec<Pair>, CatalogError> {
    let mut pairs = read.measured.iter();
    match pairs.find_map(|p| Some((p.model.clone(), p.impossible()?))) {
        None => Ok(read.measured),
        Some((model, problem)) => Err(CatalogError::Impossible {
            path: path.to_owned(),
            model,
            problem,
        }),
    }
}

fn check_model(path: &str, model: &Model) -> Result<(), CatalogError> {
    let ids: Vec<&str> = model.variants.iter().map(|v| v.id.as_str()).collect();
    let measured = model.measurements.iter().map(|m| &m.variant);
    let mut named = measured.chain(model.losses.iter().map(|l| &l.variant));
    if let Some(lost) = named.find(|name| model.variant(name).is_none()) {
        return Err(CatalogError::UnknownVariant {
            path: path.to_owned(),
            model: model.id.clone(),
            variant: lost.clone(),
            suggestion: suggest::nearest(lost, ids.iter().copied()),
        });
    }
    match impossible(model) {
        Some(problem) => Err(CatalogError::Impossible {
            path: path.to_owned(),
            model: model.id.clone(),
            problem,
        }),
        None => Ok(()),
    }
}

/// What no model can be: sizes and counts that would make every later figure nonsense.
fn impossible(model: &Model) -> Option<String> {
    if model.parameters_total == 0 || model.context_length == 0 {
        return Some("`parameters_total` and `context_length` must be above zero".to_owned());
    }
    if model.parameters_active == 0 || model.parameters_active > model.parameters_total {
        return Some(
            "`parameters_active` must be above zero and at most `parameters_total`".to_owned(),
        );
    }
    if let Some(v) = model.variants.iter().find(|v| v.weights_bytes.0 == 0) {
        return Some(format!("variant `{}` has a `weights_bytes` of 0", v.id));
    }
    if let Some(v) = model
        .variants
        .iter()
        .find(|v| v.cpu_weights_bytes.is_some_and(|c| c > v.weights_bytes))
    {
        return Some(format!(
            "variant `{}` has more `cpu_weights_bytes` than `weights_bytes`",
            v.id
        ));
    }
    if let Some(v) = (model.variants.iter())
        .find(|v| v.other_weights_bytes.is_some_and(|o| o >= v.weights_bytes))
    {
        return Some(format!(
            "variant `{}` has no language weights: `other_weights_bytes` are all of `weights_bytes`",
            v.id
        ));
    }
    if let Some(l) = model
        .losses
        .iter()
        .find(|l| !(l.nats.is_finite() && l.nats >= 0.0))
    {
        return Some(format!("a loss of `{}` is below 0", l.variant));
    }
    let bad = |rate: Option<f64>| rate.is_some_and(|r| !(r.is_finite() && r > 0.0));
    model
        .measurements
        .iter()
        .find(|m| {
            bad(m.decode_tokens_per_second)
                || bad(m.prefill_tokens_per_second)
                || m.concurrency == 0
        })
        .map(|m| {
            format!(
                "a measurement of `{}` has a speed or a concurrency that is not above zero",
                m.variant
            )
        })
}
