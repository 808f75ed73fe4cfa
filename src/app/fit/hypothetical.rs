//! A model that need not exist: so many bytes of weights, built like one that does, or like any.

use anyhow::{Result, bail};

use crate::app::names::{LISTED, no_model};
use crate::catalog::Catalog;
use crate::fault;
use crate::fit::{Shape, Subject, shapes_of_size, siblings};
use crate::memory::Engine;
use crate::units::Bytes;

/// A subject, and the architectures that it may have; none where it has one.
pub(super) fn find(
    weights: Bytes,
    like: Option<&str>,
    engine: Option<Engine>,
    catalog: &Catalog,
) -> Result<(Subject, Vec<Shape>)> {
    let engine = engine.unwrap_or(Engine::LlamaCpp);
    let size = weights.both();
    let Some(like) = like else {
        let subject = Subject::hypothetical(format!("a model of {size}"), weights, engine);
        return Ok((subject, shapes_of_size(catalog, weights, engine)));
    };
    let Some((model, _)) = catalog.find(like) else {
        bail!(no_model("`--like`: ", like, catalog, LISTED));
    };
    let Some(architecture) = model.architecture.clone() else {
        bail!(fault!(
            "`--like {like}`: the catalog has no confirmed architecture figures for it";
            "name another model that is built alike"
        ));
    };
    let name = format!("a model of {size}, built like {}", model.name);
    let mut subject = Subject::hypothetical(name, weights, engine);
    subject.siblings = siblings(model, engine);
    subject.context_length = Some(model.context_length);
    subject.architecture = Ok(architecture);
    Ok((subject, Vec::new()))
}
