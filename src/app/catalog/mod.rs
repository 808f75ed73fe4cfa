//! What is known of models: listed, shown, checked, added to.

mod add;
mod bundle;
mod export;
mod list;
mod offer;
mod own;
mod refresh;
mod saved_plans;
mod update;

pub use add::{AddRequest, Added, Missing, add};
pub use bundle::{BundleRequest, Bundled, bundle};
pub use export::{ExportRequest, Exported, export};
pub use list::{ListRequest, list};
pub use own::{edit, remove};
pub use refresh::{RefreshRequest, refresh};
pub use update::{UpdateRequest, Way, update};

use anyhow::{Result, bail};
use serde::Serialize;

use super::names::{LISTED, no_model};
use super::workspace::Workspace;
use crate::audit;
use crate::audit::Finding;
use crate::catalog::Catalog;
use crate::catalog::schema::{Measurement, Model};
use crate::edge::clock;
use crate::fault;

/// Version of the shape of the findings.
const SCHEMA: u32 = 1;

/// Everything that is known of a model; of a variant, of its model.
///
/// # Errors
/// When the catalog can't be read or has no such model.
pub fn show<'a>(workspace: &'a Workspace, name: &str) -> Result<&'a Model> {
    let catalog = workspace.catalog()?;
    let id = name.split('/').next().unwrap_or(name);
    let Some(found) = catalog.model(id) else {
        bail!(no_model("", id, catalog, LISTED));
    };
    if catalog.find(name).is_none() {
        bail!(fault!(
            "variant not found: `{name}`";
            "`planner catalog show {id}` lists the variants"
        ));
    }
    Ok(found)
}

/// What cannot be true in the catalog.
#[derive(Debug, Serialize)]
pub struct Findings {
    /// Version of this shape.
    pub schema: u32,
    /// Findings that nobody explained.
    pub unexplained: usize,
    /// All findings.
    pub findings: Vec<Finding>,
}

/// Checks the catalog.
///
/// # Errors
/// When it can't be read.
pub fn check(workspace: &Workspace) -> Result<Findings> {
    let (catalog, chips) = (workspace.catalog()?, &workspace.profiles().chips);
    let base = workspace.without_own()?;
    let decisive = decisive(catalog, base.catalog()?);
    let mut findings = audit::check(&decisive, chips);
    findings.extend(audit::to_come(&decisive, &clock::today()));
    if base.catalog()? != catalog {
        let (below, speed) = (base.catalog()?, base.speed_model()?);
        findings.extend(audit::added::check(below, catalog, speed, chips));
    }
    Ok(Findings {
        schema: SCHEMA,
        unexplained: findings.iter().filter(|f| f.explanation.is_none()).count(),
        findings,
    })
}

/// The catalog without rows of the user's that are held back: their reasons stand in their own
/// findings.
fn decisive(catalog: &Catalog, base: &Catalog) -> Catalog {
    let mut decisive = catalog.clone();
    for model in &mut decisive.models {
        let below = base.model(&model.id);
        let ships = |m: &Measurement| below.is_some_and(|b| b.measurements.contains(m));
        model
            .measurements
            .retain(|m| m.suspect.is_none() || ships(m));
    }
    decisive
}
