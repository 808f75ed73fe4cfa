//! Which of a server's models to measure.

use std::path::Path;

use anyhow::{Result, bail};

use super::discover::Found;
use super::request::Models;
use crate::app::{names, plan_file};
use crate::catalog::Catalog;
use crate::edge::lms::Lms;
use crate::fault;
use crate::measure::server;
use crate::measure::server::{Kind, Served};
use crate::plan::document::Entry;
use crate::suggest;

/// A model to measure.
pub(in crate::app) struct Chosen {
    /// How the server knows it.
    pub(in crate::app) served: Served,
    /// Which variant it is, and how that is known.
    pub(in crate::app) variant: Option<(String, String)>,
}

impl Chosen {
    /// The name that the server is asked for.
    pub(in crate::app) fn name(&self) -> &str {
        &self.served.id
    }
}

/// The models that are asked for, each with its variant where that is known.
pub(in crate::app) fn choose(
    models: &Models,
    variant: Option<&str>,
    found: &Found,
    catalog: &Catalog,
    root: &str,
) -> Result<Vec<Chosen>> {
    let mut chosen = match models {
        Models::Named(name) => vec![named(name, found)?],
        Models::OfPlan(plan) => from_plan(plan, found)?,
        Models::OnlyLoaded => loaded(false, found, root)?,
        Models::AllLoaded => loaded(true, found, root)?,
    };
    if let Some(name) = variant {
        let [one] = chosen.as_mut_slice() else {
            bail!(fault!(
                "`--as {name}` names one variant, and {} models are measured", chosen.len();
                "measure them one by one"
            ));
        };
        one.variant = Some((names::variant(name, catalog)?, "`--as`".to_owned()));
    }
    let listed = if found.local && found.kind == Some(Kind::LmStudio) {
        Lms::find()
            .and_then(|lms| lms.loaded())
            .map_or(Vec::new(), |listing| listing.rows)
    } else {
        Vec::new()
    };
    for model in &mut chosen {
        let seen = server::variant_of(&model.served.id, catalog, &listed);
        match (&model.variant, &seen) {
            (None, _) => model.variant = seen,
            (Some((wanted, by)), Some((loaded, _))) if wanted != loaded => bail!(fault!(
                "`{}` is `{wanted}` by {by}, and LM Studio has loaded `{loaded}` under that name", model.served.id;
                "apply the plan anew, or give the right `--as`"
            )),
            _ => {}
        }
    }
    Ok(chosen)
}

fn named(name: &str, found: &Found) -> Result<Chosen> {
    let served = match found.models.iter().find(|m| m.id == name) {
        Some(served) => served.clone(),
        // A server that lists nothing is asked all the same.
        None if found.models.is_empty() => Served {
            id: name.to_owned(),
            ..Served::default()
        },
        None => {
            let near = suggest::nearest(name, found.models.iter().map(|m| m.id.as_str()));
            bail!(fault!(
                "model not found on the server: `{name}`{}", suggest::or_nothing(near.as_deref());
                "it has {}", list(&found.models)
            ));
        }
    };
    Ok(Chosen {
        served,
        variant: None,
    })
}

fn loaded(all: bool, found: &Found, root: &str) -> Result<Vec<Chosen>> {
    let loaded = found.models.iter().filter(|m| m.loaded != Some(false));
    let chosen: Vec<Chosen> = loaded
        .map(|served| Chosen {
            served: served.clone(),
            variant: None,
        })
        .collect();
    match chosen.len() {
        0 if found.models.is_empty() => bail!(fault!(
            "the server at {root} lists no models";
            "name one, as the server knows it: `planner bench NAME`"
        )),
        0 => bail!(fault!(
            "no model is loaded";
            "load one with `lms load`, or name one that the server loads by itself: {}", list(&found.models)
        )),
        1 => Ok(chosen),
        _ if all => Ok(chosen),
        _ => bail!(fault!(
            "the server has several models";
            "name one, or measure all with `--loaded`: {}", list(&found.models)
        )),
    }
}

/// Each model of a plan under the name that it is served as.
fn from_plan(path: &Path, found: &Found) -> Result<Vec<Chosen>> {
    let plan = plan_file::read_loadout(path)?;
    plan.loadout
        .iter()
        .map(|entry| planned(entry, found))
        .collect()
}

fn planned(entry: &Entry, found: &Found) -> Result<Chosen> {
    let variant = entry.full_name();
    // One that is only on disk would be loaded as whatever file LM Studio picks.
    let served = found
        .models
        .iter()
        .find(|m| m.id == entry.identifier && m.loaded != Some(false));
    let Some(served) = served else {
        bail!(fault!(
            "the plan's `{variant}` is not loaded under its name `{}`", entry.identifier;
            "`planner apply` loads the plan; the server has {}", list(&found.models)
        ));
    };
    Ok(Chosen {
        served: served.clone(),
        variant: Some((variant, "the plan".to_owned())),
    })
}

fn list(models: &[Served]) -> String {
    let names: Vec<String> = models.iter().map(|m| format!("`{}`", m.id)).collect();
    names.join(", ")
}
