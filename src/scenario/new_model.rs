//! A model that no catalog has yet, by its size and speed, like one that it has.

use crate::catalog::Catalog;
use crate::catalog::schema::{Measurement, Method, Model, SizeBasis};
use crate::machine::Machine;
use crate::memory::Engine;
use crate::scenario::error::{RecommendError, check_name};
use crate::units::Bytes;

/// The id of the only variant of a new model.
pub const VARIANT: &str = "given";

/// What is said of a new model.
#[derive(Debug, Clone, PartialEq)]
pub struct NewModel {
    /// Its name.
    pub name: String,
    /// Size of its weights.
    pub weights: Bytes,
    /// Its decode speed on the plan's machine, where given; else it is predicted.
    pub tokens_per_second: Option<f64>,
    /// The `model` or `model/variant` whose architecture, parameters and published scores stand in.
    pub like: String,
}

/// The catalog with the new model in it.
///
/// # Errors
/// When the model that it is like is not in the catalog, or has no variant for LM Studio.
pub(super) fn with_model(
    catalog: &Catalog,
    machine: &Machine,
    new: &NewModel,
) -> Result<Catalog, RecommendError> {
    is_free(catalog, &new.name)?;
    check_name(catalog, "--new like=", &new.like)?;
    let runs = |engine: &str| Engine::from_id(engine).is_some();
    let found = catalog.find(&new.like).and_then(|(model, variant)| {
        let variant = variant.or_else(|| model.variants.iter().find(|v| runs(&v.engine)))?;
        Some((model, variant))
    });
    let Some((like, variant)) = found else {
        return Err(RecommendError::NothingToBeLike {
            name: new.like.clone(),
        });
    };
    let mut model = like.clone();
    let mut variant = variant.clone();
    new.name.clone_into(&mut model.id);
    new.name.clone_into(&mut model.name);
    VARIANT.clone_into(&mut variant.id);
    "given".clone_into(&mut variant.quantization);
    variant.weights_bytes = new.weights;
    variant.cpu_weights_bytes = None;
    variant.size = SizeBasis::Rounded;
    variant.repository = None;
    variant.files = None;
    "given with --new".clone_into(&mut variant.source);
    let chip = machine.chip.as_ref();
    let measured = new
        .tokens_per_second
        .zip(chip)
        .map(|(speed, chip)| Measurement {
            variant: variant.id.clone(),
            chip: chip.id.clone(),
            gpu_cores: chip.gpu_cores,
            memory_gib: None,
            engine: variant.engine.clone(),
            app: None,
            date: None,
            campaign: None,
            method: Method::Decode,
            method_note: None,
            depth_tokens: None,
            concurrency: 1,
            decode_tokens_per_second: Some(speed),
            prefill_tokens_per_second: None,
            prefill_tokens: None,
            prefill_after_tokens: None,
            time_to_first_token_seconds: None,
            load_seconds: None,
            peak_memory_bytes: None,
            peak_memory_of: None,
            reported_mean_tokens_per_second: None,
            tests: Vec::new(),
            own: false,
            suspect: None,
            confidence: None,
            source: "given with --new".to_owned(),
            notes: Vec::new(),
        });
    model.measurements = measured.into_iter().collect();
    model.variants = vec![variant];
    with_entry(catalog, &model)
}

/// The catalog with this model in it.
///
/// # Errors
/// When it has a model of that id.
pub fn with_entry(catalog: &Catalog, model: &Model) -> Result<Catalog, RecommendError> {
    is_free(catalog, &model.id)?;
    let mut catalog = catalog.clone();
    catalog.models.push(model.clone());
    catalog.models.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(catalog)
}

fn is_free(catalog: &Catalog, name: &str) -> Result<(), RecommendError> {
    match catalog.find(name) {
        Some(_) => Err(RecommendError::NameTaken {
            name: name.to_owned(),
        }),
        None => Ok(()),
    }
}
