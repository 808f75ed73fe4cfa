//! The shape that memory is computed from, against the parameters told.

use crate::audit::finding::{Finding, finding};
use crate::catalog::schema::Model;
use crate::model::{Architecture, CacheShape};
use crate::units::thousands;

/// Parameters that work on a token, in squares of the width per layer: those of known models are 7
/// to 29, mixtures and hybrids among them.
const LEAST_SQUARES: f64 = 4.0;
const MOST_SQUARES: f64 = 60.0;

const REMEDY: &str =
    "read the shape from the model's config.json, or from a file of it: `planner fit FILE`";

pub(super) fn check(model: &Model) -> Option<Finding> {
    let arch = model.architecture.as_ref()?;
    more_than_all(model, arch).or_else(|| by_layers(model, arch))
}

/// An embedding and keys that alone are more than the model has.
fn more_than_all(model: &Model, arch: &Architecture) -> Option<Finding> {
    let embedding = arch.embedding_length.saturating_mul(arch.vocabulary);
    let keys = arch.attention.iter().map(|group| {
        let numbers = u64::from(group.layers).saturating_mul(keys(&group.cache));
        numbers.saturating_mul(arch.embedding_length)
    });
    let least = keys.fold(embedding, u64::saturating_add);
    (least > model.parameters_total).then(|| {
        let (least, total) = (thousands(least), thousands(model.parameters_total));
        let evidence =
            format!("its embedding and its keys alone are {least} parameters, of {total} in all");
        let figures = vec![("least", least), ("total", total)];
        let id = model.id.clone();
        finding("shape-above-parameters", id, (evidence, figures), REMEDY)
    })
}

/// Numbers that a layer makes of a token to keep them: it has a row of weights for each.
const fn keys(cache: &CacheShape) -> u64 {
    match *cache {
        CacheShape::Full {
            kv_heads,
            key_length,
            ..
        }
        | CacheShape::Sliding {
            kv_heads,
            key_length,
            ..
        }
        | CacheShape::Compressed {
            kv_heads,
            key_length,
            ..
        } => kv_heads.saturating_mul(key_length),
        CacheShape::Latent { rank, .. } => rank,
        CacheShape::Indexer { key_length, .. } => key_length,
    }
}

/// Layers of that width which would have many times more or fewer parameters.
#[expect(clippy::cast_precision_loss, reason = "a ratio")]
fn by_layers(model: &Model, arch: &Architecture) -> Option<Finding> {
    let width = arch.embedding_length as f64;
    let squares = model.parameters_active as f64 / (f64::from(arch.layers) * width * width);
    let told = !(LEAST_SQUARES..=MOST_SQUARES).contains(&squares);
    told.then(|| {
        let (layers, width) = (arch.layers.to_string(), thousands(arch.embedding_length));
        let active = thousands(model.parameters_active);
        let evidence = format!(
            "{layers} layers of width {width} for {active} active parameters: {squares:.1} times the width squared a layer, where models have {LEAST_SQUARES} to {MOST_SQUARES}"
        );
        let figures = vec![("layers", layers), ("width", width), ("active", active)];
        let id = model.id.clone();
        finding("shape-against-parameters", id, (evidence, figures), REMEDY)
    })
}
