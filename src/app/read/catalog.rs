//! A variant of the catalog as the model that is asked about.

use anyhow::{Result, anyhow, bail};

use super::found::{Found, Several};
use crate::app::names;
use crate::catalog::schema::{Model, Variant};
use crate::catalog::{Catalog, full_name, title, weights_of};
use crate::fault;
use crate::fit::{About, LeftOut, Split, Subject, siblings};
use crate::memory::Engine;
use crate::memory::inside::Inside;
use crate::memory::offload::Apart;
use crate::suggest;
use crate::units::Bytes;

/// The variant of this name; of a model with one variant for the engine, its own name will do.
pub(super) fn find(name: &str, engine: Option<Engine>, catalog: &Catalog) -> Result<Found> {
    let Some((model, variant)) = catalog.find(name) else {
        let near = catalog.nearest(name);
        bail!(fault!(
            "not found: `{name}` is no variant of the catalog, no file and no folder{}", suggest::or_nothing(near.as_deref());
            "give `model/variant` (`planner catalog show MODEL` lists them), a .gguf file, or a folder with `config.json`"
        ));
    };
    let variant = match variant {
        Some(variant) => variant,
        None => only(name, model, engine)?,
    };
    found(model, variant).map_err(|why| {
        anyhow!(fault!(
            "`{name}` {why}";
            "name a variant for llama.cpp or MLX: `planner catalog show {}` lists them", model.id
        ))
    })
}

/// Every variant of a model that was named without one, in the order of their size; none where
/// another thing is named, or there is but one.
pub(in crate::app) fn variants(
    name: &str,
    engine: Option<Engine>,
    catalog: &Catalog,
) -> Option<Several> {
    let (model, None) = catalog.find(name)? else {
        return None;
    };
    let mut all = for_engine(model, engine);
    all.sort_by_key(|v| v.weights_bytes);
    let mut several = Several {
        source: model.name.clone(),
        found: Vec::new(),
        left_out: Vec::new(),
    };
    for variant in all {
        let name = full_name(model, variant);
        match found(model, variant) {
            Ok(found) => several.found.push((name, found)),
            Err(reason) => several.left_out.push(LeftOut {
                model: name,
                reason,
            }),
        }
    }
    (several.found.len() + several.left_out.len() > 1).then_some(several)
}

fn for_engine(model: &Model, engine: Option<Engine>) -> Vec<&Variant> {
    let possible = |v: &&Variant| engine.is_none_or(|e| v.engine == e.id());
    model.variants.iter().filter(possible).collect()
}

/// A variant as it is asked about, or why it can't be.
fn found(model: &Model, variant: &Variant) -> Result<Found, String> {
    let runs_in = Engine::from_id(&variant.engine).ok_or_else(|| {
        format!(
            "runs in {}, whose memory planner does not know",
            variant.engine
        )
    })?;
    let subject = Subject {
        name: title(model, variant),
        engine: runs_in,
        architecture: model.architecture.clone().ok_or_else(|| {
            "the catalog has no confirmed architecture figures for it; the header of its .gguf file or the `config.json` of its folder has them".to_owned()
        }),
        weights: weights_of(variant),
        split: Split {
            quantization: Some(variant.quantization.clone()),
            beside: variant.other_weights_bytes.unwrap_or(Bytes::ZERO),
            inside: Inside {
                parameters: Some((model.parameters_total, model.parameters_active)),
                ..Inside::default()
            },
        },
        apart: Apart::default(),
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
    match for_engine(model, engine).as_slice() {
        [one] => Ok(one),
        [] if model.variants.is_empty() => bail!(names::no_file(name)),
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
