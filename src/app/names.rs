//! Names that requests give to chips and variants.

use anyhow::{Result, bail};

use crate::catalog::Catalog;
use crate::catalog::schema::{Model, Variant};
use crate::fault;
use crate::fault::Fault;
use crate::machine::Profiles;
use crate::suggest;

/// Where the names of models stand.
pub(super) const LISTED: &str = "`planner catalog list` shows the models";

/// A chip by its id, whole.
///
/// # Errors
/// When the table has none of that id; the error names the nearest.
pub fn chip(id: &str, profiles: &Profiles) -> Result<String> {
    if profiles.chips.iter().any(|c| c.id == id) {
        return Ok(id.to_owned());
    }
    let near = suggest::nearest(id, profiles.chips.iter().map(|c| c.id.as_str()));
    bail!(fault!(
        "chip not found: `{id}`{}", suggest::or_nothing(near.as_deref());
        "`planner machines` shows the chips that are known"
    ))
}

/// That no catalog has a model of this name, with the nearest that one has. `asked` is what asked for
/// it, such as a flag; `hint` what to do.
pub(super) fn no_model(asked: &str, name: &str, catalog: &Catalog, hint: &str) -> Fault {
    let near = suggest::or_nothing(catalog.nearest(name).as_deref());
    fault!("{asked}model not found: `{name}`{near}"; "{hint}")
}

/// That a model is known by its scores alone.
pub(super) fn no_file(name: &str) -> Fault {
    fault!(
        "no file of `{name}` is known: the catalog has its scores alone";
        "`planner fit hf:OWNER/REPO` sizes a repository, `planner catalog add` keeps it"
    )
}

/// A variant of the catalog by `model/variant`.
///
/// # Errors
/// When the catalog has none of that name, or it is a model's; the error names the way out.
pub fn variant(name: &str, catalog: &Catalog) -> Result<String> {
    match catalog.find(name) {
        Some((_, Some(_))) => Ok(name.to_owned()),
        Some((model, None)) => {
            let variants: Vec<&str> = model.variants.iter().map(|v| v.id.as_str()).collect();
            bail!(fault!(
                "`{name}` is a model, and a variant is needed";
                "write `{name}/VARIANT` with one of {}", variants.join(", ")
            ))
        }
        None => {
            let near = catalog.nearest(name);
            bail!(fault!(
                "variant not found: `{name}`{}", suggest::or_nothing(near.as_deref());
                "`planner catalog list` shows the models; a file of your own adds one"
            ))
        }
    }
}

/// The variant that is named, or all of a model's.
///
/// # Errors
/// When the catalog has none of that name; the error names the nearest.
pub(super) fn variants<'a>(
    name: &str,
    catalog: &'a Catalog,
) -> Result<Vec<(&'a Model, &'a Variant)>> {
    match catalog.find(name) {
        Some((model, Some(variant))) => Ok(vec![(model, variant)]),
        Some((model, None)) => Ok(model.variants.iter().map(|v| (model, v)).collect()),
        None => bail!(no_model("", name, catalog, LISTED)),
    }
}
