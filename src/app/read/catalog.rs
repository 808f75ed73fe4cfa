//! A variant of the catalog as the model that is asked about.

use anyhow::{Result, bail};

use super::found::Found;
use crate::catalog::schema::{Model, Variant};
use crate::catalog::{Catalog, full_name, weights_of};
use crate::fault;
use crate::fit::{About, Subject, siblings};
use crate::memory::Engine;
use crate::suggest;

/// The variant of this name; of a model with one variant for the engine, its own name will do.
pub(super) fn find(name: &str, engine: Option<Engine>, catalog: &Catalog) -> Result<Found> {
    let Some((model, variant)) = catalog.find(name) else {
        let known: Vec<String> = catalog.names().collect();
        let near = suggest::nearest(name, known.iter().map(String::as_str));
        bail!(fault!(
            "not found: `{name}` is no variant of the catalog, no file and no folder{}", suggest::or_nothing(near.as_deref());
            "give `model/variant` (`planner catalog show MODEL` lists them), a .gguf file, or a folder with `config.json`"
        ));
    };
    let variant = match variant {
        Some(variant) => variant,
        None => only(name, model, engine)?,
    };
    let Some(runs_in) = Engine::from_id(&variant.engine) else {
        bail!(fault!(
            "`{name}` runs in {}, whose memory planner does not know", variant.engine;
            "name a variant for llama.cpp or MLX: `planner catalog show {}` lists them", model.id
        ));
    };
    let subject = Subject {
        name: format!("{} {}", model.name, variant.quantization),
        engine: runs_in,
        architecture: model.architecture.clone().ok_or_else(|| {
            "the catalog has no confirmed architecture figures for it; the header of its .gguf file or the `config.json` of its folder has them".to_owned()
        }),
        weights: weights_of(variant),
        companions: Vec::new(),
        context_length: Some(model.context_length),
        siblings: siblings(model, runs_in),
        notes: variant.notes.clone(),
    };
    Ok(Found {
        subject,
        prediction: None,
        senses: None,
        about: About::default(),
        folder: None,
        known: Some(full_name(model, variant)),
    })
}

fn only<'a>(name: &str, model: &'a Model, engine: Option<Engine>) -> Result<&'a Variant> {
    let possible = |v: &&Variant| engine.is_none_or(|e| v.engine == e.id());
    let all: Vec<&Variant> = model.variants.iter().filter(possible).collect();
    match all.as_slice() {
        [one] => Ok(one),
        [] => bail!(fault!(
            "`{name}` has no variant for that engine";
            "leave `--engine` out; `planner catalog show {name}` lists its variants"
        )),
        several => {
            let ids: Vec<String> = several.iter().map(|v| full_name(model, v)).collect();
            bail!(fault!("`{name}` has several variants"; "give one of {}", ids.join(", ")))
        }
    }
}
